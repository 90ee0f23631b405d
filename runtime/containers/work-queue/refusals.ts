/** What queues of work refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

export function noJobRoom(facts: ShmErrorFacts, timeoutMs: number): Error {
  const what = "{field} is full, and no job was done in time";
  return refusal("ERR_SHM_BUSY", what, facts, "start more workers, or wait longer", { timeoutMs });
}

export function noJob(facts: ShmErrorFacts, timeoutMs: number): Error {
  return refusal("ERR_SHM_BUSY", "{field}: no job was ready in time", facts, undefined, { timeoutMs });
}

/** Of a lease that is over: it was done or given back before. */
export function leaseIsOver(facts: ShmErrorFacts, slot: number): Error {
  const what = "{field}: this lease is over, and its slot may hold another job by now";
  return refusal("ERR_SHM_CLOSED", what, facts, "copy what you need before done() or retry()", { slot });
}

/** Somebody has given the job of a living owner to others. */
export function notLeased(facts: ShmErrorFacts, slot: number, found: number): Error {
  const what = "{field} is damaged: this thread's job is said to be another one's";
  return refusal("ERR_SHM_FORMAT", what, facts, undefined, { slot, owner: found });
}

export function damagedLists(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_FORMAT", "{field} is damaged: its lists name slots that are in none", facts);
}

export function needsBoth(field: string, found: unknown): Error {
  const what = "maxAttempts and failed of {field} go together: how often a job is tried, and where it goes then";
  return outOfRange(what, { field, expected: "both, or none", found });
}

export function failedIsFull(facts: ShmErrorFacts): Error {
  const what = "{field}: a job has failed too often, and there is no room for it in the queue of those";
  return refusal("ERR_SHM_BUSY", what, facts, "take jobs out of that; this one will be leased again", undefined);
}
