/**
 * Flows of one thread that wait for one word, in the order in which they came: what `lockAsync` and its like wait in. The first one
 * tries; while there are any, one wait of the thread's is pending, whatever handles of the region they use.
 */
import { OWNER } from "../../../schema/containers/owner.js";
import type { FutexPort, ParticipantsPort } from "../../access/memory-view.js";
import { monotonicMs } from "../../monotonic.js";
import { type AbortOptions, SLICE_MS } from "./sleeping.js";
import { type Waiting, WaitQueue, type Wish } from "./wait-queue.js";

/** What a taker that waits can say. */
export interface TakeOptions extends AbortOptions {
  readonly timeoutMs?: number | undefined;
  /** Whether an abandoned word is left as it is. */
  readonly leavesAbandoned?: boolean;
}

/** The word, as a flow's own handle of the region has it. */
export interface FlowWord {
  readonly closed: boolean;
  attempt(purpose: "flow", leavesAbandoned: boolean, hasSlept: boolean): number;
  waitAsync(word: number, timeoutMs: number): ReturnType<FutexPort["waitAsync"]>;
  wakeOne(): void;
  /** Why a flow did not get it. */
  busy(timeoutMs: number): Error;
}

interface FlowWish extends Wish {
  readonly word: FlowWord;
  readonly leavesAbandoned: boolean;
  /**
   * Is called as soon as this thread has the word, and lets go of it; never throws. Without it the flow has the word when its promise's
   * listeners are called, and what runs before them finds that the thread has it.
   */
  readonly work: (() => void) | undefined;
}
/** One that waits, for who had the word when it is its turn. */
type Flow = Waiting<FlowWish, number>;

/** Times that a flow hands over to the next one in a row. Then the word is let go, so that other threads have their turns. */
const HAND_OVERS = 16;

class Flows {
  readonly #flows = new WaitQueue<FlowWish, number>();
  #handOvers = 0;
  /** When the pending wait ends at the latest, and which one it is. */
  #wakesAt = Infinity;
  #wait = 0;

  get isEmpty(): boolean {
    return this.#flows.isEmpty;
  }

  /** Resolves with who had the word, when it is this flow's turn. */
  add(wish: FlowWish): Promise<number> {
    return this.#flows.add(wish, (flow) => {
      const isAwaited = this.#wakesAt <= flow.deadline;
      if (this.#flows.first === flow || !isAwaited) this.#turn(this.#wakesAt !== Infinity);
    });
  }

  /** Gives the next flow what this thread has. False when there is none, or when others have to have their turns. */
  handOver(): boolean {
    this.#expire();
    const next = this.#flows.first;
    const hands = next !== undefined && this.#handOvers < HAND_OVERS;
    this.#handOvers = hands ? this.#handOvers + 1 : 0;
    if (hands) this.#give(next, OWNER.free);
    return hands;
  }

  /**
   * Lets the first ones try, as far as they get, and waits for the others. `hasSlept`: a wake-up may have come to this thread, which was
   * for one of all who sleep.
   */
  #turn(hasSlept: boolean): void {
    for (let flow = this.#flows.first; flow !== undefined; flow = this.#flows.first) {
      let result: number;
      try {
        result = flow.word.attempt("flow", flow.leavesAbandoned, hasSlept);
      } catch (error) {
        this.#flows.fail(flow, error);
        continue;
      }
      if (result >= OWNER.sleepers) {
        this.#sleep(result);
        return;
      }
      this.#give(flow, result);
    }
  }

  #give(flow: Flow, before: number): void {
    this.#flows.settle(flow, before);
    flow.work?.();
  }

  #sleep(word: number): void {
    this.#expire();
    const { first } = this.#flows;
    if (first === undefined) return;
    const now = monotonicMs();
    const until = this.#flows.until(now + SLICE_MS);
    if (this.#wakesAt <= until) return;
    this.#wakesAt = until;
    void this.#await(first, word, until - now);
  }

  async #await(first: Flow, word: number, timeoutMs: number): Promise<void> {
    const wait = (this.#wait += 1);
    let failed: { readonly reason: unknown } | undefined;
    try {
      const result = await first.word.waitAsync(word, timeoutMs);
      // It was for somebody who has gone meanwhile, so it is somebody else's.
      if (this.isEmpty && result === "ok") first.word.wakeOne();
    } catch (reason) {
      failed = { reason };
    }
    if (wait === this.#wait) this.#wakesAt = Infinity;
    if (failed !== undefined && !this.#refuseClosed(failed.reason) && this.#flows.has(first)) {
      this.#flows.fail(first, failed.reason);
    }
    this.#turn(true);
  }

  #expire(): void {
    this.#refuseClosed();
    this.#flows.expire(whyNot);
  }

  /** Whether there were flows whose handle has been closed. */
  #refuseClosed(reason?: unknown): boolean {
    const ended = this.#flows.those(({ word }) => word.closed);
    for (const flow of ended) this.#flows.fail(flow, reason ?? whyNot(flow));
    return ended.length > 0;
  }
}

/** Never throws: it is asked where nobody could catch that. */
function whyNot({ word, timeoutMs }: Flow): unknown {
  try {
    return word.busy(timeoutMs);
  } catch (error) {
    return error;
  }
}

const all = new WeakMap<ParticipantsPort, Map<number, Flows>>();

/** The flows of this thread that wait for the word of this index, from the start of the memory. */
export function flowsOf(port: ParticipantsPort, index: number): Flows {
  let words = all.get(port);
  if (words === undefined) all.set(port, (words = new Map()));
  let flows = words.get(index);
  if (flows === undefined) words.set(index, (flows = new Flows()));
  return flows;
}
