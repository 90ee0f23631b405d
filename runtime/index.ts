/**
 * The runtime of regions that shmgen describes. Regions are opened through generated classes; this door has what code
 * around them needs.
 * @packageDocumentation
 */
export { assign, dotnetLocation, isShmError, MemoryView, ShmError, ShmRangeError, snapshot } from "./codegen-v1.js";
export type {
  Assignable,
  AttachOptions,
  CreateOptions,
  DotnetLocationOptions,
  FieldLayout,
  Flyweight,
  FlyweightClass,
  FlyweightReader,
  MemoryViewInit,
  OpenOptions,
  Region,
  RegionHeader,
  RegionLocation,
  RegionOutcome,
  ShmErrorCode,
  ShmErrorFacts,
  Snapshot,
  StructLayout,
  ViewOptions,
  WhenReadyOptions,
} from "./codegen-v1.js";
