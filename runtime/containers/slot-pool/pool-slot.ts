/** One slot, as who has it sees it. */
import { disposes } from "../../access/disposing.js";

/** What the pool does for a slot. */
export interface SlotPort<T, W> {
  show(index: number): T;
  store(index: number, value: W): void;
  handleOf(index: number, generation: number): bigint;
  free(index: number, generation: number): void;
  lend(index: number): void;
  /** The error about one that is over. */
  over(index: number): Error;
}

/**
 * A slot of a pool that this thread has, until it is freed, or lent and taken by somebody else. `using` frees it, unless it was lent.
 */
export class PoolSlot<T, W = T> {
  /** {@link PoolSlot.free}, for `using`; nothing after {@link PoolSlot.lend}. */
  declare readonly [Symbol.dispose]: () => void;
  /** Undefined when this object's turn is over. */
  #port: SlotPort<T, W> | undefined;
  readonly #places: SlotPort<T, W>;
  readonly #index: number;
  readonly #generation: number;

  static {
    disposes(this, "free");
  }

  /** @internal */
  constructor(port: SlotPort<T, W>, index: number, generation: number) {
    this.#port = this.#places = port;
    this.#index = index;
    this.#generation = generation;
  }

  /** Place of the slot in the pool, from 0. */
  get index(): number {
    return this.#index;
  }

  /**
   * What others find it by, in any process: the generation of the slot in the upper 32 bits, its index in the lower ones. Never 0n. It is
   * stale from when the slot is freed on. For a `u64` of a ring, a queue or a message.
   */
  get handle(): bigint {
    return this.#places.handleOf(this.#index, this.#generation);
  }

  /**
   * What it holds, in place, with what was there before: nothing is cleared. Not to be used any more after {@link PoolSlot.free}, nor to be
   * written after {@link PoolSlot.lend}. Of numbers and text the value, which can be assigned.
   * @throws ShmError ERR_SHM_CLOSED when this object was freed or lent, or the region closed
   */
  get data(): T {
    const port = this.#port;
    if (port === undefined) throw this.#places.over(this.#index);
    return port.show(this.#index);
  }
  set data(value: W) {
    const port = this.#port;
    if (port === undefined) throw this.#places.over(this.#index);
    port.store(this.#index, value);
  }

  /**
   * Gives it back to the pool, and wakes one who waits for a slot; its handles are stale from then on. A second call does nothing.
   * @throws ShmError ERR_SHM_STALE when somebody else has taken it over by its handle; ERR_SHM_CLOSED
   */
  free(): void {
    const port = this.#port;
    if (port === undefined) return;
    this.#port = undefined;
    port.free(this.#index, this.#generation);
  }

  /**
   * Leaves it to whoever takes it by its handle; does nothing when somebody has already. To be called after the handle was pushed: killed
   * before, this thread takes the slot with it, and its receiver is told that the handle is stale; killed after, it leaves the slot to its
   * receiver. The other way round, nobody would know of the slot that is killed between the two.
   * @throws ShmError ERR_SHM_CLOSED
   */
  lend(): void {
    const port = this.#port;
    if (port === undefined) return;
    this.#port = undefined;
    port.lend(this.#index);
  }
}
