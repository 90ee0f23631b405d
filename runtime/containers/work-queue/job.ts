/** One job, as who has leased it sees it. */
import { disposes } from "../../access/disposing.js";

/** What the queue does for a job. */
export interface JobPort<T> {
  show(index: number): T;
  pushedAt(index: number): number;
  done(index: number): void;
  retry(index: number, isLast: boolean): void;
  /** The error about one that is over. */
  over(index: number): Error;
}

/** The slot of a job. */
export let slotOf: (job: Job<unknown>) => number;

/**
 * A job that this thread has leased. It has it until it says that it is done, or gives it back; if the thread ends before, in whatever way,
 * the job is the first to be leased again. `using` gives it back unless it is done.
 */
export class Job<T> {
  /** {@link Job.retry}, for `using`; nothing after {@link Job.done}. */
  declare readonly [Symbol.dispose]: () => void;
  /** Undefined when the lease is over. */
  #port: JobPort<T> | undefined;
  readonly #places: JobPort<T>;
  readonly #index: number;
  readonly #attempts: number;

  static {
    disposes(this, "retry");
    slotOf = (job) => job.#index;
  }

  /** @internal */
  constructor(port: JobPort<T>, index: number, attempts: number) {
    this.#port = this.#places = port;
    this.#index = index;
    this.#attempts = attempts;
  }

  /** How often it has been leased, this time included. */
  get attempts(): number {
    return this.#attempts;
  }

  /** What is to be done, in place, until the lease is over; of numbers and text the value. @throws ShmError ERR_SHM_CLOSED afterwards */
  get data(): T {
    return this.#leased().show(this.#index);
  }

  /** When it was pushed. */
  get pushedAt(): Date {
    return new Date(this.#leased().pushedAt(this.#index));
  }

  /**
   * It is done, and out of the queue, by one atomic store. Killed before, this thread leaves it to the next one, and it is done again. A
   * second call does nothing. @throws ShmError ERR_SHM_BUSY when another thread is within a call for 5 s, because it is stopped; ERR_SHM_CLOSED
   */
  done(): void {
    this.#end()?.done(this.#index);
  }

  /**
   * Gives it back: it is the next to be leased, or the last with `{ last: true }`. After {@link Job.done}, or a second time, it does nothing.
   * @throws as {@link Job.done}
   */
  retry({ last = false }: { readonly last?: boolean } = {}): void {
    this.#end()?.retry(this.#index, last);
  }

  #leased(): JobPort<T> {
    const port = this.#port;
    if (port === undefined) throw this.#places.over(this.#index);
    return port;
  }

  #end(): JobPort<T> | undefined {
    const port = this.#port;
    this.#port = undefined;
    return port;
  }
}
