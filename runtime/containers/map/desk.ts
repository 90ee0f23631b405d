/** What a key and a value are copied to, in private memory of this thread. */
import { type MemoryView, rawMemory } from "../../access/memory-view.js";
import { localViews } from "../../access/scratch.js";
import type { ContainerShape } from "../container.js";
import { type Local, localOf } from "../parts/local-value.js";
import { Slots } from "../parts/slots.js";
import type { Chains } from "./chains.js";
import { chainsOf } from "./kernels.js";
import { KeyCell } from "./keys.js";
import { mapPlace, type MapPlace } from "./place.js";

export interface Desk<T, W> {
  readonly place: MapPlace;
  readonly chains: Chains;
  readonly key: KeyCell;
  readonly value: Local<T>;
  /** The value, to be stored and copied as a plain object. */
  readonly slots: Slots<T, W>;
}

export function newDesk<T, W>(
  view: MemoryView,
  offset: number,
  shape: ContainerShape<T, W>,
  field: string,
): Desk<T, W> {
  const place = mapPlace(offset, shape);
  const { of, key } = shape;
  const [keys, values] = localViews([place.keySize, place.valueSize]) as [MemoryView, MemoryView];
  const value = localOf(values, of!, field);
  return {
    place,
    chains: chainsOf(rawMemory(view), place, value.memory),
    key: new KeyCell(keys, key!, field),
    value,
    slots: new Slots(values, 0, { ...shape, stride: place.valueSize, length: 1 }, field),
  };
}
