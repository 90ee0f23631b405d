/** What memory of this process alone refuses, one function per situation. */
import { type ShmError, type ShmRangeError, errorMessage, outOfRange, refusal } from "../errors.js";

const ALONE = "share() it with workers; for other processes make it by createAnonymous(), or under a name";

/** A descriptor, a token: what another process would open it by. */
export function localWithout(what: string, path: string): ShmError {
  return refusal("ERR_SHM_UNSUPPORTED", `memory of this process alone has no ${what}`, { path }, ALONE);
}

export function localDeaths(path: string): ShmError {
  const what = "nobody sees which threads that have memory of this process alone have ended";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "make the region under a name");
}

export function noSharedMemory(path: string): ShmError {
  const what = "there is no SharedArrayBuffer here";
  const remedy =
    "a page has it where it is served with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, remedy);
}

/** `size`: bytes. */
export function noLocalMemory(size: number, path: string, cause: unknown): ShmError {
  const reason = errorMessage(cause);
  const remedy = "make it smaller, or say less maxTail";
  return refusal("ERR_SHM_NO_SPACE", "the memory cannot be had", { path, cause }, remedy, { size, reason });
}

/** Both are bytes. */
export function growthBeyondReserve(size: number, most: number, path: string): ShmError {
  const facts = { field: "length", expected: `a region of at most ${most} bytes`, found: size, path };
  return refusal(
    "ERR_SHM_UNSUPPORTED",
    "no addresses were kept for a tail of that {field}",
    facts,
    "say maxTail when it is made",
  );
}

export function notALabel(found: unknown): ShmRangeError {
  return outOfRange("the {field} is {expected}", { field: "label", expected: "a text of 1 to 255 characters", found });
}

export function mayNotBlock(path: string, cause: unknown): ShmError {
  const what = "this thread may not block";
  const remedy = "use waitAsync and the other methods that end in Async, or wait in a worker";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path, cause }, remedy);
}

export function noAsyncWaits(path: string): ShmError {
  const what = "this engine has no Atomics.waitAsync, and nothing else tells a thread of a change that does not block";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "use a newer engine, or wait in a worker");
}

export function otherCode(
  code: "ERR_SHM_FORMAT" | "ERR_SHM_VERSION" | "ERR_SHM_LAYOUT",
  what: string,
  facts: { readonly field: string; readonly expected: unknown; readonly found: unknown; readonly path: string },
): ShmError {
  return refusal(code, what, facts, "run code that was generated from one schema in all threads");
}
