/** Death at one of the stores to a region's memory: of this process, or of a thread that somebody else terminates there. */
import { killItself } from "../processes/kill-itself.mjs";

const STORES = ["store", "exchange", "compareExchange", "add", "sub", "or", "and", "xor"];
const LARGE = 4096;

/**
 * Goes no further, so that this thread can be terminated where it is. It says so by the first of two words of its own, which it shares with
 * who terminates it; nobody changes the second.
 */
export function stayAt(words) {
  Atomics.store(words, 0, 1);
  Atomics.wait(words, 1, 0);
}

/**
 * From now on each atomic operation on a region is a point, before it is made, and each plain store in a process that watches those
 * (plain-stores.mjs); this process dies by SIGKILL at point `point`, from 1 on, or does what `die` does. Returns how many there were so far.
 * `loads`: whether loads are points as well. Calls of kernels that are made from now on are points before and after.
 */
export function dieAt(point, { loads = false, die = killItself } = {}) {
  let points = 0;
  const pass = () => {
    points += 1;
    if (points === point) die();
  };
  if (globalThis.plainStores !== undefined) globalThis.plainStores.before = pass;
  for (const name of loads ? [...STORES, "load"] : STORES) {
    const original = Atomics[name];
    Atomics[name] = (array, ...rest) => {
      if (array.buffer.byteLength >= LARGE) pass();
      return original(array, ...rest);
    };
  }
  const { Instance } = WebAssembly;
  WebAssembly.Instance = function (module, imports) {
    const { exports } = new Instance(module, imports);
    return { exports: "region" in imports ? seen(exports, pass, loads) : exports };
  };
  return () => points;
}

/** Kernels that only load are points where loads are. */
function seen(exports, pass, loads) {
  const wrapped = Object.entries(exports).map(([name, call]) => [
    name,
    name === "load" && !loads
      ? call
      : (...given) => {
          pass();
          const result = call(...given);
          pass();
          return result;
        },
  ]);
  return Object.fromEntries(wrapped);
}
