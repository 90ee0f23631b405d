/** All that manages regions without opening them. Loaded when it is first used, see later.ts. */
export { type ClosingOnSignals, closeOnSignals, type EndingSignal } from "./mapping/close-on-signals.js";
export { regionPath } from "./place/place.js";
export { cleanStale, type CleanOptions, type CleanResult, type KeptRegion } from "./scope/clean.js";
export type { RegionState } from "./scope/finding.js";
export { type ListedRegion, listRegions, type ListOptions } from "./scope/list.js";
export { removeRegion, type RemovedRegion, type RemoveOptions } from "./scope/remove.js";
export { stillRuns } from "./scope/still-runs.js";
