/** The accessors over one mapping, so that `close()` can retire them. Keeps none of them alive for longer than V8 would. */
import { retireAccessor } from "./retire.js";
import { type Settling, needNotSettle, settleAfterJob } from "./settling.js";

/** Accessors that are collected leave an empty WeakRef behind; the list is swept when as many have come as had stayed. */
const SWEEP_AT_LEAST = 64;
/**
 * Accessors are kept until the job that made them ends, and V8 ends the process when too many are kept by WeakRefs.
 * Accessors beyond this many at a time are not remembered: after close they read zeros, and do not throw.
 */
const TRACKED_MAX = 262_144;

export class Tracked implements Settling {
  /** Those of the running job. */
  #young: object[] = [];
  #settled: WeakRef<object>[] = [];
  #untilSweep = SWEEP_AT_LEAST;

  add(accessor: object): void {
    const count = this.#young.length;
    if (count === 0) settleAfterJob(this);
    if (this.#settled.length + count < TRACKED_MAX) this.#young.push(accessor);
  }

  settle(): void {
    if ((this.#untilSweep -= this.#young.length) < 0) {
      // To look at a WeakRef keeps its accessor as well, so a sweep comes as seldom as it can.
      this.#settled = this.#settled.filter((reference) => reference.deref() !== undefined);
      this.#untilSweep = Math.max(SWEEP_AT_LEAST, this.#settled.length);
    }
    for (const accessor of this.#young) this.#settled.push(new WeakRef(accessor));
    this.#young = [];
  }

  /** Makes every later use of the accessors throw ERR_SHM_CLOSED. Throws itself when somebody has frozen one. */
  retire(label: string): void {
    needNotSettle(this);
    const [young, settled] = [this.#young, this.#settled];
    [this.#young, this.#settled] = [[], []];
    const prototypes = new Map<object, object>();
    for (const accessor of young) retireAccessor(accessor, label, prototypes);
    for (const reference of settled) {
      const accessor = reference.deref();
      if (accessor !== undefined) retireAccessor(accessor, label, prototypes);
    }
  }
}
