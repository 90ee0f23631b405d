/**
 * Sleeps for all pending waits of one thread at once, so that any number of them costs one thread and none of libuv's
 * pool. While waits are pending it never returns to its event loop; a control word wakes it for new messages. It sleeps in
 * slices, because a thread that sleeps in the kernel cannot be ended.
 */
import { type MessagePort, parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { monotonicMs } from "../monotonic.js";
import type { FutexWord } from "../os/contract.js";
import { WAIT_ANY_MAX, addressOf, wait, waitAny, wake } from "../os/waiting.js";
import { CONTROL, type WaitMessage, type WaitSettled, type WaitSetup } from "./wait-protocol.js";

/** `process.exit` waits this long for the worker. */
const SLICE_MS = 100;
/** Who waits again and again does so in less. */
const LINGER_MS = 5;
/** With more words than one call takes, they take turns. */
const TURN_MS = 5;

interface Pending extends FutexWord {
  readonly id: number;
  readonly deadlineMs: number;
}

function serve(port: MessagePort, control: Int32Array): void {
  const pending = new Map<number, Pending>();
  const controlAddress = addressOf(control.buffer);
  let hasWaitAny = true;
  Atomics.store(control, CONTROL.loaded, 1);
  wake(controlAddress + 4 * CONTROL.loaded, 1);

  const apply = (message: WaitMessage): void => {
    if (message.kind === "wait") pending.set(message.id, message);
    else for (const id of message.ids) if (pending.has(id)) settle(id, "timed-out");
  };
  const settle = (id: number, result: WaitSettled["result"]): void => {
    pending.delete(id);
    port.postMessage({ id, result } satisfies WaitSettled);
  };
  /** A notification for a word is for all who wait for it; the kernel has met one of them, who was in its queue just then. */
  const settleAt = (address: number): void => {
    for (const word of pending.values()) if (word.address === address) settle(word.id, "ok");
  };
  /** Waits that were woken, or whose word has changed; `timeoutMs` for each of them. */
  const probe = (words: Iterable<Pending>, timeoutMs: number): void => {
    for (const word of words) {
      if (!pending.has(word.id)) continue;
      const result = wait(word, timeoutMs);
      if (result === "ok") settleAt(word.address);
      else if (result === "not-equal") settle(word.id, "ok");
      else if (result === "gone") settle(word.id, "gone");
    }
  };
  const sleep = (seen: number): void => {
    // The first in turn go to the end, so that with many words all get their turns.
    const turn = [...pending.values()].slice(0, WAIT_ANY_MAX - 1);
    const crowded = turn.length < pending.size;
    if (crowded) {
      for (const word of turn) {
        pending.delete(word.id);
        pending.set(word.id, word);
      }
    }
    const nearest = Math.min(...turn.map((word) => word.deadlineMs));
    const sliceMs = Math.max(0, Math.min(crowded ? TURN_MS : SLICE_MS, nearest - monotonicMs()));
    if (!hasWaitAny) {
      probe(turn, Math.min(sliceMs, Math.max(1, 20 / turn.length)));
      return;
    }
    const woken = waitAny([{ address: controlAddress, expected: seen }, ...turn], sliceMs);
    hasWaitAny = woken !== undefined;
    const met = woken !== undefined && woken > 0 ? turn[woken - 1] : undefined;
    if (met !== undefined) settleAt(met.address);
    // One index comes back, but others may have been woken by then or have changed before.
    if (woken !== 0) probe(turn, 0);
  };
  /** Waits a moment for the next message, because a loop of events takes longer to be woken. */
  const hasNext = (seen: number): boolean => {
    const result = wait({ address: controlAddress + 4 * CONTROL.changes, expected: seen }, LINGER_MS);
    return result === "ok" || result === "not-equal";
  };
  const run = (): void => {
    for (;;) {
      const seen = Atomics.load(control, CONTROL.changes) >>> 0;
      for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
        apply(next.message as WaitMessage);
      }
      const now = monotonicMs();
      for (const word of pending.values()) if (word.deadlineMs <= now) settle(word.id, "timed-out");
      if (pending.size > 0) sleep(seen);
      else if (!hasNext(seen)) return;
    }
  };
  port.on("message", (message: WaitMessage) => {
    apply(message);
    run();
  });
}

if (parentPort !== null) serve(parentPort, (workerData as WaitSetup).control);
