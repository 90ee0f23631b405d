/** What changes of a map are given. */
import type { SeqlockUpdate } from "../parts/local-value.js";
import type { WaitAsyncOptions, WaitOptions } from "../parts/sleeping.js";

/** What an update does: structs are changed in place, of numbers, texts and the like it returns the new one. */
export type MapChange<T, W> = SeqlockUpdate<T, W>;

/** How long an entry holds, and what is done where there is no room for it. */
export interface Keeping {
  /**
   * Ms, by CLOCK_MONOTONIC, after which it is not found any more. Without it a set entry holds for ever, and an updated one as long as
   * before.
   */
  readonly ttlMs?: number;
  /** `"oldest"`: when the map is full, the entry goes that was set or updated longest ago. */
  readonly evict?: "oldest";
}

/** Options of {@link SharedMap.set}. */
export interface MapSetOptions extends WaitOptions, Keeping {}
/** Options of {@link SharedMap.setAsync}. */
export interface MapSetAsyncOptions extends WaitAsyncOptions, Keeping {}
/** Options of {@link SharedMap.update}. */
export interface MapUpdateOptions<W> extends MapSetOptions {
  /** What is changed where there is no entry, which is added then. */
  readonly initial?: W;
}
/** Options of {@link SharedMap.updateAsync}. */
export interface MapUpdateAsyncOptions<W> extends MapSetAsyncOptions {
  readonly initial?: W;
}
