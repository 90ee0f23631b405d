/** What an open region refuses, one function per situation. */
import { type ShmError, type ShmRangeError, outOfRange, refusal } from "../errors.js";

/** A wish for rights that cannot be had. */
export function unknownAccess(allowed: readonly string[], found: unknown, path: string): ShmError | ShmRangeError {
  const facts = { field: "access", expected: allowed.join(" or "), found, path };
  if (!/exec/i.test(String(found))) return outOfRange("{field} is {expected} here", facts);
  const what =
    "regions are never mapped executable: whoever may write one could run code in every process that has it open";
  return refusal("ERR_SHM_UNSUPPORTED", what, facts);
}

export function foreignNotShared(path: string): ShmError {
  const remedy = "attach it in the worker, too: nothing of it is locked";
  return refusal("ERR_SHM_UNSUPPORTED", "memory of another program is not shared between threads", { path }, remedy);
}

export function viewBeyondRights(access: string, path: string): ShmError {
  const facts = { field: "access", expected: "read-only", found: access, path };
  const what = "the region was opened read-only, so no view of it can be written";
  return refusal("ERR_SHM_READ_ONLY", what, facts, "open the region read-write");
}

// Reads by counters of others.

export function neverWhole(
  facts: { readonly field: string; readonly expected: string; readonly found: string; readonly path: string },
  hasMoved: boolean,
  tries: number,
  waitedMs: number,
): ShmError {
  const why = hasMoved ? "its writer was at work during each read" : "a write has begun and not ended";
  const remedy = hasMoved
    ? "read less in one go, or try longer (timeoutMs)"
    : "its writer has stopped or died in the middle: see whether it runs, and start it again";
  return refusal("ERR_SHM_BUSY", `the memory was never whole: ${why}`, facts, remedy, { tries, waitedMs });
}

export function notACopy(found: string): ShmRangeError {
  const facts = { field: "read", expected: "a copy of what it read", found };
  const written = { found: undefined };
  return outOfRange(
    `{field} gives {expected}, not ${found}`,
    facts,
    "return snapshot(data), or values of fields",
    written,
  );
}

export function notAGuard(field: "region" | "guard", found: unknown): ShmRangeError {
  const expected =
    field === "region"
      ? "a region, or an object with an accessor as its data"
      : "{ begin, end }, { even } or { newest, tick, count? }, with names of fields";
  return outOfRange("{field} is {expected}", { field, expected, found });
}

export function notAViewLength(found: unknown, path: string): ShmRangeError {
  const facts = { field: "length", expected: "bytes, at least 1", found, path };
  return outOfRange("the {field} of a view is {expected}", facts);
}
