/** What pools of slots refuse, one function per situation. */
import { type ShmErrorFacts, outOfRange, refusal } from "../../errors.js";

/** A handle whose slot has been freed since, and may have been given to others: `now` is their generation, or that it is free. */
export function staleHandle(facts: ShmErrorFacts, slot: number, generation: number, now: number | "free"): Error {
  const what = "{field}: the slot of this handle was freed";
  return refusal("ERR_SHM_STALE", what, facts, "ask for nothing of it any more", { slot, generation, now });
}

export function notAHandle(facts: ShmErrorFacts, capacity: number, found: unknown): Error {
  const expected = `a handle that it gave, a bigint, of one of its ${capacity} slots`;
  return outOfRange("{field} takes {expected}", { ...facts, expected, found });
}

/** `what` was asked of a turn that is over. */
export function slotIsOver(facts: ShmErrorFacts, slot: number): Error {
  const what = "{field}: this slot was freed or lent by the object that is asked, which has it no more";
  return refusal("ERR_SHM_CLOSED", what, facts, "use what alloc() or take() gives next", { slot });
}

/** Freed by who had it, and has it no more: somebody took it over. `holder` is undefined for nobody. */
export function takenOver(facts: ShmErrorFacts, slot: number, holder: string | undefined): Error {
  const what = "{field}: somebody else has taken this slot over by its handle";
  return refusal("ERR_SHM_STALE", what, facts, "leave it to who has it now", { slot, holder });
}

export function noSlot(facts: ShmErrorFacts, holders: string, timeoutMs: number): Error {
  const what = "{field}: all slots are taken, and none came back in time";
  return refusal("ERR_SHM_BUSY", what, facts, undefined, { holders, timeoutMs });
}

export function allSlotsOwn(facts: ShmErrorFacts): Error {
  const remedy = "free one first, or wait for one by allocAsync";
  return refusal("ERR_SHM_BUSY", "{field}: this thread has all slots already", facts, remedy);
}

export function damagedList(facts: ShmErrorFacts): Error {
  return refusal("ERR_SHM_FORMAT", "{field} is damaged: its list of free slots names one that is none", facts);
}
