/**
 * WebAssembly as kernels need it: modules, their instances, and memory of one thread. Only for regions whose memory is a
 * WebAssembly.Memory, which most are.
 */
import { Buffer } from "node:buffer";

export interface Memory {
  readonly buffer: ArrayBuffer;
}

/** The part that is used here; its types come with the DOM library. Absent with --jitless. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Memory: new (descriptor: { initial: number; maximum: number }) => Memory;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    }
  | undefined;

const PAGE = 65_536;
/**
 * Of a block of private memory, at least: the first one is small, since most programs need no other. Each block reserves gigabytes of addresses,
 * and takes memory page by page as it is written.
 */
const FIRST_PAGES = 1;
const BLOCK_PAGES = 16;

/** Each module is compiled once. */
const modules = new Map<string, object>();

/** @throws WebAssembly.CompileError where the engine has not what the module needs, TypeError where it has no WebAssembly */
export function moduleOf(text: string): object {
  let found = modules.get(text);
  if (found === undefined) modules.set(text, (found = new WebAssembly!.Module(Buffer.from(text, "base64"))));
  return found;
}

/** What an instance exports. */
export function instantiate(text: string, imports: object): unknown {
  return new WebAssembly!.Instance(moduleOf(text), imports).exports;
}

/** A kernel that needs the memory of a region alone: one instance for each. */
export class RegionKernel<K> {
  readonly #text: string;
  readonly #made = new WeakMap<object, K>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Undefined where there is none to be had: other memory, no memory left for code, WebAssembly forbidden (`--jitless`). */
  of(memory: object | undefined): K | undefined {
    if (memory === undefined) return undefined;
    let found = this.#made.get(memory);
    try {
      if (found === undefined) {
        found = instantiate(this.#text, { region: { memory } }) as K;
        this.#made.set(memory, found);
      }
    } catch {
      // There is the way without.
    }
    return found;
  }
}

/** A piece of private memory. */
export interface PrivateMemory {
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  /** The WebAssembly.Memory, to which kernels copy. */
  readonly wasm: Memory;
}

/** The newest block, and how much of it was given away. */
let block: Memory | undefined;
let given = 0;

/**
 * Zeroed memory of this thread alone. Never given twice: a block is collected when nothing refers to any piece of it. Undefined
 * where there is none to be had.
 */
export function privateMemory(byteLength: number): PrivateMemory | undefined {
  const length = Math.ceil(byteLength / 8) * 8;
  try {
    if (block === undefined || given + length > block.buffer.byteLength) {
      const least = block === undefined ? FIRST_PAGES : BLOCK_PAGES;
      const pages = Math.max(least, Math.ceil(length / PAGE));
      block = new WebAssembly!.Memory({ initial: pages, maximum: pages });
      given = 0;
    }
  } catch {
    return undefined;
  }
  const byteOffset = given;
  given += length;
  return { buffer: block.buffer, byteOffset, wasm: block };
}
