/** What scripts in a process of their own find ready: see scripts.ts. */
import { descriptorCount, descriptorsIn, mappedFrom, mapsOf } from "../regions/mapped.mjs";

export * as fs from "node:fs";
export { Worker, isMainThread, workerData } from "node:worker_threads";
export { tryExclusive } from "../../../runtime/dist/runtime/os/index.js";
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

/** Mappings of this process: all of them, or those of files in the directory. */
export const maps = () => mapsOf().length;
export const mapped = () => mappedFrom(directory).length;
/** Open descriptors of this process: all of them, or those of the directory and its files. */
export const descriptors = descriptorCount;
export const descriptorsThere = () => descriptorsIn(directory);
