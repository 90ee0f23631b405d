/** What `shmgen inspect` says of queues, pools and queues of work: depth, owners, attempts and age, and only what holds something. */
import type { Region } from "@shmgen/runtime";
import { afterAll, beforeAll, expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";
import { shmgen } from "./run-cli.js";

const SCHEMA = `import type { queue, Region, slotPool, u32, workQueue } from "@shmgen/schema";
export interface Job { id: u32 }
export interface Depot extends Region<{ type: 1; version: 1 }> {
  tasks: queue<Job, 8>; frames: slotPool<Job, 4>; jobs: workQueue<Job, 6>; none: workQueue<u32, 2>;
}`;

interface Job {
  id: number;
}
interface Lease {
  retry(): void;
}
interface DepotData {
  readonly tasks: { push(job: Job): boolean; pop(): unknown };
  readonly frames: { alloc(): { readonly data: Job; lend(): void } | undefined };
  readonly jobs: { push(job: Job): boolean; lease(): Lease | undefined };
}
interface Module {
  readonly Depot: { createOrOpen(name: string): Region & { readonly data: DepotData } };
}

const directory = regionDirectory();
let region: Region;

beforeAll(async () => {
  const { Depot } = await importSchema<Module>({ "depot.shm.ts": SCHEMA }, "depot.shm.ts");
  const made = Depot.createOrOpen("depot");
  const { tasks, frames, jobs } = made.data;
  for (const id of [10, 11, 12]) tasks.push({ id });
  tasks.pop();
  for (const id of [20, 21]) {
    const slot = frames.alloc();
    if (slot === undefined) throw new Error("no slot");
    slot.data.id = id;
    if (id === 21) slot.lend();
  }
  for (const id of [30, 31, 32]) jobs.push({ id });
  jobs.lease()?.retry();
  jobs.lease();
  region = made;
});
afterAll(() => region.close());

const inspect = (...argv: string[]): string => {
  const { code, out, err } = shmgen(["inspect", "depot", ...argv], { env: { SHMGEN_DIR: directory } });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  return out;
};

it("says how much is in each container, who has what, and how old it is", () => {
  const out = inspect();
  for (const line of [
    "tasks (2 of 8)",
    "frames (2 of 4 free, 1 lent, 1 of participant 1)",
    "jobs (2 of 6 ready, 1 leased, 1 of participant 1, up to 2 attempts, oldest of 20",
    "none (0 of 2 ready, 0 leased)",
  ]) {
    expect(out).toContain(line);
  }
});

it("shows elements that are there, and all of them when asked", () => {
  const ids = (out: string): number[] => [...out.matchAll(/\bid = (\d+)/g)].map(([, id]) => Number(id));
  expect(ids(inspect())).toEqual([11, 12, 20, 21, 30, 31, 32]);
  expect(ids(inspect("--all"))).toHaveLength(8 + 4 + 6);
});
