/**
 * References that are strong until the running job ends and weak from then on. So is a WeakRef, but what it refers to stays
 * until then whatever happens; what was closed before, in a loop that opens many regions, can go at once here.
 */

/** What turns its strong references into weak ones when the running job ends. */
abstract class JobScoped {
  /** Where it stands in {@link pending}; -1 when it does not. */
  #at = -1;

  /** Has {@link JobScoped.weaken} called when the running job ends. */
  protected await(): void {
    // One for the whole job, however often the last of them is dropped meanwhile. Not queueMicrotask, in whose place test
    // frameworks put one that waits for them.
    if (!isQueued) void Promise.resolve().then(JobScoped.weakenAll);
    isQueued = true;
    if (this.#at < 0) this.#at = pending.push(this) - 1;
  }

  /** Undoes {@link JobScoped.await}. The last one takes its place: a Set that is filled and emptied makes a new table each time. */
  protected forget(): boolean {
    if (this.#at < 0) return false;
    const last = pending.pop();
    if (last !== undefined && last !== this) {
      pending[this.#at] = last;
      last.#at = this.#at;
    }
    this.#at = -1;
    return true;
  }

  abstract weaken(): void;

  private static weakenAll(this: void): void {
    isQueued = false;
    for (const one of pending.splice(0)) {
      one.#at = -1;
      one.weaken();
    }
  }
}

const pending: JobScoped[] = [];
let isQueued = false;

/** A reference to one object. */
export class JobScopedRef<T extends object> extends JobScoped {
  #strong: T | undefined;
  #weak: WeakRef<T> | undefined;

  constructor(target: T) {
    super();
    this.#strong = target;
    this.await();
  }

  /** Undefined once it was collected, or dropped. */
  deref(): T | undefined {
    return this.#strong ?? this.#weak?.deref();
  }

  drop(): void {
    this.forget();
    this.#strong = this.#weak = undefined;
  }

  weaken(): void {
    this.#weak = this.#strong && new WeakRef(this.#strong);
    this.#strong = undefined;
  }
}

/**
 * Tells a registry of an object's collection. It is registered when the running job ends, since nothing that was closed before needs to
 * be: a registry keeps a record, and what it refers to, until the next collection of old objects.
 */
export class JobScopedWatch<T extends object, H extends object> extends JobScoped {
  readonly #registry: FinalizationRegistry<H>;
  readonly #held: H;
  #target: T | undefined;

  constructor(registry: FinalizationRegistry<H>, target: T, held: H) {
    super();
    this.#registry = registry;
    this.#target = target;
    this.#held = held;
    this.await();
  }

  /** Ends it, in time for the registry not to be told. */
  drop(): void {
    this.#target = undefined;
    if (!this.forget()) this.#registry.unregister(this.#held);
  }

  weaken(): void {
    if (this.#target !== undefined) this.#registry.register(this.#target, this.#held, this.#held);
    this.#target = undefined;
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
export class JobScopedList<T extends object> extends JobScoped {
  /** Those of the running job. */
  #strong: T[] = [];
  #weak: WeakRef<T>[] = [];
  #untilCleaning = CLEANED_AT_LEAST;

  add(target: T): void {
    const count = this.#strong.length;
    if (count === 0) this.await();
    if (this.#weak.length + count < LENGTH_MAX) this.#strong.push(target);
  }

  /** Those that have not been collected, in the order in which they came. The list is empty from then on. */
  drain(): T[] {
    this.forget();
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
