/** What rings refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

export function unpublishedSlots(facts: ShmErrorFacts, claimed: number): Error {
  const what = "{field}: slots were claimed, and are not published";
  return refusal("ERR_SHM_BUSY", what, facts, "publish or discard them first", { claimed });
}

const NOTHING_TO = {
  publish: ["no slot is claimed, so none can be published", "claim one first"],
  release: ["it is empty, so nothing can be released", "peek or wait first"],
} as const;

/** A number of elements that are not there. `what` completes "can ...". */
export function badCount(facts: ShmErrorFacts, what: "publish" | "release", most: number, found: unknown): Error {
  if (most === 0) {
    const [none, remedy] = NOTHING_TO[what];
    return outOfRange(`{field}: ${none}`, { ...facts, found }, remedy);
  }
  return outOfRange(`{field} can ${what} {expected} elements`, { ...facts, expected: `1..${most}`, found });
}

/** One that lies beyond what a ring can hold. */
export function badPlace(facts: ShmErrorFacts, capacity: number, found: unknown): Error {
  return outOfRange("{field} has elements {expected}", { ...facts, expected: `0..${capacity - 1}`, found });
}
