/**
 * The end of a process, as far as somebody can prepare for it: what has to be done then is done in all threads, once.
 *
 *   in   atEnd(work)   mapping/ lets go of regions, handover/ takes the names of sockets away
 *   out  the event `exit` of this thread, and in the main thread close-on-signals.ts, call `endThread` or `endProcess`
 *
 * An end of the main thread ends the others where they are, and nothing of theirs runs any more. So those that have work of this kind are
 * told by a word that they share, and waited for: a thread that is at its loop of events answers within a millisecond, one that is busy
 * does not answer, and what it has open is left behind as after a kill. Threads inherit the word when they are started, so those
 * that were started before the runtime was loaded are not told.
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import { isBigUint64Array, isInt32Array } from "../arguments/kinds-of-memory.js";
import { monotonicMs } from "../monotonic.js";
import { type ThreadSlots, emptySlots, freeSlot, isInUse, takeSlot } from "./thread-slots.js";

/** Longest wait for all other threads, ms. */
const TIMEOUT_MS = 100;
/** A thread that was ended meanwhile tells nobody. */
const LOOK_MS = 10;

/** Where threads find what they share. Its form is part of the name, for other copies of the package. */
const KEY = "@shmgen/runtime ending 1";
/** In `words`: whether the process ends, and how many threads have answered. */
const ENDING = 0;
const ANSWERS = 1;

interface Shared {
  readonly words: Int32Array;
  /** Threads that have something to do at the end. */
  readonly threads: ThreadSlots;
}

type Work = () => void;
/** ECMAScript 2024, which all versions of Node have that this runs on. */
type AsyncAtomics = typeof Atomics & {
  waitAsync(words: Int32Array, index: number, value: number): { readonly value: unknown };
};

const shared = sharedByThreads();
const works = new Set<Work>();
let isPrepared = false;

function sharedByThreads(): Shared | undefined {
  const found = Object(getEnvironmentData(KEY)) as Partial<Shared>;
  if (isInt32Array(found.words) && isBigUint64Array(found.threads)) return found as Shared;
  if (!isMainThread) return undefined;
  const made = { words: new Int32Array(new SharedArrayBuffer(8)), threads: emptySlots() };
  setEnvironmentData(KEY, made);
  return made;
}

/** `work` is called when this thread, or the process, ends in an orderly way. Never throws. Returns what takes that back. */
export function atEnd(work: Work): () => void {
  works.add(work);
  if (!isPrepared) prepare();
  return () => void works.delete(work);
}

function prepare(): void {
  isPrepared = true;
  if (isMainThread) process.once("exit", endProcess);
  else if (shared === undefined) process.once("exit", endThread);
  else answerIn(shared);
}

/** In a worker. */
function answerIn({ words, threads }: Shared): void {
  const slot = takeSlot(threads);
  let hasAnswered = false;
  const answer = (): void => {
    if (hasAnswered) return;
    hasAnswered = true;
    endThread();
    freeSlot(slot);
    Atomics.add(words, ANSWERS, 1);
    Atomics.notify(words, ANSWERS);
  };
  process.once("exit", answer);
  // Does not keep the thread alive.
  void Promise.resolve((Atomics as AsyncAtomics).waitAsync(words, ENDING, 0).value).then(answer);
}

function endThread(): void {
  for (const work of works) work();
}

/** In the main thread: does what is to be done in all threads. */
export function endProcess(): void {
  if (shared !== undefined) endOthers(shared);
  endThread();
}

function endOthers({ words, threads }: Shared): void {
  const end = monotonicMs() + TIMEOUT_MS;
  if (!isInUse(threads)) return;
  Atomics.store(words, ENDING, 1);
  Atomics.notify(words, ENDING);
  for (let left = TIMEOUT_MS; left > 0; left = end - monotonicMs()) {
    const seen = Atomics.load(words, ANSWERS);
    if (!isInUse(threads)) return;
    Atomics.wait(words, ANSWERS, seen, Math.min(LOOK_MS, left));
  }
}
