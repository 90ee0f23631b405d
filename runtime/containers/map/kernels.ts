/**
 * The chains of a map in WebAssembly, whose atomic loads are single instructions: a key is found, compared and its value copied in one
 * call. Only for memory that is a WebAssembly.Memory, and private memory that is one as well. Places and sizes are those of the layout,
 * and WebAssembly checks each access.
 */
import { BUCKET_AT } from "../../../schema/containers/map.js";
import type { RawMemory } from "../../access/memory-view.js";
import { MAP, MAP_APART } from "../../kernels/modules.js";
import { bestForm, CELL_KERNELS, type CellKernel, type KernelForm, KernelsOf } from "../parts/kernels.js";
import { type Chains, DAMAGED, PlainChains } from "./chains.js";
import type { MapPlace } from "./place.js";

/** Places are bytes in the region's and in the private memory. */
interface MapKernel {
  get(
    bucket: number,
    hash: number,
    key: number,
    keySize: number,
    entries: number,
    stride: number,
    most: number,
    value: number,
    size: number,
    to: number,
  ): number;
  find(
    bucket: number,
    hash: number,
    key: number,
    keySize: number,
    entries: number,
    stride: number,
    most: number,
  ): number;
}

const MAP_KERNELS = new KernelsOf<MapKernel>(MAP, MAP_APART);

class KernelChains implements Chains {
  readonly #base: number;
  readonly #buckets: number;
  readonly #mask: number;
  readonly #entries: number;
  readonly #stride: number;
  readonly #most: number;
  readonly #keySize: number;
  readonly #value: number;
  readonly #get: MapKernel["get"];
  readonly #find: MapKernel["find"];
  readonly #load: CellKernel["load"];
  readonly #store: CellKernel["store"];

  constructor({ byteOffset }: RawMemory, place: MapPlace, kernel: MapKernel, { load, store }: CellKernel) {
    this.#base = byteOffset;
    this.#buckets = byteOffset + place.buckets;
    this.#mask = place.mask;
    this.#entries = byteOffset + place.entries;
    this.#stride = place.stride;
    this.#most = place.capacity + 1;
    this.#keySize = place.keySize;
    this.#value = place.value;
    this.#get = kernel.get;
    this.#find = kernel.find;
    this.#load = load;
    this.#store = store;
  }

  get(hash: number, key: RawMemory, to: RawMemory, size: number): number {
    const get = this.#get;
    return get(
      this.#buckets + (hash & this.#mask) * 8,
      hash,
      key.byteOffset,
      this.#keySize,
      this.#entries,
      this.#stride,
      this.#most,
      this.#value,
      size,
      to.byteOffset,
    );
  }

  find(hash: number, key: RawMemory): number {
    const bucket = this.#buckets + (hash & this.#mask) * 8;
    const find = this.#find;
    const link = find(bucket, hash, key.byteOffset, this.#keySize, this.#entries, this.#stride, this.#most);
    return link > 0 ? (link - this.#base) / 4 : link === 0 ? 0 : this.#beyond(link);
  }

  load(bucket: number, from: number, to: RawMemory, size: number): number {
    return this.#load(this.#base + bucket + BUCKET_AT.stamp, this.#base + from, 0, size, to.byteOffset);
  }

  store(to: number, from: RawMemory, size: number): void {
    this.#store(this.#base + to, size, from.byteOffset);
  }

  /** A place in the upper half of 4 GiB is a negative number in WebAssembly, as what says that the chain is damaged. */
  #beyond(link: number): number {
    return link === -1 ? DAMAGED : ((link >>> 0) - this.#base) / 4;
  }
}

/** As fast as the region's memory, and that of the copies, allow. `form`: for tests. */
export function chainsOf(memory: RawMemory, place: MapPlace, copies: RawMemory, form?: KernelForm): Chains {
  if (memory.wasm === undefined || copies.wasm === undefined) return new PlainChains(memory, place);
  try {
    const own = form ?? bestForm();
    const kernel = MAP_KERNELS.of(memory.wasm, copies.wasm, own);
    return new KernelChains(memory, place, kernel, CELL_KERNELS.of(memory.wasm, copies.wasm, own));
  } catch {
    // No memory left for code, or WebAssembly forbidden.
    return new PlainChains(memory, place);
  }
}
