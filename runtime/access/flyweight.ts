import type { FlyweightClass } from "./definition.js";
import type { MemoryView } from "./memory-view.js";
import { writerOverReadOnly } from "./refusals.js";

/** The view and place of an accessor, for snapshot, assign and inspect; not properties, so that no field name clashes. */
export let placeOf: (accessor: Flyweight) => { readonly view: MemoryView; readonly offset: number };

/**
 * Base of the generated accessors: a struct's fields at a place in memory. An accessor has the user's fields and nothing
 * else. Its constructor proves bounds and alignment, so the fields themselves need not.
 */
export abstract class Flyweight {
  readonly #view: MemoryView;
  readonly #offset: number;

  /**
   * `offset` is bytes from the start of the view.
   * @throws ShmError ERR_SHM_RANGE outside the view or misaligned; ERR_SHM_CLOSED; ERR_SHM_READ_ONLY when an accessor
   * with setters is made over read-only memory.
   */
  constructor(view: MemoryView, offset: number, reader = false) {
    const { layout } = new.target as unknown as FlyweightClass;
    if (view.readOnly && !reader) throw writerOverReadOnly(layout.name, view.label);
    view.checkRange(offset, layout.size, layout.align, layout.name);
    view.track(this);
    this.#view = view;
    this.#offset = offset;
  }

  static {
    placeOf = (accessor) => ({ view: accessor.#view, offset: accessor.#offset });
  }
}

/** Base of the generated accessors without setters. */
export abstract class FlyweightReader extends Flyweight {
  constructor(view: MemoryView, offset: number) {
    super(view, offset, true);
  }
}
