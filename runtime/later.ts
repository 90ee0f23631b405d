/**
 * What opens regions is loaded when the first is opened: most of the runtime, which a process that only imports generated code
 * has no use for. `bundle.mjs` gives the doors functions that load it in the place of what they import.
 *
 *   in   the file, and the call of `require` that loads it: bundlers look for calls with a file's name
 *   out  a call that loads it the first time, and gives what it exports
 *
 * Opening is synchronous, and so is `require`.
 */
import { errorMessage, refusal } from "./errors.js";
import { inWorker } from "./loading.js";

const loads: (() => unknown)[] = [];

/** @throws ShmError ERR_SHM_UNSUPPORTED, by what it returns, when the file is not there, or cannot be loaded. */
export function later<T>(file: string, load: () => T): () => T {
  let made: T | undefined;
  const loaded = (): T => (made ??= required(file, load));
  loads.push(loaded);
  return loaded;
}

/**
 * Workers load everything while they start, before anybody can have heard of them and think of ending them. Called at the end of the
 * file that this module is in, since what is loaded takes from it.
 */
export function loadInWorkers(): void {
  if (!inWorker) return;
  try {
    for (const load of loads) load();
  } catch {
    // Said to whoever opens a region.
  }
}

function required<T>(found: string, load: () => T): T {
  try {
    return load();
  } catch (cause) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "the part of @shmgen/runtime that opens regions cannot be loaded",
      { found, cause },
      "install all files of the package; in a bundle keep it whole, or leave it out",
      { reason: errorMessage(cause).split("\n", 1)[0] },
    );
  }
}
