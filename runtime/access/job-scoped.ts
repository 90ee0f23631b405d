/**
 * References that are strong until the running job ends and weak from then on. So is a WeakRef, but what it refers to stays
 * until then whatever happens; what was closed before, in a loop that opens many regions, can go at once here.
 */

/** What turns its strong references into weak ones when the running job ends. */
interface JobScoped {
  weaken(): void;
}

const pending = new Set<JobScoped>();
let isQueued = false;

function weakenAll(): void {
  isQueued = false;
  for (const one of pending) one.weaken();
  pending.clear();
}

function weakenAfterJob(one: JobScoped): void {
  // One for the whole job, however often the last of them is dropped meanwhile. Not queueMicrotask, in whose place test
  // frameworks put one that waits for them.
  if (!isQueued) void Promise.resolve().then(weakenAll);
  isQueued = true;
  pending.add(one);
}

/** A reference to one object. */
export class JobScopedRef<T extends object> implements JobScoped {
  #strong: T | undefined;
  #weak: WeakRef<T> | undefined;

  constructor(target: T) {
    this.#strong = target;
    weakenAfterJob(this);
  }

  /** Undefined once it was collected, or dropped. */
  deref(): T | undefined {
    return this.#strong ?? this.#weak?.deref();
  }

  drop(): void {
    pending.delete(this);
    this.#strong = this.#weak = undefined;
  }

  weaken(): void {
    this.#weak = this.#strong && new WeakRef(this.#strong);
    this.#strong = undefined;
  }
}

/** What is collected leaves an empty WeakRef behind; the list is swept when as many have come as had stayed. */
const CLEANED_AT_LEAST = 64;
/** V8 ends the process when one job makes, or looks at, some 16 million WeakRefs. */
const LENGTH_MAX = 262_144;

/**
 * References to many objects. Those that are added while it has 262,144 are left out: 20 million accessors in one job take 146 MB
 * so. With WeakRefs alone, a job that opened and closed regions in a loop kept all their Wasm memories, and failed after 12,989.
 */
export class JobScopedList<T extends object> implements JobScoped {
  /** Those of the running job. */
  #strong: T[] = [];
  #weak: WeakRef<T>[] = [];
  #untilCleaning = CLEANED_AT_LEAST;

  add(target: T): void {
    const count = this.#strong.length;
    if (count === 0) weakenAfterJob(this);
    if (this.#weak.length + count < LENGTH_MAX) this.#strong.push(target);
  }

  /** Those that have not been collected, in the order in which they came. The list is empty from then on. */
  drain(): T[] {
    pending.delete(this);
    const [settled, young] = [this.#weak, this.#strong];
    [this.#weak, this.#strong] = [[], []];
    return settled.length === 0 ? young : [...settled.flatMap((reference) => reference.deref() ?? []), ...young];
  }

  weaken(): void {
    if ((this.#untilCleaning -= this.#strong.length) < 0) {
      // To look at a WeakRef keeps its target as well, so a sweep comes as seldom as it can.
      this.#weak = this.#weak.filter((reference) => reference.deref() !== undefined);
      this.#untilCleaning = Math.max(CLEANED_AT_LEAST, this.#weak.length);
    }
    for (const target of this.#strong) this.#weak.push(new WeakRef(target));
    this.#strong = [];
  }
}
