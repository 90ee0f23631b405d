/**
 * Waiting until a counter changes that everybody may read: a seqlock's sequence, a broadcast's tail. The steps are those of
 * test/model/seqlock.ts and broadcast.ts.
 *
 * Who waits sets the word of sleepers and falls asleep on the counter. A writer clears that word before it publishes and looks at it
 * again afterwards; cleared after the publication, it would take the word from who already waits for the next one. A writer that dies
 * between the two wakes nobody, so sleepers look again after 100 ms. Who may not write cannot set the word, and looks every 20 ms.
 */
import { type FutexPort, type MemoryView, rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { monotonicMs } from "../../monotonic.js";
import { cannotSleep } from "./refusals.js";
import {
  READER_SLICE_MS,
  SLICE_MS,
  sleepAsync,
  TIMEOUT_MS,
  type WaitAsyncOptions,
  type WaitOptions,
} from "./sleeping.js";

/** What is waited for. */
export interface Watched {
  readonly view: MemoryView;
  /** Of the counter, 32 bits, and of the word of sleepers: bytes from the start of the view. */
  readonly counter: number;
  readonly sleepers: number;
  readonly field: string;
  /** The error of who waited in vain. */
  late(timeoutMs: number): Error;
}

/** Resolves with the counter when it is not `seen` any more. */
export async function changed(watched: Watched, seen: number, options: WaitAsyncOptions): Promise<number> {
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    const now = look(watched);
    if (now !== seen) return now;
    const { futex, mostMs } = announce(watched, timeoutMs, deadline);
    // Step changed.sleep
    await sleepAsync({ futex, byteOffset: watched.counter, expected: seen, timeoutMs: mostMs, signal });
  }
}

/** As {@link changed}, but blocks the thread. */
export function changedBlocking(watched: Watched, seen: number, { timeoutMs = TIMEOUT_MS }: WaitOptions): void {
  const deadline = monotonicMs() + timeoutMs;
  while (look(watched) === seen) {
    const { futex, mostMs } = announce(watched, timeoutMs, deadline);
    futex.wait(watched.counter, seen, mostMs); // Step changed.sleep
  }
}

function look({ view, counter, field }: Watched): number {
  if (view.closed) throw closed(view.label, field);
  return Atomics.load(rawMemory(view).u32, counter / 4); // Step changed.look
}

/** Says that somebody will sleep, as far as it may: on what, and how long at most. */
function announce(
  { view, sleepers, field, late }: Watched,
  timeoutMs: number,
  deadline: number,
): { readonly futex: FutexPort; readonly mostMs: number } {
  const { futex, u32: words } = rawMemory(view);
  if (futex === undefined) throw cannotSleep(view.label, field);
  const left = deadline - monotonicMs();
  if (left <= 0) throw late(timeoutMs);
  if (!view.readOnly) Atomics.store(words, sleepers / 4, 1); // Step changed.arm
  return { futex, mostMs: Math.min(left, view.readOnly ? READER_SLICE_MS : SLICE_MS) };
}
