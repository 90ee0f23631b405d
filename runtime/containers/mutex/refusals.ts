/** What mutexes refuse, one function per situation. */
import { outOfRange, refusal } from "../../errors.js";

/** `pid` is that of a process which is gone; 0 when it is not known. */
export function abandoned(path: string, field: string, pid: number, at: number): Error {
  const facts = { path, field, ...(pid !== 0 && { pid }) };
  const what = "{field}: its owner died with it, and may have left a half of a change in what it guards";
  const remedy = 'pass repair, which mends that under the lock, or onAbandoned: "take"';
  return refusal("ERR_SHM_ABANDONED", what, facts, remedy, { foundAt: shownTime(at) });
}

export function repairsLater(field: string): Error {
  const what = "the option repair of {field} returned a promise, and the lock does not wait";
  return outOfRange(what, { field, expected: "nothing", found: "a promise" }, "repair at once, or use lockAsync");
}

/** Damaged words have times that are none. */
function shownTime(at: number): string {
  return at <= 8.64e15 ? new Date(at).toISOString() : `${at} ms`;
}
