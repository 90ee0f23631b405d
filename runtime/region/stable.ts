/**
 * Reads of memory that others guard by counters of their own, without a lock: see access/guards.ts for the counters, and test/model/stable.ts for
 * the proof.
 *
 *   look at the counters -> read -> fence -> look again -> what was read, or once more until the deadline
 */
import { fence } from "../access/fence.js";
import { type Flyweight, isAccessor, viewOf } from "../access/flyweight.js";
import { EvenGuard, type Guard, type Look, NewestGuard, PairGuard } from "../access/guards.js";
import { type Snapshot, snapshot } from "../access/plain.js";
import { checkFunction, checkOptions } from "../arguments/check-options.js";
import { deadlineIn, pause, remaining } from "../wait/clock.js";
import { neverWhole, notACopy, notAGuard } from "./refusals.js";

/** Fields of a struct that count, by their path: `"seq"`, `"header.version"`. */
export type CounterPath<T> = {
  [K in FieldsOf<T>]: T[K] extends number | bigint ? K : T[K] extends Flyweight ? `${K}.${CounterPath<T[K]>}` : never;
}[FieldsOf<T>];
/** Fields of a struct that are arrays of structs. */
export type BuffersPath<T> = {
  [K in FieldsOf<T>]: T[K] extends BuffersOf<Flyweight> ? K : never;
}[FieldsOf<T>];
type FieldsOf<T> = Extract<Exclude<keyof T, keyof Flyweight | `$${string}`>, string>;
interface BuffersOf<E> {
  readonly length: number;
  at(index: number): E;
}
/** What such an array has. */
export type BufferOf<T, A extends keyof T> = T[A] extends BuffersOf<infer E> ? E : never;

/** `begin` is raised before each write, `end` after it; both are equal while nobody writes. */
export interface PairOfCounters<T> {
  readonly begin: CounterPath<T>;
  readonly end: CounterPath<T>;
}
/** A counter that is odd while somebody writes. */
export interface EvenCounter<T> {
  readonly even: CounterPath<T>;
}
/** Buffers that are written in turn, each with a counter that is stored after its data and is the highest in the newest. */
export interface NewestBuffer<T, A extends BuffersPath<T>> {
  readonly newest: A;
  /** In the buffer. */
  readonly tick: CounterPath<BufferOf<T, A>>;
  /** Field that says how many of the buffers are in use. Default: all. */
  readonly count?: CounterPath<T>;
}

/** Options of {@link stable}. */
export interface StableOptions {
  /** Longest time for all tries, ms: the thread is blocked meanwhile. Default 100. */
  readonly timeoutMs?: number;
}

/** What {@link stable} reads: a region, or anything else that has an accessor as its `data`. */
export interface StableSource<T> {
  readonly data: T;
}

/**
 * A read of memory that another program writes and guards by counters of its own, so that nothing it gives is half of one write and half of another:
 * `stable(region, { begin: "versionBegin", end: "versionEnd" }, (page) => snapshot(page))`. `read` is called again while a write came in between; what it
 * throws because of torn values does not count then. It has to give a copy, and to be quick: it reads before the writer's next write, or in vain. The counters are loaded
 * atomically, plain fields of the schema too, and a barrier stands between `read` and the second look at them. Over read-only memory as well. It relies on a writer that
 * stores its counters and data in the order that the guard says.
 * @throws ShmError ERR_SHM_BUSY when no read was whole in time, with what the counters said: its writer has died in the middle, or writes without a pause;
 * ERR_SHM_CLOSED; ShmRangeError for counters that are no aligned integers, and for a `read` that gives an accessor or a promise; what `read` throws
 */
export function stable<T extends Flyweight>(
  region: StableSource<T>,
  guard: PairOfCounters<T> | EvenCounter<T>,
  read?: undefined,
  options?: StableOptions,
): Snapshot<T>;
export function stable<T extends Flyweight, V>(
  region: StableSource<T>,
  guard: PairOfCounters<T> | EvenCounter<T>,
  read: (data: T) => V,
  options?: StableOptions,
): V;
export function stable<T extends Flyweight, A extends BuffersPath<T>>(
  region: StableSource<T>,
  guard: NewestBuffer<T, A>,
  read?: undefined,
  options?: StableOptions,
): Snapshot<BufferOf<T, A>>;
export function stable<T extends Flyweight, A extends BuffersPath<T>, V>(
  region: StableSource<T>,
  guard: NewestBuffer<T, A>,
  read: (data: T, buffer: BufferOf<T, A>) => V,
  options?: StableOptions,
): V;
export function stable(
  region: StableSource<Flyweight>,
  guard: object,
  read: ((data: Flyweight, buffer: Flyweight) => unknown) | undefined = (data, buffer) => snapshot(buffer ?? data),
  options: StableOptions = {},
): unknown {
  checkFunction(read, "read");
  checkOptions(options, "stable");
  const { data } = Object(region) as StableSource<Flyweight>;
  if (!isAccessor(data)) throw notAGuard("region", region);
  const counters = guardOf(data, guard);
  const deadline = deadlineIn(options.timeoutMs ?? TIMEOUT_MS);
  let first: Look | undefined;
  let hasMoved = false;
  for (let tries = 1; ; tries += 1) {
    const before = counters.look();
    first ??= before;
    hasMoved ||= before.counters.some((counter, index) => counter !== first?.counters[index]);
    if (before.isWhole) {
      let value: unknown;
      let failure: { readonly error: unknown } | undefined;
      try {
        value = read(data, before.buffer as Flyweight); // Step stable.read
      } catch (error) {
        failure = { error };
      }
      fence(); // Step stable.fence
      if (counters.holds(before)) {
        if (failure !== undefined) throw failure.error;
        if (isAccessor(value) || isPromise(value)) throw notACopy(isPromise(value) ? "a promise" : "an accessor");
        return value;
      }
      hasMoved = true;
    }
    const isOver = tries >= AT_LEAST && remaining(deadline) === 0;
    if (isOver || (tries > AT_ONCE && !pause(tries - AT_ONCE, deadline, "holding"))) {
      const { field, expected } = counters;
      const facts = { field, expected, found: counters.describe(before), path: viewOf(data).label };
      throw neverWhole(facts, hasMoved, tries, deadline.timeoutMs);
    }
  }
}

/** The thread stands still meanwhile. A writer who was put aside by the system is back by then. */
const TIMEOUT_MS = 100;
/** Tries that there are whatever the time is: on a busy machine all of it may pass while this thread is put aside in the first one. */
const AT_LEAST = 16;
/** Tries without a pause: most writes take less time than one. */
const AT_ONCE = 50;

function guardOf(data: Flyweight, guard: object): Guard {
  const { begin, end, even, newest, tick, count } = Object(guard) as Readonly<Record<string, string | undefined>>;
  const keys = Object.keys(Object(guard) as object)
    .sort()
    .join(" ");
  if (keys === "begin end" && begin !== undefined && end !== undefined) return new PairGuard(data, begin, end);
  if (keys === "even" && even !== undefined) return new EvenGuard(data, even);
  if (/^(?:count )?newest tick$/.test(keys) && newest !== undefined && tick !== undefined) {
    return new NewestGuard(data, newest, tick, count);
  }
  throw notAGuard("guard", guard);
}

function isPromise(value: unknown): boolean {
  return typeof (Object(value) as { readonly then?: unknown }).then === "function";
}
