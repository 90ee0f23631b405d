/** What one thread posts to another so that it has the same region open: plain data and shared memory. */
import type { Place } from "../place/place.js";

/**
 * An open region in a form that `postMessage` and `workerData` carry. Plain data and shared memory: it holds nothing open, so
 * the region has to stay open in the thread that made it until the other one has called `fromShared`.
 */
export interface SharedMapping {
  readonly kind: typeof SHARED_KIND;
  readonly name: string;
  readonly path: string;
  readonly access: "read-write" | "read-only";
  /** The mapping itself. */
  readonly buffer: SharedArrayBuffer;
  /** The WebAssembly.Memory that `buffer` is of. Whoever has none copies what is read whole more slowly. */
  readonly memory?: object | undefined;
  /** Bytes of the file that it shows. */
  readonly mapped: number;
  /** The slots of the threads that use it, see thread-slots.ts. */
  readonly threads: BigUint64Array;
  /** Descriptor of the thread that made it, a number of this process. */
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  readonly generation: number;
  readonly place: Place | undefined;
  /** Whether the kernel keeps everybody from shortening the memory. */
  readonly sealed: boolean;
  readonly outOfReach: boolean;
  readonly keep: boolean;
}

/** The same of memory of this process alone, which is all in its buffer. */
export interface SharedLocal {
  readonly kind: typeof LOCAL_KIND;
  readonly name: string;
  readonly path: string;
  /** Which memory it is: buffers that were posted are other objects. */
  readonly id: string;
  readonly buffer: SharedArrayBuffer;
  /** A word by which those who give back what is in its containers take turns. */
  readonly recoverers: Int32Array;
}

/** What `region.share()` gives. */
export type SharedRegion = SharedMapping | SharedLocal;

/** The mark, with the number of this form: two copies of the runtime in one process may meet. */
export const SHARED_KIND = "shmgen.shared.2";
export const LOCAL_KIND = "shmgen.local.1";

/** What a handle knows besides its mapping. */
export interface SharedFacts {
  readonly name: string;
  readonly generation: number;
  readonly keep: boolean;
}
