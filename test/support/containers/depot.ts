/** A region of containers that many use under a lock, generated into a folder of its own. */
import type { Assignable, Flyweight, Region, SharedRegion } from "@shmgen/runtime/codegen-v1";
import type {
  Counters,
  CountersReader,
  Queue,
  QueueReader,
  SlotPool,
  SlotPoolReader,
  WorkQueue,
  WorkQueueReader,
} from "@shmgen/runtime/containers-v1";
import { generateModule } from "./generated-module.js";

/** `rest`: fields behind all others. */
const schemaOf = (rest: string): string => `
import type { array, atomic, bytes, counters, f64, queue, Region, slotPool, tail, u32, u64, utf8, workQueue } from "@shmgen/schema";

export interface Job { id: u32; by: u32; sum: u32; name: utf8<12>; cost: f64; }
export interface Frame { hits: atomic<u32>; owner: u32; pixels: bytes<24>; }
export interface Lane { tasks: queue<u32, 2>; }

export interface Depot extends Region<{ type: 79; version: 1; participants: 15 }> {
  jobs: queue<Job, 4>;
  one: queue<Job, 1>;
  wide: queue<Job, 64>;
  numbers: queue<u32, 4>;
  ids: queue<u64, 2>;
  names: queue<utf8<12>, 2>;
  grids: queue<array<f64, 3>, 2>;
  lanes: array<Lane, 3>;
  frames: slotPool<Frame, 3>;
  counts: slotPool<u32, 2>;
  handles: queue<u64, 8>;
  work: workQueue<Job, 4>;
  failed: workQueue<Job, 2>;
  texts: workQueue<utf8<12>, 2>;
  many: workQueue<Job, 48>;
  lent: workQueue<u64, 8>;
  next: atomic<u32>;
  isOver: atomic<u32>;
  isOn: atomic<u32>;
  stops: atomic<u32>;
  deaths: atomic<u32>;
  slow: atomic<u32>;
  longest: atomic<u32>;
  ledger: array<atomic<u32>, 65536>;
  stats: counters<3>;
  metrics: counters<64>;
${rest}}
`;
/** Each element has its own mark, or none yet. */
const GRAINS = "  grains: tail<atomic<u32>>;\n";

export interface Job extends Flyweight {
  id: number;
  by: number;
  sum: number;
  name: string;
  cost: number;
}
export interface Frame extends Flyweight {
  hits: number;
  readonly $hits: { add(value: number): number };
  owner: number;
  readonly pixels: Uint8Array;
}
type Jobs = Queue<Job, Assignable<Job>>;
type Work = WorkQueue<Job, Assignable<Job>>;

export interface DepotData extends Flyweight {
  readonly jobs: Jobs;
  readonly one: Jobs;
  readonly wide: Jobs;
  readonly numbers: Queue<number>;
  readonly ids: Queue<bigint>;
  readonly names: Queue<string>;
  readonly grids: Queue<Float64Array, readonly number[]>;
  readonly lanes: { at(index: number): { readonly tasks: Queue<number> } };
  readonly frames: SlotPool<Frame, Assignable<Frame>>;
  readonly counts: SlotPool<number>;
  readonly handles: Queue<bigint>;
  readonly work: Work;
  readonly failed: Work;
  readonly texts: WorkQueue<string>;
  readonly many: Work;
  readonly lent: WorkQueue<bigint>;
  /** Of storms: the id of the next element, whether all are there, whether it has begun, and what became of each: see depot-child.mjs. */
  next: number;
  isOver: number;
  isOn: number;
  /** Odd while somebody is stopped. */
  readonly $stops: { add(value: number): number };
  /** Changes before and after each death. */
  readonly $deaths: { add(value: number): number };
  /**
   * Of calls that wait for nothing but a lock, with a death since the one before and nobody stopped meanwhile: those of more than 100 ms,
   * and the longest, microseconds. On a busy machine these are also waits for a processor.
   */
  readonly slow: number;
  readonly longest: number;
  readonly ledger: { readonly length: number; at(index: number): number };
  readonly stats: Counters;
  readonly metrics: Counters;
  readonly grains?: { readonly length: number; at(index: number): number };
}
interface DepotReader extends Flyweight {
  readonly jobs: QueueReader<Job>;
  readonly frames: SlotPoolReader<Frame>;
  readonly work: WorkQueueReader<Job>;
  readonly stats: CountersReader;
  readonly metrics: CountersReader;
}

type Options = Readonly<{ [option: string]: unknown }>;

/** What the generated module exports. */
export interface DepotModule {
  readonly Depot: {
    readonly layout: { readonly fields: readonly { name: string; offset: number; size: number }[] };
    createOrOpen(name: string, options?: Options): Region<DepotData>;
    open(name: string, options?: Options): Region<DepotData>;
    openReadOnly(name: string, options?: Options): Region<DepotReader>;
    fromShared(shared: SharedRegion): Region<DepotData>;
  };
}

export interface DepotForm {
  readonly targets?: string;
  readonly grows?: boolean;
}

/** Generates it, for one test file; the URL of the module. `targets`: "js", or "js,c". `grows`: with a tail. */
export function generateDepot({ targets, grows = false }: DepotForm = {}): string {
  return generateModule("depot", schemaOf(grows ? GRAINS : ""), targets);
}

/** What an element proves itself by. */
export const sumOf = (id: number, by = 0): number => (Math.imul(id, 0x9e3779b1) ^ Math.imul(by, 0x85ebca6b)) >>> 0;
export const jobOf = (id: number, by = 0): { id: number; by: number; sum: number } => ({ id, by, sum: sumOf(id, by) });
