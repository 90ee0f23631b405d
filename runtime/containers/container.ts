/**
 * What all containers have. A container is a struct with a role (schema/containers); its class here is shown in the place of the
 * struct's accessor.
 *
 *   in   a view, where the container begins, its {@link ContainerShape} from generated code, and the field's name for messages
 *   out  operations on its words, each of whose shared stores is a step of the container's model in test/model
 *
 * `recover` is what is done to a container when a participant has died: by whoever meets that, in any process. It is idempotent, because
 * who recovers may die as well.
 */
import type { Element } from "../access/arrays.js";
import type { MemoryView, RawMemory } from "../access/memory-view.js";
import { type Inspect, inspect } from "../access/printing.js";
import { Uncloneable } from "../access/uncloneable.js";

/** How a container lies in memory, from the layout of its schema. Bytes. */
export interface ContainerShape<T = unknown, W = T> {
  readonly size: number;
  readonly align: number;
  /** What it holds. */
  readonly of?: Element<T, W>;
  /** From one element to the next. */
  readonly stride?: number;
  readonly length?: number;
  /** Where that begins which follows the words, by its name in schema/containers. */
  readonly at: Readonly<Record<string, number>>;
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
}

/** Containers of a region, for its recovery; `offset` is bytes from the start of the payload. */
export interface PlacedContainer {
  readonly type: ContainerClass;
  readonly offset: number;
  readonly shape: ContainerShape;
  /** Of arrays, from the outside inwards: how many, and how far apart. */
  readonly repeat?: readonly (readonly [count: number, stride: number])[];
}

/** Base of all containers. After close every use throws ERR_SHM_CLOSED, as of accessors. */
export abstract class Container extends Uncloneable {
  /** @throws ShmError ERR_SHM_RANGE when it does not lie in the memory, ERR_SHM_CLOSED */
  constructor(view: MemoryView, offset: number, { size, align }: ContainerShape, field: string) {
    super();
    view.checkRange(offset, size, align, field);
    view.track(this);
  }

  /** What `snapshot()`, `JSON.stringify()` and `console.log()` show of it: of no one moment, as of any shared memory. */
  abstract toJSON(): unknown;

  [inspect](depth: number, options: unknown, show: Inspect): string {
    const { name } = this.constructor;
    return depth < 0 ? `[${name}]` : `${name} ${show(this.toJSON() as object, options)}`;
  }
}
