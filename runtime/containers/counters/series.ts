/**
 * Series as who has them sees them. All values are doubles that lie at a multiple of 8 and are changed by one thread, so that a plain store is
 * enough: each of the platforms of this runtime makes it in one piece. A 64-bit integer would need `Atomics`, which
 * take three times as long.
 */
import type { MemoryView } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { spoilable } from "../../access/retire.js";
import { Uncloneable } from "../../access/uncloneable.js";
import { HISTOGRAM } from "../../../schema/containers/counters.js";
import type { Labels } from "../../../schema/containers/series-key.js";
import { badAmount } from "./refusals.js";

/** Which series it is, and where its values lie, bytes from the start of the view. */
export interface SeriesPlace {
  readonly view: MemoryView;
  readonly index: number;
  readonly value: number;
  readonly buckets: number;
  readonly key: string;
  readonly name: string;
  readonly labels: Labels;
  /** Lets go of it, and ends all objects of this thread that have it. */
  remove(place: SeriesPlace): void;
  /** Called when it is over. */
  ended(place: SeriesPlace): void;
  /** The error about one that was removed. */
  over(key: string): Error;
}

/** Its place is nobody's any more. */
export let endOf: (series: Series) => void;

/** What all kinds have. Good until the region is closed, or {@link Series.remove}. */
export abstract class Series extends Uncloneable {
  protected readonly numbers: Float64Array;
  /** Of the value in `numbers`. No number any more when it was removed, so that every use throws. */
  protected at: number;
  readonly #place: SeriesPlace;
  #isOver = false;

  static {
    spoilable<Series, never>(this, (own, unusable) => {
      own.at = unusable;
    });
    endOf = (series) => series.#end();
  }

  /** @internal */
  constructor(place: SeriesPlace) {
    super();
    this.numbers = rawMemory(place.view).f64;
    this.at = place.value / 8;
    this.#place = place;
    place.view.track(this);
  }

  /** `"http_requests_total"` */
  get name(): string {
    return this.#place.name;
  }

  get labels(): Labels {
    return { ...this.#place.labels };
  }

  /** Name and labels, as Prometheus writes them. */
  get key(): string {
    return this.#place.key;
  }

  /**
   * Frees the place of the series: what it has counted is gone. A second call does nothing, any other use of it throws; so do the objects that this
   * thread was given for the same key by other handles of the region, because the place may be another series' by then. Those of other threads
   * are series of their own, and stay. Whoever asks again has a new one.
   * @throws ShmError ERR_SHM_BUSY when another thread is within a call for 5 s, because it is stopped; ERR_SHM_CLOSED
   */
  remove(): void {
    if (!this.#isOver) this.#place.remove(this.#place);
  }

  #end(): void {
    this.#isOver = true;
    this.#place.ended(this.#place);
    const { over, key } = this.#place;
    const refuse = (): never => {
      throw over(key);
    };
    this.at = new Proxy({}, { get: refuse }) as never;
  }
}

/** A number that only rises: exact up to 2^53. */
export class Counter extends Series {
  readonly kind = "counter";

  /**
   * Adds to it, 1 without an argument, by one store of 8 bytes. Killed before, it has not counted; killed after, it has.
   * @throws ShmRangeError for what is no number from 0 on; ShmError ERR_SHM_CLOSED
   */
  add(amount = 1): void {
    if (typeof amount !== "number" || !(amount >= 0 && amount < Infinity)) throw notRising(amount);
    const { numbers, at } = this;
    numbers[at] = (numbers[at] as number) + amount; // Step series.add
  }

  /** What it has counted, this thread and those whose place it has taken. */
  get value(): number {
    return this.numbers[this.at] as number;
  }
}

/** A number that is what it was set to last. */
export class Gauge extends Series {
  readonly kind = "gauge";

  /** By one store of 8 bytes. @throws ShmRangeError for what is no number; ShmError ERR_SHM_CLOSED */
  set(value: number): void {
    if (typeof value !== "number") throw badAmount("value", "a number", value);
    this.numbers[this.at] = value;
  }

  /** Adds to it, also what is below 0. @throws ShmRangeError for what is no number; ShmError ERR_SHM_CLOSED */
  add(amount: number): void {
    if (typeof amount !== "number") throw badAmount("amount", "a number", amount);
    const { numbers, at } = this;
    numbers[at] = (numbers[at] as number) + amount;
  }

  get value(): number {
    return this.numbers[this.at] as number;
  }
}

const scratch = new Float64Array(1);
const halves = new Uint32Array(scratch.buffer);
const LAST = HISTOGRAM.buckets - 1;

/** The bucket of a value from 0 on. A bound belongs to the bucket below it. */
function bucketOf(value: number): number {
  scratch[0] = value;
  // The value just below: the upper half is one less where the lower one is 0.
  const high = halves[1] as number;
  const index = ((halves[0] === 0 ? high - 1 : high) >> HISTOGRAM.shift) - HISTOGRAM.first + 1;
  return index < 0 ? 0 : index > LAST ? LAST : index;
}

/** How often values of each size were observed, and their sum. */
export class Histogram extends Series {
  readonly kind = "histogram";
  readonly #buckets: number;

  /** @internal */
  constructor(place: SeriesPlace) {
    super(place);
    this.#buckets = place.buckets / 8;
  }

  /**
   * Counts a value by one store of 8 bytes, its bucket's; a second one adds it to the sum. Killed in between, the sum lacks it.
   * @throws ShmRangeError for what is no number from 0 on; ShmError ERR_SHM_CLOSED
   */
  observe(value: number): void {
    if (typeof value !== "number" || !(value >= 0 && value < Infinity)) throw notRising(value);
    const { numbers, at } = this;
    // First, because what was removed or closed throws here.
    const sum = (numbers[at] as number) + value;
    const bucket = this.#buckets + bucketOf(value);
    numbers[bucket] = (numbers[bucket] as number) + 1; // Step series.count
    numbers[at] = sum; // Step series.sum
  }

  get sum(): number {
    return this.numbers[this.at] as number;
  }

  get count(): number {
    // Throws when it was removed or closed.
    void this.sum;
    let count = 0;
    for (let index = 0; index <= LAST; index += 1) count += this.numbers[this.#buckets + index] as number;
    return count;
  }
}

function notRising(found: unknown): Error {
  return badAmount("amount", "a number from 0 on", found);
}
