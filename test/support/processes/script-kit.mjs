/** What scripts in a process of their own find ready: see scripts.ts. */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";

export * as fs from "node:fs";
export { Worker, isMainThread, workerData } from "node:worker_threads";
export { tryExclusive } from "../../../runtime/dist/runtime/os/posix/flock.js";
export { Counter, counterOf, futexOf } from "../regions/counter.mjs";
export { locksOn } from "../regions/locks.mjs";

export const directory = process.env.SHMGEN_DIR ?? "";

/** The code of what a call throws. */
export function code(call) {
  try {
    call();
    return "none";
  } catch (error) {
    return error.code ?? String(error);
  }
}

const linesOfMaps = () => readFileSync("/proc/self/maps", "utf8").split("\n");
/** Mappings of this process: all of them, or those of files in the directory. */
export const maps = () => linesOfMaps().length;
export const mapped = () => linesOfMaps().filter((line) => line.includes(directory)).length;

const targetOf = (fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
};
/** Open descriptors of this process: all of them, or those of the directory and its files. */
export const descriptors = () => readdirSync("/proc/self/fd").length;
export const descriptorsThere = () =>
  readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).startsWith(directory)).length;
