/** What buffers of bytes refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

/** More bytes in one piece than there are. */
export function badSize(facts: ShmErrorFacts, capacity: number, found: unknown): Error {
  const what = "{field} has pieces of {expected} bytes";
  return outOfRange(what, { ...facts, expected: `0..${capacity}`, found }, "cut it, or make the buffer longer");
}

export function unpublishedBytes(facts: ShmErrorFacts, claimed: number): Error {
  const what = "{field}: bytes were claimed, and are not published";
  return refusal("ERR_SHM_BUSY", what, facts, "publish or discard them first", { claimed });
}

const NOTHING_TO = {
  publish: ["no bytes are claimed, so none can be published", "claim some first"],
  release: ["it is empty, so nothing can be released", "peek or wait first"],
} as const;

/** A number of bytes that are not there. */
export function badBytes(facts: ShmErrorFacts, what: "publish" | "release", most: number, found: unknown): Error {
  if (most === 0) {
    const [none, remedy] = NOTHING_TO[what];
    return outOfRange(`{field}: ${none}`, { ...facts, found }, remedy);
  }
  return outOfRange(`{field} can ${what} {expected} bytes`, { ...facts, expected: `0..${most}`, found });
}

export function notBytes(facts: ShmErrorFacts, found: unknown): Error {
  return outOfRange("{field} takes {expected}", { ...facts, expected: "a Uint8Array", found });
}

export function damagedPlaces(
  facts: ShmErrorFacts,
  places: { readonly write: number; readonly read: number; readonly watermark?: number; readonly capacity: number },
): Error {
  const what = "{field} is damaged: its places are none that a producer and a consumer leave";
  return refusal("ERR_SHM_FORMAT", what, facts, undefined, { ...places });
}

/** All that was shown, of nothing. */
export function nothingShown(facts: ShmErrorFacts): Error {
  return outOfRange("{field}: no bytes were shown that could be released", facts, "peek first, or say how many");
}
