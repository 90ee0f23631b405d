/** Containers as generated code lists them in a region's definition. All of it is data, and classes. */
import type { Element } from "./arrays.js";
import type { RawMemory } from "./memory-view.js";
import type { Snapshot } from "./shapes.js";

/** Straight-line code for the fields of a struct that are all values, from the generator: loops over names take six times as long. */
export interface PlainForm<T, W> {
  /** A plain object with all fields. */
  load(slot: T): Snapshot<T>;
  /** Stores the fields that `value` has; how many that were. Absent for memory that is only read. */
  store?(slot: T, value: W): number;
}

/** How a container lies in memory, from the layout of its schema. Bytes. */
export interface ContainerShape<T = unknown, W = T> {
  readonly size: number;
  readonly align: number;
  /** What it holds. */
  readonly of?: Element<T, W>;
  /** From one element to the next. */
  readonly stride?: number;
  readonly length?: number;
  /**
   * Where that begins which follows the words, by its name in schema/containers. Of an array of parts also `"slots.stride"`, and
   * `"slots.value"` from the start of a part.
   */
  readonly at: Readonly<Record<string, number | undefined>>;
  /** Of what it repeats, those places in one that follow from what it holds. */
  readonly parts?: Readonly<Record<string, ContainerPart | undefined>>;
  /** By what its values are found. */
  readonly key?: ContainerKey;
  readonly plain?: PlainForm<T, W>;
}

/** One of what a container repeats. Bytes. */
export interface ContainerPart {
  readonly size: number;
  readonly at: Readonly<Record<string, number | undefined>>;
}

/** The keys of a container. */
export interface ContainerKey {
  readonly of: Element<unknown>;
  readonly is: "text" | "bytes" | "number";
}

/** The end of a participant, as it was found. */
export interface Death {
  readonly number: number;
  readonly pid: number;
  /** When it was found, ms since 1970. */
  readonly at: number;
}

/** A class of containers, as a region's recovery sees it. */
export interface ContainerClass {
  /** Frees what the dead participant had in the container at `offset`, bytes from the start of `memory`. Idempotent, and waits for nobody. */
  recover(memory: RawMemory, offset: number, shape: ContainerShape, death: Death): void;
  /** What a participant has of it, for people: `"locked"`, `"producer"`. Undefined for nothing. Stores nothing. */
  holdings?(memory: RawMemory, offset: number, shape: ContainerShape, number: number): string | undefined;
}

/** Containers of a region, for its recovery; `offset` is bytes from the start of the payload. */
export interface PlacedContainer {
  readonly type: ContainerClass;
  /** Path of the field from the root, `[]` for each array: `"rooms[].door"`. */
  readonly name: string;
  readonly offset: number;
  readonly shape: ContainerShape;
  /** Of arrays, from the outside inwards: how many, and how far apart. */
  readonly repeat?: readonly (readonly [count: number, stride: number])[];
}

/** What a region has of containers. */
export interface RegionContainers {
  /** Entries of the table of participants, with which the payload begins; 0: none of the containers has owners. */
  readonly participants: number;
  /** In the order of the layout. */
  readonly placed: readonly PlacedContainer[];
}
