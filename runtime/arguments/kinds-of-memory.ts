/**
 * What kind of memory a value is, of whatever realm. node:util has this as well, but an import of it reads all its properties, and so
 * loads a dozen other modules: 4 ms of processor time.
 */
const kindOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int32Array.prototype), Symbol.toStringTag)?.get;
/** Pages that are not isolated from others have no such class. */
const { SharedArrayBuffer: Shared } = globalThis as { readonly SharedArrayBuffer?: SharedArrayBufferConstructor };
const sharedSize = Shared && Object.getOwnPropertyDescriptor(Shared.prototype, "byteLength")?.get;

export function isInt32Array(value: unknown): value is Int32Array {
  return kindOf?.call(value) === "Int32Array";
}

export function isBigUint64Array(value: unknown): value is BigUint64Array {
  return kindOf?.call(value) === "BigUint64Array";
}

export function isSharedArrayBuffer(value: unknown): value is SharedArrayBuffer {
  try {
    return sharedSize?.call(value) !== undefined;
  } catch {
    return false;
  }
}
