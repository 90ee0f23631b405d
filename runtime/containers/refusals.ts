/** What containers refuse, one function per situation. */
import { OWNER } from "../../schema/containers/owner.js";
import { type ShmErrorFacts, refusal } from "../errors.js";

// Owner words, and what is built of them.

export function readOnlyContainer(path: string, field: string): Error {
  const what = "{field} cannot be changed: the region was opened read-only";
  return refusal("ERR_SHM_READ_ONLY", what, { path, field });
}

export function noParticipants(path: string, field: string): Error {
  const what = "{field} needs to know who takes part, which only an open region does";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path, field }, "use region.data");
}

export function cannotSleep(path: string, field: string): Error {
  return refusal("ERR_SHM_UNSUPPORTED", "{field}: this memory has no wait and notify", { path, field });
}

export function heldByThisThread(path: string, field: string): Error {
  const remedy = "unlock it first, or let flows of one thread take it by lockAsync, which has them wait for each other";
  return refusal("ERR_SHM_BUSY", "{field}: this thread has it already", { path, field }, remedy);
}

/** `holder` is undefined when it has gone meanwhile. */
export function stillHeld(facts: ShmErrorFacts, holder: string | undefined, timeoutMs?: number): Error {
  const what =
    timeoutMs === undefined ? "{field}: somebody has it" : "{field}: somebody has it, and did not let go in time";
  return refusal("ERR_SHM_BUSY", what, facts, undefined, { holder, timeoutMs });
}

/** A word whose owner can be nobody. `found` is the whole word. */
export function noOwner(facts: ShmErrorFacts & { readonly found: number }): Error {
  const what = "{field} is damaged: its owner is nobody who takes part, or not the one it was given to";
  return refusal("ERR_SHM_FORMAT", what, facts, undefined, { owner: facts.found & OWNER.mask });
}
