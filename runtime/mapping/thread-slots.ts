/**
 * Which threads of a process use one mapping, in words that they share. It decides nothing but who puts zero pages
 * over the mapping; who has the region open is the kernel's business.
 *
 *   word 0   the gate: how often somebody has come in, or CLOSED
 *   word 1   how many use it without a slot: without /proc, or when all slots are taken
 *   word 2.. slots: 0, or the stamp of a thread that uses the mapping (see os/linux/threads.ts)
 *
 * Coming in: put the stamp into a slot, then raise the gate by one; refused if it is CLOSED. Leaving: take the stamp out, then
 * read the gate, look at all slots, and, if nobody is there who may still run, change the gate from what was read to CLOSED.
 * Who has done that puts zero pages over the mapping.
 *
 * Why nobody who uses the mapping ever meets zero pages: all these steps are atomic and have one order. Let L close the gate. Who came in
 * raised the gate either before L read it, so that his stamp was in its slot before L looked at the slots, and L found it
 * there unless he had left; or between L's reading and L's change, which fails then; or after it, and was refused. Only a stamp
 * whose thread has ended does not count, and such a thread runs nothing of ours any more, so it reads nothing.
 *
 * Why somebody does it when all have left or ended: of those who leave, the last to take his stamp out finds no other one
 * that counts, since each takes out his own before he looks. If the last one did not leave, but ended, nobody does it: there
 * is nobody who could, and the mapping goes when V8 has collected the last buffer over it. The same holds where a thread that
 * is not told by a slot ends without leaving.
 *
 * A slot of a thread that has ended is taken over by who needs one. Between that and the gate nobody relies on it: a looker who
 * took the dead for what they are fails at the gate, which was raised meanwhile.
 */
import { mayRun, threadStamp } from "../os/index.js";

/** The words. */
export type ThreadSlots = BigUint64Array;

/** What a thread has of the slots while it looks through the mapping. */
export interface ThreadSlot {
  readonly slots: ThreadSlots;
  /** Index of the word. */
  readonly at: number;
  readonly stamp: bigint;
}

const GATE = 0;
const UNCOUNTED = 1;
const FIRST = 2;
/** More threads than anybody runs in one process; any further ones are counted. */
const SLOTS = 62;
const CLOSED = 2n ** 64n - 1n;
const FREE = 0n;

/** Words of {@link newSlots}. */
export const SLOT_WORDS = FIRST + SLOTS;

let stampOfThread: bigint | undefined;

/** Of this thread, asked for once. */
function ownStamp(): bigint | undefined {
  return (stampOfThread ??= threadStamp());
}

/** With nobody in them. */
export function emptySlots(): ThreadSlots {
  return new BigUint64Array(new SharedArrayBuffer(8 * SLOT_WORDS));
}

/** With this thread in them. */
export function newSlots(): ThreadSlot {
  return takeSlot(emptySlots());
}

/** This thread as well; undefined when the last one has gone already. */
export function claimSlot(slots: ThreadSlots): ThreadSlot | undefined {
  if (Atomics.load(slots, GATE) === CLOSED) return undefined;
  const slot = takeSlot(slots);
  for (;;) {
    const gate = Atomics.load(slots, GATE);
    if (gate === CLOSED) {
      freeSlot(slot);
      return undefined;
    }
    if (Atomics.compareExchange(slots, GATE, gate, gate + 1n) === gate) return slot;
  }
}

/** True for the last one who can: he puts zero pages over the mapping. */
export function releaseSlot(slot: ThreadSlot): boolean {
  const { slots } = slot;
  freeSlot(slot);
  for (;;) {
    const gate = Atomics.load(slots, GATE);
    if (gate === CLOSED || isInUse(slots)) return false;
    if (Atomics.compareExchange(slots, GATE, gate, CLOSED) === gate) return true;
  }
}

/** A slot for this thread. Who looks through a mapping comes in by {@link claimSlot}. */
export function takeSlot(slots: ThreadSlots): ThreadSlot {
  const stamp = ownStamp();
  if (stamp !== undefined) {
    const isFree = (lease: bigint): boolean => lease === FREE;
    const isLeft = (lease: bigint): boolean => lease === FREE || !mayRun(lease, stamp);
    // What the dead have left is looked for when nothing else is free, because that takes system calls.
    for (const mayTake of [isFree, isLeft]) {
      for (let at = FIRST; at < slots.length; at += 1) {
        const lease = Atomics.load(slots, at);
        if (mayTake(lease) && Atomics.compareExchange(slots, at, lease, stamp) === lease) return { slots, at, stamp };
      }
    }
  }
  Atomics.add(slots, UNCOUNTED, 1n);
  return { slots, at: UNCOUNTED, stamp: FREE };
}

export function freeSlot({ slots, at, stamp }: ThreadSlot): void {
  if (at === UNCOUNTED) Atomics.sub(slots, UNCOUNTED, 1n);
  else Atomics.compareExchange(slots, at, stamp, FREE);
}

/** Whether there is a thread in them that may still run. */
export function isInUse(slots: ThreadSlots): boolean {
  if (Atomics.load(slots, UNCOUNTED) !== 0n) return true;
  for (let at = FIRST; at < slots.length; at += 1) {
    const lease = Atomics.load(slots, at);
    if (lease !== FREE && mayRun(lease, ownStamp())) return true;
  }
  return false;
}
