/**
 * How many holds look through one mapping, in one word that their threads share. It decides nothing but who puts zero
 * pages over the mapping; who has the region open is the kernel's business. A thread that is terminated stays counted:
 * then nobody does, and the mapping goes when V8 has collected the last buffer over it.
 */

/** A count of one. */
export function newCount(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4)).fill(1);
}

/** One more; false when the last one has gone already. */
export function countIn(count: Int32Array): boolean {
  for (;;) {
    const now = Atomics.load(count, 0);
    if (now < 1) return false;
    if (Atomics.compareExchange(count, 0, now, now + 1) === now) return true;
  }
}

/** One less; true for the last one. */
export function countOut(count: Int32Array): boolean {
  return Atomics.sub(count, 0, 1) === 1;
}
