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
import { type Parts, parts } from "../access/contents.js";
import { placeText } from "../access/identity.js";
import { type MemoryView, type RawMemory, rawMemory } from "../access/memory-view.js";
import type { ContainerShape } from "../access/placed.js";
import { type Inspect, inspect, printable, tagged } from "../access/printing.js";
import { Uncloneable } from "../access/uncloneable.js";

export type { ContainerClass, ContainerShape, Death, PlacedContainer } from "../access/placed.js";

/** What messages call a container: its path in the region, `"lanes[2].door"`; elsewhere its field, `"Lane.door"`. */
export function nameOf(view: MemoryView, offset: number, field: string): string {
  const { participants, byteOffset } = rawMemory(view);
  return participants?.nameOf(byteOffset + offset) ?? field;
}

/** Base of all containers. After close every use throws ERR_SHM_CLOSED, as of accessors. */
export abstract class Container extends Uncloneable {
  readonly #memory: RawMemory;
  readonly #offset: number;

  /** @throws ShmError ERR_SHM_RANGE when it does not lie in the memory, ERR_SHM_CLOSED */
  constructor(view: MemoryView, offset: number, { size, align }: ContainerShape, field: string) {
    super();
    view.checkRange(offset, size, align, field);
    view.track(this);
    this.#memory = rawMemory(view);
    this.#offset = offset;
  }

  /** Says its place, so that whoever compares deeply finds two equal where they are one. */
  get [Symbol.toStringTag](): string {
    return tagged(this.constructor.name, () => `at ${placeText(this.#memory, this.#offset)}`);
  }

  /** @internal */
  [parts](): Parts {
    return { kind: "container", of: this, place: this[Symbol.toStringTag] };
  }

  /** What `snapshot()`, `JSON.stringify()` and `console.log()` show of it: of no one moment, as of any shared memory. */
  abstract toJSON(): unknown;

  [inspect](depth: number, options: unknown, show: Inspect): string {
    const { name } = this.constructor;
    // Of one that was frozen and then closed, not even that can be read.
    return depth < 0
      ? `[${name}]`
      : `${name} ${show(
          printable(() => this.toJSON()),
          options,
        )}`;
  }
}
