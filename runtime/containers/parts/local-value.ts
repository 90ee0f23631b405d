/** One value of a container in private memory: what is read is shown from there, and an update changes it there. */
import type { Element } from "../../access/arrays.js";
import { Flyweight, offsetOf, viewOf } from "../../access/flyweight.js";
import type { LaidOutClass } from "../../access/layout.js";
import { mayBeShared, type MemoryView, type RawMemory, rawMemory } from "../../access/memory-view.js";
import { localView } from "../../access/scratch.js";
import { notALocal, updateIsAsync, updateIsReturned } from "./refusals.js";

/**
 * What an update does: structs and arrays are changed in place, and returning another object is an error; of numbers, texts and the like
 * it returns the new one.
 */
export type SeqlockUpdate<T, W> = [T] extends [object] ? (value: T) => void : (value: T) => W;

/** Private memory for one value. */
export interface Local<T> {
  readonly view: MemoryView;
  readonly memory: RawMemory;
  /** An accessor over it, for what is shown by one. */
  readonly kept: T | undefined;
}

export function newLocal<T, W>(of: Element<T, W>, field: string): Local<T> {
  return localOf(localView(of.size), of, field);
}

/** With the value at the start of this memory. */
export function localOf<T, W>(view: MemoryView, of: Element<T, W>, field: string): Local<T> {
  return { view, memory: rawMemory(view), kept: of.keep ? of.get(view, 0, field) : undefined };
}

const layoutOf = (accessor: Flyweight) => (accessor.constructor as unknown as LaidOutClass).layout;

/** The memory of an accessor that a value like `own` can be copied to. @throws ShmRangeError */
export function memoryForCopy(copy: Flyweight, { kept, memory: own }: Local<unknown>, field: string): RawMemory {
  if (!(copy instanceof Flyweight) || !(kept instanceof Flyweight)) throw notALocal(field, kept, copy);
  const memory = rawMemory(viewOf(copy));
  const isAlike = layoutOf(copy).fingerprint === layoutOf(kept).fingerprint && memory.byteLength === own.byteLength;
  if (!isAlike || offsetOf(copy) !== 0 || mayBeShared(memory.buffer)) throw notALocal(field, kept, copy);
  return memory;
}

/** What is done to a value. Without a function it is set. */
interface Edit<T, W> {
  readonly change: ((value: T) => W) | undefined;
  readonly value: W | undefined;
  readonly path: string;
  readonly field: string;
}

export function edit<T, W>(local: Local<T>, of: Element<T, W>, { change, value, path, field }: Edit<T, W>): void {
  const { view, memory, kept } = local;
  // Padding behind the value goes no further.
  if (memory.byteLength > of.size) memory.u8.fill(0, of.size);
  if (change === undefined) {
    of.set(view, 0, value as W, field);
    return;
  }
  const draft = kept ?? of.get(view, 0, field);
  const result: unknown = change(draft);
  if (isPromise(result)) throw updateIsAsync(path, field);
  // Whoever makes new objects out of old ones would see nothing change.
  if (of.keep && isRecord(result) && result !== draft) throw updateIsReturned(path, field);
  if (!of.keep) of.set(view, 0, result as W, field);
}

function isRecord(result: unknown): boolean {
  return typeof result === "object" && result !== null && Object.getPrototypeOf(result) === Object.prototype;
}

/** What it would settle with is nobody's concern: who gave it is told of the mistake. */
function isPromise(result: unknown): boolean {
  if (typeof (result as { readonly then?: unknown } | null | undefined)?.then !== "function") return false;
  void Promise.resolve(result).catch(() => undefined);
  return true;
}
