/**
 * The way on which nothing is in the way, in one call of WebAssembly: JavaScript's atomics are calls, of which a slot that is taken and given back
 * needs eight. What it cannot do it leaves to the long way, slot-pool.ts, which has the same steps and is all there is for other memory.
 */
import { type MemoryView, rawMemory } from "../../access/memory-view.js";
import { POOL } from "../../kernels/modules.js";
import { RegionKernel } from "../../kernels/web-assembly.js";

/** What a call of the kernel says besides what it has done. Below 0 that is nothing. */
export const LONG_WAY = { withoutLock: -1, withLock: -2 } as const;
/** What `free` has left to do. */
export const FREED = { hasToRelease: 1, hasToWake: 2 } as const;

/** Places are bytes in the region's memory. */
interface Kernel {
  /** 2 * index of a slot that is ours now, 1 more when the lock is still to be let go; or {@link LONG_WAY}. */
  alloc(pool: number, me: number, entries: number, length: number): number;
  /** 0, {@link FREED} or {@link LONG_WAY}. */
  free(pool: number, me: number, entries: number, index: number, generation: number): number;
}

/** The kernel of one pool. */
export interface PoolKernel {
  alloc(me: number): number;
  free(me: number, index: number, generation: number): number;
}

const KERNEL = new RegionKernel<Kernel>(POOL);
const none = (): number => LONG_WAY.withoutLock;

/** `pool` and `entries` are bytes in the view. */
export function poolKernel(view: MemoryView, pool: number, entries: number, length: number): PoolKernel {
  const { wasm, byteOffset } = rawMemory(view);
  const kernel = KERNEL.of(wasm);
  if (kernel === undefined) return { alloc: none, free: none };
  const { alloc, free } = kernel;
  const [at, first] = [byteOffset + pool, byteOffset + entries];
  return {
    alloc: (me) => alloc(at, me, first, length),
    free: (me, index, generation) => free(at, me, first, index, generation),
  };
}
