/** A region of maps, of all kinds of keys and values, generated into a folder of its own. */
import type { Assignable, Flyweight, MemoryView, Region, SharedRegion } from "@shmgen/runtime/codegen-v1";
import type { SharedMap, SharedMapReader } from "@shmgen/runtime/containers-v1";
import { generateModule } from "./generated-module.js";

const SCHEMA = `
import type { array, bytes, enumOf, f64, map, num, Region, u16, u32, u64, u8, utf8 } from "@shmgen/schema";

export type Gear = enumOf<{ Park: 0; Drive: 3 }, u8>;
export interface Session { visits: u32; seen: f64; name: utf8<5>; }
export interface Words { words: array<u64, 8>; }
export interface Large { words: array<u64, 125>; }

export interface Caches extends Region<{ type: 79; version: 1; participants: 15 }> {
  sessions: map<utf8<13>, Session, 4>;
  /** Self-checking values of 8, 64 and 1,000 bytes. */
  numbers: map<u32, u64, 8>;
  records: map<u32, Words, 8>;
  larges: map<u32, Large, 8>;
  texts: map<u64, utf8<7>, 3>;
  gears: map<Gear, u16, 2>;
  tags: map<bytes<3>, f64, 5>;
  wide: map<num<u64>, array<u32, 3>, 1>;
  many: map<utf8<32>, u32, 1000>;
  lanes: array<map<u8, u8, 2>, 2>;
}
`;

export interface Session extends Flyweight {
  visits: number;
  seen: number;
  name: string;
}
export interface Words extends Flyweight {
  readonly words: BigUint64Array;
}
type Structs<K, T extends Flyweight> = SharedMap<K, T, Assignable<T>>;

export interface CachesData extends Flyweight {
  readonly sessions: Structs<string, Session>;
  readonly numbers: SharedMap<number, bigint>;
  readonly records: Structs<number, Words>;
  readonly larges: Structs<number, Words>;
  readonly texts: SharedMap<bigint, string>;
  readonly gears: SharedMap<number, number>;
  readonly tags: SharedMap<Uint8Array, number>;
  readonly wide: SharedMap<number, Uint32Array, readonly number[]>;
  readonly many: SharedMap<string, number>;
  readonly lanes: { at(index: number): SharedMap<number, number> };
}
interface CachesReader extends Flyweight {
  readonly sessions: SharedMapReader<string, Session>;
  readonly many: SharedMapReader<string, number>;
}

type Options = Readonly<{ [option: string]: unknown }>;

/** What the generated module exports. */
export interface CachesModule {
  readonly Session: { new (view: MemoryView, offset: number): Session; local(): Session };
  readonly Words: { local(): Words };
  readonly Large: { local(): Words };
  readonly Caches: {
    readonly layout: { readonly fields: readonly { name: string; offset: number; size: number }[] };
    createOrOpen(name: string, options?: Options): Region<CachesData>;
    open(name: string, options?: Options): Region<CachesData>;
    openReadOnly(name: string, options?: Options): Region<CachesReader>;
    fromShared(shared: SharedRegion): Region<CachesData>;
  };
}

/** Generates it, for one test file; the URL of the module. */
export function generateCaches(): string {
  return generateModule("caches", SCHEMA);
}
