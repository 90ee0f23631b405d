/** A region of containers that many use under a lock, generated into a folder of its own. */
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";
import type { Assignable, Flyweight, Region, SharedRegion } from "@shmgen/runtime/codegen-v1";
import type { Queue, QueueReader } from "@shmgen/runtime/containers-v1";
import { MANIFEST, put, shmgen } from "../../cli/run-cli.js";

const SCHEMA = `
import type { array, f64, queue, Region, u32, u64, utf8 } from "@shmgen/schema";

export interface Job { id: u32; by: u32; sum: u32; name: utf8<12>; cost: f64; }
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
}
`;

export interface Job extends Flyweight {
  id: number;
  by: number;
  sum: number;
  name: string;
  cost: number;
}
type Jobs = Queue<Job, Assignable<Job>>;

export interface DepotData extends Flyweight {
  readonly jobs: Jobs;
  readonly one: Jobs;
  readonly wide: Jobs;
  readonly numbers: Queue<number>;
  readonly ids: Queue<bigint>;
  readonly names: Queue<string>;
  readonly grids: Queue<Float64Array, readonly number[]>;
  readonly lanes: { at(index: number): { readonly tasks: Queue<number> } };
}
export type QueueName = "jobs" | "one" | "wide";

type Options = Readonly<{ [option: string]: unknown }>;

/** What the generated module exports. */
export interface DepotModule {
  readonly Depot: {
    readonly layout: { readonly fields: readonly { name: string; offset: number; size: number }[] };
    createOrOpen(name: string, options?: Options): Region<DepotData>;
    open(name: string, options?: Options): Region<DepotData>;
    openReadOnly(name: string, options?: Options): Region<Flyweight & { readonly jobs: QueueReader<Job> }>;
    fromShared(shared: SharedRegion): Region<DepotData>;
  };
}

/** Generates it, for one test file; the URL of the module. */
export function generateDepot(): string {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-depot-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  put(folder, { "depot.shm.ts": SCHEMA, "package.json": MANIFEST });
  symlinkSync(join(import.meta.dirname, "../../../node_modules"), join(folder, "node_modules"));
  const { code, err } = shmgen(["generate", "-t", "js", "-q"], { cwd: folder });
  if (code !== 0) throw new Error(err);
  return pathToFileURL(join(folder, "generated/depot.js")).href;
}

/** What an element proves itself by. */
export const sumOf = (id: number, by = 0): number => (Math.imul(id, 0x9e3779b1) ^ Math.imul(by, 0x85ebca6b)) >>> 0;
export const jobOf = (id: number, by = 0): { id: number; by: number; sum: number } => ({ id, by, sum: sumOf(id, by) });
