/**
 * Loading an addon in a worker, without an end in between. A worker that is ended while it loads koffi, which takes some 3 ms,
 * takes the process with it: node-addon-api calls napi_fatal_error where an exception can no longer be thrown, unless the addon
 * was compiled with NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS. Nobody can hold off `terminate()`. But a thread sees its own end
 * coming, which ends its workers, and lets those go on that are loading just then.
 * @see https://github.com/nodejs/node-addon-api/pull/975
 */
import { getEnvironmentData, isMainThread, setEnvironmentData } from "node:worker_threads";
import { isInt32Array } from "./arguments/kinds-of-memory.js";

/** Whether this thread is one that may be ended by another. */
export const inWorker = !isMainThread;

/** Where workers find the word of the thread above them. Its format is part of the name, for other copies of the package. */
const KEY = "@shmgen/runtime loading 1";
/** In the word, beside the number of workers that are loading: nobody is to begin any more. */
const ENDING = 1 << 30;
/** Looks before a thread ends all the same: one that was terminated while it loaded, and did no harm, is counted for ever. */
const LOOKS = 20;
const LOOK_MS = 10;
/** Whoever has not been ended by then loads all the same. */
const ENDED_MS = 2000;

const inherited: unknown = getEnvironmentData(KEY);
const word = isInt32Array(inherited) ? inherited : ownWord();

function ownWord(): Int32Array {
  const own = new Int32Array(new SharedArrayBuffer(4));
  setEnvironmentData(KEY, own);
  process.once("exit", () => end(own));
  return own;
}

function end(own: Int32Array): void {
  Atomics.or(own, 0, ENDING);
  for (let look = 0; look < LOOKS; look += 1) {
    const seen = Atomics.load(own, 0);
    if (seen === ENDING) return;
    Atomics.wait(own, 0, seen, LOOK_MS);
  }
}

/** Loads at once in a worker, but not while the thread above it ends. The main thread loads when it likes. */
export function loadInWorker(load: () => void): void {
  if (!inWorker) return;
  const isEnding = (Atomics.add(word, 0, 1) & ENDING) !== 0;
  if (isEnding) {
    leave();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ENDED_MS);
  }
  try {
    load();
  } finally {
    if (!isEnding) leave();
  }
}

function leave(): void {
  Atomics.sub(word, 0, 1);
  Atomics.notify(word, 0);
}
