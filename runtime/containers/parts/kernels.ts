/**
 * Values copied by WebAssembly, whose atomic loads are single instructions: JavaScript's are calls. Only for memory that is a
 * WebAssembly.Memory, as regions have it, and copies in private memory of this thread that is one as well.
 *
 * Nothing outside is read or written: places and sizes are those that the view was asked about (Container), never what memory says,
 * and WebAssembly checks each access.
 */
import type { RawMemory } from "../../access/memory-view.js";
import { CELLS, CELLS_APART, PRIVATE_WORDS } from "../../kernels/modules.js";
import { instantiate, moduleOf } from "../../kernels/web-assembly.js";
import { type CellPlace, Cells, PlainCells } from "./cells.js";

/** Places are bytes in the region's and in the private memory. */
export interface Kernel {
  load(sequence: number, even: number, stride: number, size: number, to: number): number;
  store(to: number, size: number, from: number): void;
  take(stamp: number, number: number, from: number, size: number, to: number): number;
  publish(
    stamp: number,
    number: number,
    to: number,
    size: number,
    from: number,
    tail: number,
    sleepers: number,
  ): number;
  count(at: number): number;
}

/** One module with two memories; or two modules, of which each has one, for Node 20. */
export type KernelForm = "together" | "apart";

/** By the region's memory, then by the private one. */
type Kernels = WeakMap<object, WeakMap<object, Kernel>>;
const kernels: Readonly<Record<KernelForm, Kernels>> = { together: new WeakMap(), apart: new WeakMap() };
let best: KernelForm | undefined;

function bestForm(): KernelForm {
  try {
    return (best ??= moduleOf(CELLS) && "together");
  } catch {
    return (best = "apart");
  }
}

function newKernel(region: object, copies: object, form: KernelForm): Kernel {
  const imports = { region: { memory: region }, private: { memory: copies } };
  if (form === "together") return instantiate(CELLS, imports) as Kernel;
  return instantiate(CELLS_APART, { ...imports, private: instantiate(PRIVATE_WORDS, imports) }) as Kernel;
}

function kernelOf(region: object, copies: object, form: KernelForm): Kernel {
  let known = kernels[form].get(region);
  if (known === undefined) kernels[form].set(region, (known = new WeakMap()));
  let found = known.get(copies);
  if (found === undefined) known.set(copies, (found = newKernel(region, copies, form)));
  return found;
}

/** Kernels between a region's memory and private memory, and what that is. */
export interface Copying {
  readonly kernel: Kernel;
  readonly region: object;
  readonly form: KernelForm;
}

/**
 * As fast as both memories allow; undefined where no kernel can be had: no memory left for code, WebAssembly forbidden (`--jitless`), or other
 * memory. `form`: for tests.
 */
export function copying(
  region: object | undefined,
  copies: object | undefined,
  form?: KernelForm,
): Copying | undefined {
  if (region === undefined || copies === undefined) return undefined;
  try {
    const used = form ?? bestForm();
    return { kernel: kernelOf(region, copies, used), region, form: used };
  } catch {
    return undefined;
  }
}

class KernelCells extends Cells {
  readonly #region: object;
  readonly #form: KernelForm;
  readonly #sequence: number;
  readonly #even: number;
  readonly #stride: number;
  readonly #size: number;
  /** For copies in other memory: `--jitless`, or no addresses left for another block. */
  readonly #plain: PlainCells;
  /** The private memory of the last copy, and the kernel for it. */
  #copies: object;
  #load: Kernel["load"];
  #store: Kernel["store"];

  constructor(memory: RawMemory, place: CellPlace, copies: object, { kernel, region, form }: Copying) {
    super(memory, place);
    const { load, store } = kernel;
    this.#region = region;
    this.#form = form;
    this.#sequence = memory.byteOffset + place.offset;
    this.#even = memory.byteOffset + place.even;
    this.#stride = place.stride;
    this.#size = place.size;
    this.#plain = new PlainCells(memory, place);
    this.#copies = copies;
    this.#load = load;
    this.#store = store;
  }

  override load(to: RawMemory): number {
    if (to.wasm !== this.#copies && !this.#turnTo(to.wasm)) return this.#plain.load(to);
    return this.#load(this.#sequence, this.#even, this.#stride, this.#size, to.byteOffset);
  }

  override store(from: RawMemory, sequence: number): void {
    if (from.wasm !== this.#copies && !this.#turnTo(from.wasm)) return this.#plain.store(from, sequence);
    this.#store(this.#even + (sequence & 1) * this.#stride, this.#size, from.byteOffset);
  }

  #turnTo(copies: object | undefined): boolean {
    const found = copying(this.#region, copies, this.#form);
    if (copies === undefined || found === undefined) return false;
    const { load, store } = found.kernel;
    [this.#copies, this.#load, this.#store] = [copies, load, store];
    return true;
  }
}

/** The cells of a seqlock, copied as fast as their memory and that of the copies, such as `copy`, allow. `form`: for tests. */
export function cellsOf(memory: RawMemory, place: CellPlace, copy: RawMemory, form?: KernelForm): Cells {
  const found = copying(memory.wasm, copy.wasm, form);
  if (copy.wasm === undefined || found === undefined) return new PlainCells(memory, place);
  return new KernelCells(memory, place, copy.wasm, found);
}
