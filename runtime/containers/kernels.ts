/**
 * Cells copied by WebAssembly, whose atomic loads are single instructions: JavaScript's are calls. Only for memory that is a
 * WebAssembly.Memory, as regions have it. A kernel copies to private memory of this thread, and JavaScript copies from there: nothing of
 * a region's memory besides its payload is used, and no other thread sees the copy.
 *
 * Nothing outside is read or written: places and sizes are those that the view was asked about (Container), never what memory says,
 * and WebAssembly checks each access.
 */
import type { RawMemory } from "../access/memory-view.js";
import { CELLS, CELLS_APART, PRIVATE_WORDS } from "../kernels/modules.js";
import { type CellPlace, Cells, PlainCells } from "./cells.js";

interface Memory {
  readonly buffer: ArrayBuffer;
}
interface Exports {
  load(sequence: number, even: number, size: number): number;
  store(to: number, size: number): void;
}

/** The part of WebAssembly that is used here; its types come with the DOM library. Absent with --jitless. */
declare const WebAssembly:
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Memory: new (descriptor: { initial: number; maximum: number }) => Memory;
      readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    }
  | undefined;

const PAGE = 65_536;
/** Longer values, in bytes, are copied by the engine's own loop: the call costs less than it saves from here on. */
const SHORT = 128;

/** One module with two memories; or two modules, of which each has one, for Node 20. */
export type KernelForm = "together" | "apart";

/** Private memory of this thread, by pages: powers of two, so that it is at most twice what the longest value takes. */
const privates = new Map<number, Memory>();
/** By the region's memory, then by form and pages. */
const kernels = new WeakMap<object, Map<string, Exports>>();
const modules = new Map<string, object>();
let best: KernelForm | undefined;

function bestForm(): KernelForm {
  try {
    return (best ??= moduleOf(CELLS) && "together");
  } catch {
    return (best = "apart");
  }
}

function moduleOf(text: string): object {
  let found = modules.get(text);
  if (found === undefined) modules.set(text, (found = new WebAssembly!.Module(Buffer.from(text, "base64"))));
  return found;
}

function instantiate(text: string, imports: object): unknown {
  return new WebAssembly!.Instance(moduleOf(text), imports).exports;
}

function privateOf(pages: number): Memory {
  let found = privates.get(pages);
  if (found === undefined) {
    privates.set(pages, (found = new WebAssembly!.Memory({ initial: pages, maximum: pages })));
  }
  return found;
}

function newKernel(region: object, memory: Memory, form: KernelForm): Exports {
  const imports = { region: { memory: region }, private: { memory } };
  if (form === "together") return instantiate(CELLS, imports) as Exports;
  return instantiate(CELLS_APART, { ...imports, private: instantiate(PRIVATE_WORDS, imports) }) as Exports;
}

function kernelOf(region: object, pages: number, form: KernelForm): Exports {
  let known = kernels.get(region);
  if (known === undefined) kernels.set(region, (known = new Map()));
  const key = `${form} ${pages}`;
  let found = known.get(key);
  if (found === undefined) known.set(key, (found = newKernel(region, privateOf(pages), form)));
  return found;
}

class KernelCells extends Cells {
  readonly #load: Exports["load"];
  readonly #store: Exports["store"];
  readonly #sequence: number;
  readonly #even: number;
  readonly #size: number;
  readonly #bytes: Uint8Array;
  readonly #words: BigUint64Array;

  constructor(memory: RawMemory, place: CellPlace, wasm: object, form: KernelForm) {
    super(memory, place);
    const { size } = place;
    const pages = 2 ** Math.ceil(Math.log2(Math.max(size, PAGE) / PAGE));
    const { load, store } = kernelOf(wasm, pages, form);
    const { buffer } = privateOf(pages);
    this.#load = load;
    this.#store = store;
    this.#sequence = memory.byteOffset + place.offset;
    this.#even = memory.byteOffset + place.even;
    this.#size = size;
    this.#bytes = new Uint8Array(buffer, 0, size);
    this.#words = new BigUint64Array(buffer, 0, size / 8);
  }

  override load(to: RawMemory): number {
    const size = this.#size;
    const sequence = this.#load(this.#sequence, this.#even, size);
    if (size <= SHORT) {
      const [words, copy] = [this.#words, to.u64];
      for (let index = 0; index < words.length; index += 1) copy[index] = words[index]!;
    } else to.u8.set(this.#bytes);
    return sequence;
  }

  override store(from: RawMemory, sequence: number): void {
    const size = this.#size;
    this.#bytes.set(from.u8);
    this.#store(this.#even + (sequence & 1) * size, size);
  }
}

/** The cells of a seqlock, copied as fast as its memory allows. `form`: for tests. */
export function cellsOf(memory: RawMemory, place: CellPlace, form?: KernelForm): Cells {
  if (memory.wasm === undefined) return new PlainCells(memory, place);
  try {
    return new KernelCells(memory, place, memory.wasm, form ?? bestForm());
  } catch {
    // No memory left for another one, or WebAssembly forbidden.
    return new PlainCells(memory, place);
  }
}
