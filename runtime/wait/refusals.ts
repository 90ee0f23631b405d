/** What waiting refuses, one function per situation. */
import { type ShmError, type ShmRangeError, errorCode, errorMessage, outOfRange, refusal } from "../errors.js";

export function closedRegion(path: string): ShmError {
  return refusal("ERR_SHM_CLOSED", "the region was closed", { path });
}

export function unmappedDuringWait(): ShmError {
  return refusal("ERR_SHM_CLOSED", "the memory was unmapped during a wait", {});
}

export function notATimeout(found: unknown): ShmRangeError {
  return outOfRange("{field} is {expected}", { field: "timeoutMs", expected: "milliseconds, at least 0", found });
}

/** `size`: bytes of the mapping. */
export function notAWord(offset: number, size: number, path: string): ShmRangeError {
  const facts = { path, expected: `a multiple of 4 below ${size}`, found: offset };
  return outOfRange("a wait needs a word of the mapping", facts);
}

export function waitThreadNotStarted(cause: unknown): ShmError {
  return withoutThread("the thread for waits cannot be started", cause);
}

export function waitThreadEnded(cause: unknown): ShmError {
  return withoutThread("the thread for waits has ended", cause);
}

function withoutThread(what: string, cause: unknown): ShmError {
  const code = errorCode(cause) ?? "";
  let remedy: string | undefined;
  // The thread's file lies beside ours, unless a bundler has moved ours.
  if (code.endsWith("MODULE_NOT_FOUND")) remedy = "keep @shmgen/runtime out of the bundle, as an external package";
  if (code === "ERR_ACCESS_DENIED") remedy = "with Node's --permission allow threads (--allow-worker)";
  const reason = cause === undefined ? "it was ended" : errorMessage(cause);
  return refusal("ERR_SHM_UNSUPPORTED", what, { cause }, remedy, { reason });
}
