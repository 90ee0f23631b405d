/**
 * The runtime of regions that shmgen describes. Regions are opened through generated classes; this door has what code
 * around them needs.
 * @packageDocumentation
 */
export type { FieldLayout, FlyweightClass, StructLayout } from "./access/definition.js";
export type { Flyweight, FlyweightReader } from "./access/flyweight.js";
export { MemoryView, type MemoryViewInit } from "./access/memory-view.js";
export { assign, type Assignable, snapshot, type Snapshot } from "./access/plain.js";
export { isShmError, ShmError, type ShmErrorCode, type ShmErrorFacts, ShmRangeError } from "./errors.js";
export type { RegionHeader } from "./region/header.js";
export type { AttachOptions, CreateOptions, OpenOptions, WhenReadyOptions } from "./region/options.js";
export type { Region, RegionOutcome } from "./region/region.js";
