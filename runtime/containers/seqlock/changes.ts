/**
 * Waiting until a seqlock's sequence changes. The steps are those of test/model/seqlock.ts.
 *
 * Who waits sets the word of sleepers and falls asleep on the sequence. A writer clears that word before it publishes and looks at it
 * again afterwards; cleared after the publication, it would take the word from who already waits for the next one. A writer that dies
 * between the two wakes nobody, so sleepers look again after 100 ms.
 */
import type { MemoryView } from "../../access/memory-view.js";
import { rawMemory } from "../../access/memory-view.js";
import { closed } from "../../access/refusals.js";
import { monotonicMs } from "../../monotonic.js";
import type { Cells } from "../parts/cells.js";
import { cannotSleep } from "../parts/refusals.js";
import { unchanged } from "./refusals.js";
import { READER_SLICE_MS, SLICE_MS, sleepAsync, TIMEOUT_MS, type WaitAsyncOptions } from "../parts/sleeping.js";

/** What is waited for. */
export interface Watched {
  readonly view: MemoryView;
  readonly cells: Cells;
  /** Of the sequence, bytes from the start of the view. */
  readonly offset: number;
  readonly field: string;
}

/** Resolves with the sequence when it is not `sequence` any more. */
export async function changed(watched: Watched, sequence: number, options: WaitAsyncOptions): Promise<number> {
  const { view, cells, offset: byteOffset, field } = watched;
  const { timeoutMs = TIMEOUT_MS, signal } = options;
  const { readOnly, label } = view;
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    signal?.throwIfAborted();
    if (view.closed) throw closed(label, field);
    const now = cells.sequence(); // Step changed.look
    if (now !== sequence) return now;
    const { futex } = rawMemory(view);
    if (futex === undefined) throw cannotSleep(label, field);
    const left = deadline - monotonicMs();
    if (left <= 0) throw unchanged(label, field, timeoutMs);
    if (!readOnly) cells.setSleepers(1); // Step changed.arm
    const slice = Math.min(left, readOnly ? READER_SLICE_MS : SLICE_MS);
    await sleepAsync({ futex, byteOffset, expected: sequence, timeoutMs: slice, signal }); // Step changed.sleep
  }
}

/** A value, and the sequence that it has. */
export interface Versioned<V> {
  readonly sequence: number;
  readonly value: V;
}

/** Each value that comes after `seen`, but for those that were replaced before anybody asked. */
export async function* changesAfter<V>(
  seen: number,
  wait: (seen: number) => Promise<number>,
  read: () => Versioned<V>,
): AsyncGenerator<V, void, undefined> {
  for (let last = seen; ;) {
    await wait(last);
    const { sequence, value } = read();
    last = sequence;
    yield value;
  }
}
