/**
 * A function that V8 never puts into its callers: it does not inline calls of a Proxy. For what happens seldom in short functions that are
 * called in hot loops: V8 has 920 bytes of bytecode to put into one function, and spends them on what comes first.
 */
export function apart<F extends (...values: never[]) => unknown>(seldom: F): F {
  return new Proxy(seldom, Object.create(null) as object) as F;
}
