/** What broadcasts refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

/** A tail that no writer leaves. */
export function damagedTail(facts: ShmErrorFacts, tail: number, position: number): Error {
  const what = "{field} is damaged: its tail says what no writer can have published";
  return refusal("ERR_SHM_FORMAT", what, facts, undefined, { tail, position });
}

/** `writer`: who could have published, "nobody" without one. */
export function nothingPublished(facts: ShmErrorFacts, writer: string, timeoutMs: number): Error {
  return refusal("ERR_SHM_BUSY", "{field}: nothing was published in time", facts, undefined, { writer, timeoutMs });
}

export function nothingClaimed(facts: ShmErrorFacts): Error {
  const expected = "a value, or an element that was claimed before";
  return outOfRange("{field} can publish {expected}", { ...facts, expected, found: undefined }, "claim one first");
}

export function claimedAlready(facts: ShmErrorFacts): Error {
  const what = "{field}: an element was claimed, and is not published";
  return refusal("ERR_SHM_BUSY", what, facts, "publish or discard it first");
}
