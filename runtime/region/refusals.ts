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

export function notAViewLength(found: unknown, path: string): ShmRangeError {
  const facts = { field: "length", expected: "bytes, at least 1", found, path };
  return outOfRange("the {field} of a view is {expected}", facts);
}
