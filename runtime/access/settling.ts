/**
 * References that are strong until the running job ends and weak from then on. So is a WeakRef, but what it refers to stays
 * until then whatever happens; what was closed before, in a loop that opens many regions, can go at once here.
 */

/** What turns its strong references into weak ones when the running job ends. */
interface Settling {
  settle(): void;
}

const pending = new Set<Settling>();
let isQueued = false;

function settleAll(): void {
  isQueued = false;
  for (const one of pending) one.settle();
  pending.clear();
}

function settleAfterJob(one: Settling): void {
  // One for the whole job, however often the last of them is dropped meanwhile. Not queueMicrotask, in whose place test
  // frameworks put one that waits for them.
  if (!isQueued) void Promise.resolve().then(settleAll);
  isQueued = true;
  pending.add(one);
}

/** A reference to one object. */
export class SettlingRef<T extends object> implements Settling {
  #young: T | undefined;
  #weak: WeakRef<T> | undefined;

  constructor(target: T) {
    this.#young = target;
    settleAfterJob(this);
  }

  /** Undefined once it was collected, or dropped. */
  deref(): T | undefined {
    return this.#young ?? this.#weak?.deref();
  }

  drop(): void {
    pending.delete(this);
    this.#young = this.#weak = undefined;
  }

  settle(): void {
    this.#weak = this.#young && new WeakRef(this.#young);
    this.#young = undefined;
  }
}

/** What is collected leaves an empty WeakRef behind; the list is swept when as many have come as had stayed. */
const SWEEP_AT_LEAST = 64;
/** V8 ends the process when one job makes, or looks at, some 16 million WeakRefs. */
const LENGTH_MAX = 262_144;

/** References to many objects. Those that are added while it has 262,144 are left out. */
export class SettlingList<T extends object> implements Settling {
  /** Those of the running job. */
  #young: T[] = [];
  #settled: WeakRef<T>[] = [];
  #untilSweep = SWEEP_AT_LEAST;

  add(target: T): void {
    const count = this.#young.length;
    if (count === 0) settleAfterJob(this);
    if (this.#settled.length + count < LENGTH_MAX) this.#young.push(target);
  }

  /** Those that have not been collected, in the order in which they came. The list is empty from then on. */
  drain(): T[] {
    pending.delete(this);
    const [settled, young] = [this.#settled, this.#young];
    [this.#settled, this.#young] = [[], []];
    return settled.length === 0 ? young : [...settled.flatMap((reference) => reference.deref() ?? []), ...young];
  }

  settle(): void {
    if ((this.#untilSweep -= this.#young.length) < 0) {
      // To look at a WeakRef keeps its target as well, so a sweep comes as seldom as it can.
      this.#settled = this.#settled.filter((reference) => reference.deref() !== undefined);
      this.#untilSweep = Math.max(SWEEP_AT_LEAST, this.#settled.length);
    }
    for (const target of this.#young) this.#settled.push(new WeakRef(target));
    this.#young = [];
  }
}
