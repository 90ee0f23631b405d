/** A region of seqlocks, of all kinds of values, generated into a folder of its own. */
import type { Assignable, Elements, Flyweight, MemoryView, Region, SharedRegion } from "@shmgen/runtime/codegen-v1";
import type { Seqlock, SeqlockReader } from "@shmgen/runtime/containers-v1";
import { generateModule } from "./generated-module.js";

const SCHEMA = `
import type { array, bits, enumOf, f32, f64, Region, seqlock, u32, u64, u8, utf8 } from "@shmgen/schema";

export type Gear = enumOf<{ Park: 0; Drive: 3 }, u8>;
export type Status = bits<{ ready: 1; mode: 3 }, u8>;
export interface Words { words: array<u32, 16>; }
export interface Large { words: array<u32, 250>; }
export interface Position { name: utf8<5>; x: f64; gear: Gear; }

export interface Gauges extends Region<{ type: 78; version: 1; participants: 15 }> {
  number: seqlock<u64>;
  record: seqlock<Words>;
  large: seqlock<Large>;
  text: seqlock<utf8<13>>;
  real: seqlock<f32>;
  gear: seqlock<Gear>;
  grid: seqlock<array<f64, 4>>;
  position: seqlock<Position>;
  status: seqlock<Status>;
  lanes: array<seqlock<u32>, 3>;
}
`;

/** Words of a record. */
export const WORDS = 16;

export interface Words extends Flyweight {
  readonly words: Uint32Array;
}
interface Status extends Flyweight {
  ready: number;
  mode: number;
}
interface Position extends Flyweight {
  name: string;
  x: number;
  gear: number;
}
export interface GaugesData extends Flyweight {
  readonly number: Seqlock<bigint>;
  readonly record: Seqlock<Words, Assignable<Words>>;
  readonly large: Seqlock<Words, Assignable<Words>>;
  readonly text: Seqlock<string>;
  readonly real: Seqlock<number>;
  readonly gear: Seqlock<number>;
  readonly grid: Seqlock<Float64Array, Elements<number>>;
  readonly position: Seqlock<Position, Assignable<Position>>;
  readonly status: Seqlock<Status, Assignable<Status>>;
  readonly lanes: { at(index: number): Seqlock<number> };
}
interface GaugesReader extends Flyweight {
  readonly number: SeqlockReader<bigint>;
  readonly record: SeqlockReader<Words>;
}

type Options = Readonly<{ [option: string]: unknown }>;

/** What the generated module exports. */
export interface GaugesModule {
  readonly Words: { new (view: MemoryView, offset: number): Words; local(): Words };
  readonly Large: { local(): Words };
  readonly Gauges: {
    readonly layout: { readonly fields: readonly { name: string; offset: number; size: number }[] };
    createOrOpen(name: string, options?: Options): Region<GaugesData>;
    open(name: string, options?: Options): Region<GaugesData>;
    openReadOnly(name: string, options?: Options): Region<GaugesReader>;
    fromShared(shared: SharedRegion): Region<GaugesData>;
  };
}

/** Generates it, for one test file; the URL of the module. */
export const generateGauges = (): string => generateModule("gauges", SCHEMA);
