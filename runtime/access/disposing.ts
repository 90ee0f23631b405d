/** `using` for what is let go. */

/** Before version 24 Node gives `Symbol.dispose` to the main realm alone; elsewhere compiled `using` asks for the other one. */
const NAMES: readonly symbol[] = [Symbol.dispose as symbol | undefined, Symbol.for("Symbol.dispose")].filter(
  (name) => name !== undefined,
);

/** Adds `Symbol.dispose` to a class, which does what `method` does. */
export function disposes<K extends string>(
  type: { readonly prototype: Readonly<Record<K, () => void>> },
  method: K,
): void {
  const value = function (this: Readonly<Record<K, () => void>>): void {
    this[method]();
  };
  // As a method of a class is.
  for (const name of NAMES) {
    Object.defineProperty(type.prototype, name, { value, writable: true, configurable: true });
  }
}

/** Gives an object `close` and `Symbol.dispose` of its own, which stay when its region's close takes its prototype away. */
export function disposesItself(object: object, close: () => void): void {
  for (const name of ["close", ...NAMES]) Object.defineProperty(object, name, { value: close });
}

/** A function that takes something back, also for `using`. */
export function disposable<F extends () => void>(takeBack: F): F & { readonly [Symbol.dispose]: () => void } {
  for (const name of NAMES) Object.defineProperty(takeBack, name, { value: takeBack });
  return takeBack as F & { readonly [Symbol.dispose]: () => void };
}
