/**
 * The runtime of regions that shmgen describes. Regions are opened through generated classes; this door has what code
 * around them needs.
 * @packageDocumentation
 */
export { assign, isShmError, MemoryView, sendRegion, ShmError, ShmRangeError, snapshot } from "./codegen-v1.js";
export type {
  AnonymousOptions,
  Assignable,
  AttachOptions,
  CreateOptions,
  CreateUniqueOptions,
  DescriptorOptions,
  FieldLayout,
  Flyweight,
  FlyweightClass,
  FlyweightReader,
  FromTokenOptions,
  HandOverOptions,
  MemoryViewInit,
  OpenOptions,
  ReceiveOptions,
  Region,
  RegionHeader,
  RegionOutcome,
  Sendable,
  ShmErrorCode,
  ShmErrorFacts,
  Snapshot,
  StructLayout,
  ViewOptions,
  WhenReadyOptions,
} from "./codegen-v1.js";
