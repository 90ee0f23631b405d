/** What several containers refuse, one function per situation. What one alone refuses stands beside it. */
import { OWNER } from "../../../schema/containers/owner.js";
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

export function readOnlyContainer(path: string, field: string): Error {
  const what = "{field} cannot be changed: the region was opened read-only";
  return refusal("ERR_SHM_READ_ONLY", what, { path, field }, "open the region read-write");
}

export function noParticipants(path: string, field: string): Error {
  const what = "{field} needs to know who takes part, and nobody does in private memory";
  const remedy = 'use the data of a region that is open, and not with access: "private"';
  return refusal("ERR_SHM_UNSUPPORTED", what, { path, field }, remedy);
}

export function cannotSleep(path: string, field: string): Error {
  return refusal("ERR_SHM_UNSUPPORTED", "{field}: this memory has no wait and notify", { path, field });
}

export function heldByThisThread(path: string, field: string): Error {
  const remedy = "unlock it first, or let flows of one thread take it by lockAsync, which has them wait for each other";
  return refusal("ERR_SHM_BUSY", "{field}: this thread has it already", { path, field }, remedy);
}

/** A flow of this thread waited for another one, or for itself. */
export function heldByAFlow(facts: ShmErrorFacts, holder: string | undefined, timeoutMs?: number): Error {
  const what = "{field}: this thread has it, and did not let go in time";
  const remedy = "unlock it in the flow that has it; one that has it and asks for it again waits for itself";
  return refusal("ERR_SHM_BUSY", what, facts, remedy, { holder, timeoutMs });
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

/** A word that others change all the time, or whose owner cannot be. */
export function damagedWord(path: string, field: string, found: number): Error {
  const what = "{field} is damaged: its words are changed by somebody who does not keep to the rules";
  return refusal("ERR_SHM_FORMAT", what, { path, field, found });
}

export function updateIsAsync(path: string, field: string): Error {
  const facts = { path, field, expected: "a function that has done its work when it returns", found: "a promise" };
  const what = "{field}: an update holds other writers up, and waits for nothing itself. Nothing was published";
  return outOfRange(what, facts, "await what it needs before the update");
}

export function updateIsReturned(path: string, field: string): Error {
  const facts = {
    path,
    field,
    expected: "a function that changes what it is given",
    found: "an object that it returns",
  };
  const what = "{field}: what an update of fields returns is not used. Nothing was published";
  return outOfRange(what, facts, "assign to the fields of its argument, or call write() with an object");
}

export function notALocal(field: string, own: unknown, found: unknown): Error {
  const { name } = Object(own).constructor as { readonly name: string };
  const isStruct = typeof own === "object" && own !== null && "layout" in (own.constructor as object);
  if (!isStruct) return outOfRange("{field} has no accessor to be read into", { field, found }, "use read()");
  const type = name.replace(/Reader$/, "");
  return outOfRange("{field} is read into {expected}", { field, expected: `what ${type}.local() gives`, found });
}

/** A role of a container that a living participant has. */
export function roleTaken(facts: ShmErrorFacts, role: string, holder: string | undefined): Error {
  return refusal("ERR_SHM_BUSY", `{field}: there is a ${role} already`, facts, undefined, { holder });
}

export function roleIsOurs(facts: ShmErrorFacts, role: string): Error {
  const what = `{field}: this thread is its ${role} already`;
  return refusal("ERR_SHM_BUSY", what, facts, "use that one, or close it first");
}

export function roleClosed(facts: ShmErrorFacts, role: string): Error {
  return refusal("ERR_SHM_CLOSED", `{field}: the ${role} was closed`, facts, "take the role again");
}

/** `other`: who could have changed it, "nobody" without one. */
export function stillFull(facts: ShmErrorFacts, other: string, timeoutMs: number): Error {
  const what = "{field} is full, and its consumer made no room in time";
  return refusal("ERR_SHM_BUSY", what, facts, undefined, { consumer: other, timeoutMs });
}

export function stillEmpty(facts: ShmErrorFacts, other: string, timeoutMs: number): Error {
  const what = "{field} is empty, and its producer published nothing in time";
  return refusal("ERR_SHM_BUSY", what, facts, undefined, { producer: other, timeoutMs });
}

/** Counters that no producer and consumer leave. */
export function damagedCounters(facts: ShmErrorFacts, tail: number, head: number, capacity: number): Error {
  const what = "{field} is damaged: it would hold more than it has slots";
  return refusal("ERR_SHM_FORMAT", what, facts, undefined, { tail, head, capacity });
}

/** `instead`: what takes values. */
export function nothingToClaim(facts: ShmErrorFacts, instead: string): Error {
  return refusal("ERR_SHM_UNSUPPORTED", "{field} has no structs to be filled in place", facts, `use ${instead}`);
}

export function drainedMeanwhile(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_BUSY", "{field} is being drained: what drain calls cannot take elements itself", facts);
}

export function iteratedAnew(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_BUSY", "{field}: a later iteration has taken the place of this one", facts);
}
