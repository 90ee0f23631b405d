/**
 * The runtime of regions that shmgen describes. Regions are opened through generated classes; this door has what code
 * around them needs.
 * @packageDocumentation
 */
export { assign, isShmError, MemoryView, ShmError, ShmRangeError, snapshot } from "./codegen-v1.js";
export type {
  Assignable,
  AttachOptions,
  CreateOptions,
  FieldLayout,
  Flyweight,
  FlyweightClass,
  FlyweightReader,
  FromSharedOptions,
  MemoryViewInit,
  OpenOptions,
  Region,
  RegionHeader,
  RegionOutcome,
  SharedRegion,
  ShmErrorCode,
  ShmErrorFacts,
  Snapshot,
  StructLayout,
  ViewOptions,
  WhenReadyOptions,
} from "./codegen-v1.js";
