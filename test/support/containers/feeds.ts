/** A region of broadcasts, of all kinds of elements, generated into a folder of its own. */
import type { Assignable, Flyweight, MemoryView, Region, SharedRegion } from "@shmgen/runtime/codegen-v1";
import type { Broadcast, BroadcastReader } from "@shmgen/runtime/containers-v1";
import { generateModule } from "./generated-module.js";

const SCHEMA = `
import type { Aligned, array, broadcast, enumOf, f32, f64, Region, u32, u64, u8, utf8 } from "@shmgen/schema";

export type Side = enumOf<{ Buy: 0; Sell: 3 }, u8>;
export interface Tick { id: u32; price: f64; name: utf8<5>; side: Side; }
export interface Words { words: array<u32, 16>; }
export interface Large { words: array<u32, 250>; }
export interface Line extends Aligned<64> { id: u8; }

export interface Feeds extends Region<{ type: 79; version: 1; participants: 7 }> {
  ticks: broadcast<Tick, 8>;
  numbers: broadcast<u64, 16>;
  records: broadcast<Words, 16>;
  large: broadcast<Large, 16>;
  text: broadcast<utf8<13>, 1>;
  real: broadcast<f32, 2>;
  grid: broadcast<array<f64, 3>, 2>;
  line: broadcast<Line, 4>;
  lanes: array<broadcast<u32, 2>, 3>;
}
`;

/** Words of a record. */
export const WORDS = 16;

export interface Tick extends Flyweight {
  id: number;
  price: number;
  name: string;
  side: number;
}
export interface Words extends Flyweight {
  readonly words: Uint32Array;
}
interface Line extends Flyweight {
  id: number;
}
export interface FeedsData extends Flyweight {
  readonly ticks: Broadcast<Tick, Assignable<Tick>>;
  readonly numbers: Broadcast<bigint>;
  readonly records: Broadcast<Words, Assignable<Words>>;
  readonly large: Broadcast<Words, Assignable<Words>>;
  readonly text: Broadcast<string>;
  readonly real: Broadcast<number>;
  readonly grid: Broadcast<Float64Array, readonly number[]>;
  readonly line: Broadcast<Line, Assignable<Line>>;
  readonly lanes: { at(index: number): Broadcast<number> };
}
interface FeedsReader extends Flyweight {
  readonly ticks: BroadcastReader<Tick>;
  readonly records: BroadcastReader<Words>;
}

type Options = Readonly<{ [option: string]: unknown }>;

/** What the generated module exports. */
export interface FeedsModule {
  readonly Tick: { new (view: MemoryView, offset: number): Tick; local(): Tick };
  readonly Words: { local(): Words };
  readonly Large: { local(): Words };
  readonly Feeds: {
    readonly layout: { readonly fields: readonly { name: string; offset: number; size: number }[] };
    createOrOpen(name: string, options?: Options): Region<FeedsData>;
    open(name: string, options?: Options): Region<FeedsData>;
    openReadOnly(name: string, options?: Options): Region<FeedsReader>;
    fromShared(shared: SharedRegion): Region<FeedsData>;
  };
}

/** Generates it, for one test file; the URL of the module. */
export const generateFeeds = (): string => generateModule("feeds", SCHEMA);

/** Bytes before the payload. */
const HEADER = 128;

/** Where a broadcast begins in the region, and how long it is, in bytes. */
export function placeOf({ Feeds }: FeedsModule, name: keyof FeedsData): { readonly at: number; readonly size: number } {
  const field = Feeds.layout.fields.find((one) => one.name === name);
  return { at: HEADER + (field?.offset ?? 0), size: field?.size ?? 0 };
}
