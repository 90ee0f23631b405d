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
export interface CellKernel {
  /** Copies from `even`, or with an odd sequence from `stride` behind it. The sequence, or -1 when it changed meanwhile. */
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

let best: KernelForm | undefined;

/** The form that this engine has. */
export function bestForm(): KernelForm {
  try {
    return (best ??= moduleOf(CELLS) && "together");
  } catch {
    return (best = "apart");
  }
}

/** Instances of one kernel, each made once for a region's memory and a private one. @throws WebAssembly's errors */
export class KernelsOf<K> {
  readonly #texts: Readonly<Record<KernelForm, string>>;
  /** By the region's memory, then by the private one. */
  readonly #made = {
    together: new WeakMap<object, WeakMap<object, K>>(),
    apart: new WeakMap<object, WeakMap<object, K>>(),
  };

  /** The modules of both forms. */
  constructor(together: string, apart: string) {
    this.#texts = { together, apart };
  }

  of(region: object, copies: object, form: KernelForm): K {
    const made = this.#made[form];
    let known = made.get(region);
    if (known === undefined) made.set(region, (known = new WeakMap()));
    let found = known.get(copies);
    if (found === undefined) known.set(copies, (found = this.#make(region, copies, form)));
    return found;
  }

  #make(region: object, copies: object, form: KernelForm): K {
    const imports = { region: { memory: region }, private: { memory: copies } };
    if (form === "together") return instantiate(this.#texts.together, imports) as K;
    return instantiate(this.#texts.apart, { ...imports, private: instantiate(PRIVATE_WORDS, imports) }) as K;
  }
}

/** The kernel of cells. */
export const CELL_KERNELS = new KernelsOf<CellKernel>(CELLS, CELLS_APART);

/** Kernels between a region's memory and private memory, and what that is. */
export interface Copying {
  readonly kernel: CellKernel;
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
    return { kernel: CELL_KERNELS.of(region, copies, used), region, form: used };
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
  #load: CellKernel["load"];
  #store: CellKernel["store"];

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
