/** Regions that workers of one test file share, and what this process has of them. */
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach } from "vitest";
import type { SharedMapping, SharedRegion } from "@shmgen/runtime";
import { mappedFrom, regionDirectory } from "../processes/processes.js";
import { type Thread, startThread, startThreads } from "./threads.mjs";

export const directory = regionDirectory();
export const support = join(import.meta.dirname, "..");
export const WASM = { mapping: "wasm" } as const;
export const threads: Thread[] = [];

afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.end();
});

export async function start(count: number): Promise<Thread[]> {
  const started = await startThreads(count);
  threads.push(...started);
  return started;
}

export async function startOne(): Promise<Thread> {
  const thread = await startThread();
  threads.push(thread);
  return thread;
}

/** How many look through a shared mapping, with those that ended without leaving it. */
export const lookers = (shared: SharedRegion): number =>
  (shared as SharedMapping).threads.subarray(1).filter((word) => word !== 0n).length;

/** How often this process has the region of a name mapped: once, however many threads look through it. */
export const mappings = (name: string): number =>
  mappedFrom(directory).filter((path) => path === `${directory}/${name}` || path === `${directory}/${name} (deleted)`)
    .length;

/** Descriptors of the region of a name that this process has, all threads together. */
export const descriptors = (name: string): number =>
  fs.readdirSync("/proc/self/fd").filter((fd) => {
    try {
      const target = fs.readlinkSync(`/proc/self/fd/${fd}`);
      return target === `${directory}/${name}` || target === `${directory}/${name} (deleted)`;
    } catch {
      return false;
    }
  }).length;

/** Opens what was shared in a worker and keeps it there. */
export async function adopt(thread: Thread, shared: SharedRegion, key = "region"): Promise<string> {
  return thread.run(
    ({ Counter, kept }, posted, name) => {
      const region = Counter.fromShared(posted);
      kept[name] = region;
      return `${region.outcome} ${region.name} ${region.generation} ${region.kind} ${region.tailLength}`;
    },
    shared,
    key,
  );
}

export const closeThere = (thread: Thread, key = "region"): Promise<void> =>
  thread.run(({ kept }, name) => kept[name]?.close(), key);

export const add = (thread: Thread, times: number, key = "region"): Promise<number> =>
  thread.run(
    ({ kept }, count, name) => {
      const data = kept[name]?.data;
      for (let n = 0; n < count; n += 1) data?.addCount(1);
      return data?.count ?? -1;
    },
    times,
    key,
  );
