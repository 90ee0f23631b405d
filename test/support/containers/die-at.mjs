/** Death at one of the atomic operations on a region's memory. */

const STORES = ["store", "exchange", "compareExchange", "add", "sub", "or", "and", "xor"];
const LARGE = 4096;

/**
 * From now on each atomic operation on a region is a point, before it is made; this process dies by SIGKILL at point `point`, from 1 on.
 * Returns how many there were so far. `loads`: whether loads are points as well.
 */
export function dieAt(point, { loads = false } = {}) {
  let points = 0;
  for (const name of loads ? [...STORES, "load"] : STORES) {
    const original = Atomics[name];
    Atomics[name] = (array, ...rest) => {
      if (array.buffer.byteLength >= LARGE) {
        points += 1;
        if (points === point) process.kill(process.pid, "SIGKILL");
      }
      return original(array, ...rest);
    };
  }
  return () => points;
}
