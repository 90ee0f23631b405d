/**
 * The runtime of regions that shmgen describes. Regions are opened through generated classes; this door has what code
 * around them needs.
 * @packageDocumentation
 */
export {
  assign,
  dotnetLocation,
  isShmError,
  MemoryView,
  migration,
  sendRegion,
  ShmError,
  ShmRangeError,
  snapshot,
} from "./codegen-v1.js";
export type {
  AnonymousOptions,
  Assignable,
  AttachOptions,
  CreateOptions,
  DotnetLocationOptions,
  CreateUniqueOptions,
  DescriptorOptions,
  FieldLayout,
  Flyweight,
  FlyweightClass,
  FlyweightReader,
  FromTokenOptions,
  HandOverOptions,
  FromSharedOptions,
  MemoryViewInit,
  Migration,
  OnGrowOptions,
  OpenOptions,
  PlaceOptions,
  ReceiveOptions,
  Region,
  RegionClass,
  RegionHeader,
  RegionLocation,
  RegionOutcome,
  RegionOwner,
  RegionWait,
  Sendable,
  SharedRegion,
  ShmErrorCode,
  ShmErrorFacts,
  Snapshot,
  StructLayout,
  ViewOptions,
  WhenReadyOptions,
} from "./codegen-v1.js";
export type { ProcessStamp } from "./os/contract.js";
export { stillRuns } from "./os/index.js";
export { regionPath } from "./place/place.js";
export { cleanStale, type CleanOptions, type CleanResult, type KeptRegion } from "./scope/clean.js";
export type { RegionState } from "./scope/finding.js";
export { type ListedRegion, listRegions, type ListOptions } from "./scope/list.js";
export { removeRegion, type RemovedRegion, type RemoveOptions } from "./scope/remove.js";
