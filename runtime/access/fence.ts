/** A barrier for plain loads, which JavaScript has none for. */
import { FENCE } from "../kernels/modules.js";
import { instantiate } from "../kernels/web-assembly.js";

let made: (() => void) | undefined;

/**
 * All loads before it take place before all loads behind it, plain ones too, on every processor: `atomic.fence` of WebAssembly. Without WebAssembly
 * (--jitless) an atomic addition, which orders both on x86-64, and on arm64 from version 8.1 on.
 */
export function fence(): void {
  (made ??= newFence())();
}

function newFence(): () => void {
  try {
    return (instantiate(FENCE, {}) as { readonly fence: () => void }).fence;
  } catch {
    const word = new Int32Array(new SharedArrayBuffer(4));
    return () => void Atomics.add(word, 0, 1);
  }
}
