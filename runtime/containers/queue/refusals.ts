/** What queues refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

export function noRoom(facts: ShmErrorFacts, timeoutMs: number): Error {
  const what = "{field} is full, and nobody made room in time";
  return refusal("ERR_SHM_BUSY", what, facts, "start more consumers, or wait longer", { timeoutMs });
}

export function noElement(facts: ShmErrorFacts, timeoutMs: number): Error {
  return refusal("ERR_SHM_BUSY", "{field} is empty, and nobody pushed in time", facts, undefined, { timeoutMs });
}

export function pushesAlready(path: string, field: string): Error {
  const remedy = "push it before, or behind";
  return refusal("ERR_SHM_BUSY", "{field}: this thread is within a push to it", { path, field }, remedy);
}

export function notAList(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field} is given {expected}", { ...facts, expected: "an array of elements", found });
}

export function badMost(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field} gives {expected} elements", { ...facts, expected: "a whole number of", found });
}
