/**
 * Sleeps that end as events of the loop: of a thread that does not sleep itself. Whoever wakes it connects to its pipe, which libuv hears; no thread of
 * ours and none of libuv's pool waits for that. A timer, the same for all sleeps, compares their words and knows their deadlines.
 */
import type * as Net from "node:net";
import type { EventWaits, FutexWord, WaitEvents } from "../contract.js";
import { sleep as pause } from "../../host.js";
import { monotonicMs } from "../../monotonic.js";
import { wordAt } from "./memory.js";
import { pipeForWaitsEnded } from "./refusals.js";
import { PIPE, nameOf, newSignal } from "./signals.js";
import { LOOK_MS, type Sleep, enter, isWoken, leave, renew } from "./sleeps.js";
import { placeOf } from "./wait-table.js";

interface Pending {
  readonly sleep: Sleep;
  readonly deadlineMs: number;
  isChanged(): boolean;
}

/** @throws ShmError ERR_SHM_UNSUPPORTED where no pipe may be made */
export function openEventWaits(events: WaitEvents): EventWaits {
  return new PipeWaits(events);
}

class PipeWaits implements EventWaits {
  readonly #events: WaitEvents;
  readonly #pending = new Map<number, Pending>();
  readonly #signal = newSignal(PIPE);
  readonly #server: Net.Server;
  /** When the timer looks next, and what makes it look before. */
  #nextMs = Infinity;
  #sooner = new AbortController();

  constructor(events: WaitEvents) {
    this.#events = events;
    const hear = (socket: Net.Socket): void => {
      socket.on("error", ignored);
      socket.destroy();
      this.#look();
    };
    this.#server = process.getBuiltinModule("node:net").createServer(hear);
    let cause: unknown;
    this.#server.on("error", (error) => {
      cause = error;
      this.#server.close();
    });
    this.#server.on("close", () => this.#lose(cause));
    try {
      // In a cluster the pipe is this process's own.
      this.#server.listen({ path: nameOf(this.#signal), exclusive: true });
    } catch (error) {
      throw pipeForWaitsEnded(error);
    }
    this.#server.unref();
  }

  start(id: number, word: FutexWord, timeoutMs: number): void {
    try {
      const place = placeOf(word.address);
      if (place === undefined) return this.#events.ended(id, "gone");
      const { isChanged } = wordAt(word);
      const deadlineMs = monotonicMs() + timeoutMs;
      this.#pending.set(id, { sleep: enter(place, this.#signal), deadlineMs, isChanged });
      // Step sleep.compare
      if (isChanged()) this.#end(id, "ok");
      else this.#lookAt(Math.min(deadlineMs, monotonicMs() + LOOK_MS));
    } catch (error) {
      this.#events.ended(id, error as Error);
    }
  }

  cancel(ids: readonly number[]): void {
    for (const id of ids) this.#end(id, "timed-out");
  }

  keepAlive(isNeeded: boolean): void {
    if (isNeeded) this.#server.ref();
    else this.#server.unref();
  }

  /** It was woken if its slot says so, whatever it ends by. */
  #end(id: number, result: "ok" | "timed-out"): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#pending.delete(id);
    this.#events.ended(id, leave(pending.sleep) ? "ok" : result);
  }

  #look(): void {
    const now = monotonicMs();
    for (const [id, { sleep, deadlineMs, isChanged }] of this.#pending) {
      renew(sleep);
      if (isWoken(sleep) || isChanged()) this.#end(id, "ok");
      else if (deadlineMs <= now) this.#end(id, "timed-out");
    }
  }

  #lookAt(ms: number): void {
    if (ms >= this.#nextMs) return;
    const isRunning = this.#nextMs !== Infinity;
    this.#nextMs = ms;
    if (isRunning) this.#sooner.abort();
    else void this.#lookOn();
  }

  /** As long as anything is pending. */
  async #lookOn(): Promise<void> {
    while (this.#nextMs !== Infinity) {
      const left = this.#nextMs - monotonicMs();
      if (left > 0) {
        this.#sooner = new AbortController();
        await pause(left, undefined, { ref: false, signal: this.#sooner.signal }).catch(ignored);
        continue;
      }
      this.#look();
      this.#nextMs = this.#pending.size === 0 ? Infinity : monotonicMs() + LOOK_MS;
      for (const { deadlineMs } of this.#pending.values()) this.#nextMs = Math.min(this.#nextMs, deadlineMs);
    }
  }

  #lose(cause: unknown): void {
    for (const { sleep } of this.#pending.values()) leave(sleep);
    this.#pending.clear();
    this.#nextMs = Infinity;
    this.#events.lost(pipeForWaitsEnded(cause));
  }
}

function ignored(): void {
  // Who connects has said all by that.
}
