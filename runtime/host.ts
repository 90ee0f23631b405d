/**
 * What the engine around the language gives: timers, warnings, threads. Another host has another file like this: in builds for browsers
 * `browser/host.ts` takes its place.
 */
import * as timers from "node:timers";
import * as threads from "node:worker_threads";

/** As setTimeout of node:timers/promises, which is loaded when it is first needed: most programs never do. */
export function sleep(
  ms: number,
  value?: undefined,
  options?: { readonly signal?: AbortSignal; readonly ref?: boolean },
): Promise<void> {
  return timers.promises.setTimeout(ms, value, options);
}

/** A turn of the loop of events. */
export function nextTurn(): Promise<void> {
  return timers.promises.setImmediate();
}

/** Tells people something that no call can throw. */
export function warn(message: string, code: string): void {
  process.emitWarning(message, { type: "ShmWarning", code });
}

/** Node 22.10 and later. Before, `structuredClone` makes an empty object of an accessor. */
export const { markAsUncloneable } = threads as { readonly markAsUncloneable?: (value: object) => void };

/**
 * Whether `Atomics.load`, once it is compiled, stores what it has loaded: in Bun's JavaScriptCore, on x86-64. In memory that is only read
 * that ends the process.
 */
export const atomicLoadsStore: boolean = process.versions["bun"] !== undefined;

/** This process and thread, by numbers for people. */
export function thisThread(): { readonly pid: number; readonly thread: number } {
  return { pid: process.pid, thread: threads.threadId };
}

/** Calls `end` when this thread ends in an orderly way. */
export function atThreadEnd(end: () => void): void {
  process.once("exit", end);
}
