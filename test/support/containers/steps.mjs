/**
 * Every step of taking part, seen by the process that makes it, and its end before any of them: accesses of memory by `Atomics`, and the
 * locks of bytes (fcntl). To be imported before the runtime opens its first region.
 */
import { createRequire } from "node:module";

/** Bytes, at which memory of a region begins: what threads use among themselves is smaller. */
const LARGE = 4096;
let steps = 0;
let dieAt = 0;
let isWatching = false;
let signal = "SIGKILL";

/** From now on each step is counted. Gets the signal before step `at`, from 1: dies, or is stopped. */
export function watchSteps(at = 0, by = "SIGKILL") {
  [steps, dieAt, isWatching, signal] = [0, at, true, by];
}

/** How many there were. */
export function stepsSeen() {
  isWatching = false;
  return steps;
}

function step() {
  if (!isWatching) return;
  steps += 1;
  if (steps === dieAt) process.kill(process.pid, signal);
}

for (const name of ["load", "store", "add", "sub", "and", "or", "exchange", "compareExchange"]) {
  const original = Atomics[name];
  Atomics[name] = (array, ...rest) => {
    if (array.buffer.byteLength >= LARGE) step();
    return original(array, ...rest);
  };
}

const koffi = createRequire(import.meta.url)("koffi");
const { load } = koffi;
koffi.load = (...args) => {
  const library = load(...args);
  return {
    func: (name, ...rest) => {
      const call = library.func(name, ...rest);
      if (name !== "fcntl") return call;
      return (...given) => {
        step();
        return call(...given);
      };
    },
  };
};
