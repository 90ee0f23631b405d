/** `using` for what is let go. */

/**
 * Adds `Symbol.dispose` to a class, which does what `method` does. Before version 24 Node gives that symbol to the main realm alone;
 * elsewhere compiled `using` asks for the other one.
 */
export function disposes<K extends string>(
  type: { readonly prototype: Readonly<Record<K, () => void>> },
  method: K,
): void {
  const value = function (this: Readonly<Record<K, () => void>>): void {
    this[method]();
  };
  for (const key of [Symbol.dispose, Symbol.for("Symbol.dispose")]) {
    if (typeof key === "symbol") {
      Object.defineProperty(type.prototype, key, { value, writable: true, configurable: true });
    }
  }
}
