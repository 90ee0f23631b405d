/** What messages refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal, show } from "../../errors.js";

/** `found`: bytes, as far as they were counted. */
export function tooLong(facts: ShmErrorFacts, most: number, found: unknown): Error {
  const what = "{field} has messages of {expected} bytes";
  return outOfRange(what, { ...facts, expected: `0..${most}`, found }, "cut it, or make the container longer");
}

export function notAMessage(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field} takes {expected}", { ...facts, expected: "text or a Uint8Array", found }, "use pushJson");
}

export function notJson(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field}: there is no JSON of {found}", { ...facts, found });
}

export function notTextual(facts: ShmErrorFacts, kind: unknown): Error {
  const what = `{field}: bytes are of kind bytes, and text is text or json, not ${show(kind)}`;
  return outOfRange(what, { ...facts, expected: '"text" or "json"', found: kind });
}

/** A thread would wait for itself. */
export function claimedByThisThread(path: string, field: string): Error {
  const what = "{field}: this thread has claimed a message, and has not published it";
  return refusal("ERR_SHM_BUSY", what, { path, field }, "publish or discard it first, or use pushAsync");
}

export function claimIsOver(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_CLOSED", "{field}: this claim was published or discarded", facts, "claim another one");
}

export function badKind(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field}: a message is of kind {expected}", { ...facts, expected: "bytes, text or json", found });
}

/** More than was claimed. */
export function beyondClaim(facts: ShmErrorFacts, most: number, found: unknown): Error {
  return outOfRange("{field}: {expected} bytes were claimed", { ...facts, expected: `0..${most}`, found });
}

export function nothingToRelease(facts: ShmErrorFacts): Error {
  return outOfRange("{field}: it is empty, so nothing can be released", facts, "peek or wait first");
}

export function messageIsOver(field: string): Error {
  const what = "{field}: this message was released, and its bytes are the producers' again";
  return refusal("ERR_SHM_CLOSED", what, { field }, "use it before, or take() a copy");
}

export function badJson(field: string, cause: unknown): Error {
  return refusal("ERR_SHM_FORMAT", "{field}: a message is no JSON", { field, cause }, undefined);
}

export function tooLongForText(field: string, most: number, found: number): Error {
  const what = "{field}: a message of {found} bytes is longer than any text";
  return outOfRange(what, { field, expected: `0..${most}`, found }, "use its bytes");
}

/** Places or a frame that no producer and consumer leave. */
export function damagedFrames(
  facts: ShmErrorFacts,
  what: "its places" | "a frame",
  numbers: Readonly<Record<string, number>>,
): Error {
  const text = `{field} is damaged: ${what} ${what === "a frame" ? "is none that a producer leaves" : "are none that its sides leave"}`;
  return refusal("ERR_SHM_FORMAT", text, facts, undefined, numbers);
}
