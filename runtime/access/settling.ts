/**
 * References that are strong until the running job ends and weak from then on. So is a WeakRef, but what it refers to stays
 * until then whatever happens; what was closed before, in a loop that opens many regions, can go at once here.
 */
export interface Settling {
  /** Turns strong references into weak ones. */
  settle(): void;
}

const pending = new Set<Settling>();

function settleAll(): void {
  for (const one of pending) one.settle();
  pending.clear();
}

/** Has `one` settle when the running job ends. */
export function settleAfterJob(one: Settling): void {
  if (pending.size === 0) queueMicrotask(settleAll);
  pending.add(one);
}

/** `one` has nothing to settle any longer. */
export function needNotSettle(one: Settling): void {
  pending.delete(one);
}
