/** What maps refuse, one function per situation. */
import { outOfRange, refusal } from "../../errors.js";

export function full(path: string, field: string, capacity: number): Error {
  const remedy = 'delete some, give them a ttlMs, or set with evict: "oldest"';
  return refusal("ERR_SHM_BUSY", "{field} is full, and none of its entries has expired", { path, field }, remedy, {
    capacity,
  });
}

export function changesAlready(path: string, field: string): Error {
  const remedy = "make one change after the other";
  return refusal("ERR_SHM_BUSY", "{field}: this thread is within a change of it", { path, field }, remedy);
}

export function takenOutTooFast(path: string, field: string): Error {
  const what = "{field}: entries are replaced faster than one can be read";
  return refusal("ERR_SHM_BUSY", what, { path, field });
}

/** A chain without an end, or a link to no entry. */
export function damagedChain(path: string, field: string): Error {
  const remedy = "clear() makes a new start";
  return refusal("ERR_SHM_FORMAT", "{field} is damaged: the entries of a bucket are no chain", { path, field }, remedy);
}

export function damagedLists(path: string, field: string): Error {
  const remedy = "clear() makes a new start";
  return refusal("ERR_SHM_FORMAT", "{field} is damaged: no entry is free where one has to be", { path, field }, remedy);
}

export function badKeyBytes(field: string, size: number, found: unknown): Error {
  const facts = { field, expected: `a Uint8Array of ${size} bytes`, found };
  return outOfRange("{field} has keys of {expected}", facts);
}
