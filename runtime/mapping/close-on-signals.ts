/** Regions that are closed before a signal ends the process. By itself a signal ends it as a kill does: what it has open is left behind. */
import { isMainThread } from "node:worker_threads";
import { disposable } from "../access/disposing.js";
import { signalNumber } from "../os/index.js";
import { endProcess } from "./ending.js";
import { notASignal, signalsInWorker } from "./refusals.js";

/** Signals that end a process, and that it can be told of before. */
export type EndingSignal = "SIGHUP" | "SIGINT" | "SIGQUIT" | "SIGTERM" | "SIGUSR2";

/** What {@link closeOnSignals} returns: called, or at the end of a block that declares it with `using`, it takes that back. */
export interface ClosingOnSignals {
  (): void;
  readonly [Symbol.dispose]: () => void;
}

const SIGNALS: readonly EndingSignal[] = ["SIGHUP", "SIGINT", "SIGQUIT", "SIGTERM", "SIGUSR2"];
/** What a terminal, a shell and those who look after services send. */
const DEFAULT: readonly EndingSignal[] = ["SIGHUP", "SIGINT", "SIGTERM"];

/** How many have asked for it, by signal. */
const asked = new Map<EndingSignal, number>();

/**
 * Closes all regions, in all threads of the process, when one of these signals comes (default SIGHUP, SIGINT and SIGTERM), and then has the signal
 * end the process: its parent sees the same status as without. Where the program listens for that signal itself, it decides
 * about its end, and nothing is done here: its `process.exit()` closes the regions. Asked for twice, it is done once, until both have taken it back.
 *
 * Threads are given 100 ms; what one that is busy has open is left behind, as are regions of workers that were started before
 * this package was loaded in the main thread. A main thread that blocks, by a `wait` for instance, hears of no signal until it is back.
 * @throws ShmError ERR_SHM_UNSUPPORTED in a worker, which hears of no signals; ShmRangeError for what is no such signal
 */
export function closeOnSignals(signals: readonly EndingSignal[] = DEFAULT): ClosingOnSignals {
  if (!Array.isArray(signals)) throw notASignal(SIGNALS, signals);
  const wrong: unknown = signals.find((signal) => !SIGNALS.includes(signal));
  if (wrong !== undefined) throw notASignal(SIGNALS, wrong);
  if (!isMainThread) throw signalsInWorker();
  const mine = new Set(signals);
  for (const signal of mine) {
    const count = asked.get(signal) ?? 0;
    asked.set(signal, count + 1);
    // Before others: who listens once is gone from the list when others are called.
    if (count === 0) process.prependListener(signal, end);
  }
  return disposable(() => {
    for (const signal of mine) {
      const count = (asked.get(signal) ?? 0) - 1;
      if (count > 0) asked.set(signal, count);
      else forget(signal);
    }
    mine.clear();
  });
}

function forget(signal: EndingSignal): void {
  asked.delete(signal);
  process.off(signal, end);
}

function end(name: NodeJS.Signals): void {
  const signal = name as EndingSignal;
  if (process.listenerCount(signal) - 1 > politeListeners()) return;
  endProcess();
  for (const one of asked.keys()) forget(one);
  process.kill(process.pid, signal);
  // The first process of a container does not die of a signal that it does not handle.
  if (process.listenerCount(signal) === 0) process.exit(128 + signalNumber(signal));
}

/**
 * Listeners of the package `signal-exit`, which end the process only if nobody else listens, as we do: each would leave it to the other.
 * They are called again by our signal, when we do not listen any more. Versions 2 and 3, and 4, tell their number so.
 */
function politeListeners(): number {
  const places: unknown[] = [
    (process as { readonly __signal_exit_emitter__?: unknown }).__signal_exit_emitter__,
    (globalThis as Record<symbol, unknown>)[Symbol.for("signal-exit emitter")],
  ];
  const counts = places.map((place) => Number((place as { readonly count?: unknown } | undefined)?.count ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}
