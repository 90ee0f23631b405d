/**
 * The slots of a stream, each with the stamp of the element that it holds, as far as memory goes: elements are copied to private memory
 * and back, word by word with atomic instructions, because readers copy while the writer may write. The steps are those of
 * test/model/broadcast.ts. In JavaScript, for memory that WebAssembly cannot have, and by kernels.
 *
 * Numbers of elements are counted from 0 on, in 64 bits, and are exact here up to 2^53: at ten million a second for 28 years. The stamp
 * n + 1 says that the slot is element n's: being written, or whole, which the tail says. So the writer stamps a slot first, and a reader knows
 * by the same stamp after its copy that nobody has begun to write the slot meanwhile. That before the copy only saves useless ones.
 */
import { BROADCAST } from "../../../schema/containers/broadcast.js";
import type { RawMemory } from "../../access/memory-view.js";
import { copying, type Copying, type CellKernel, type KernelForm } from "./kernels.js";

/** Where a stream lies, bytes from the start of its view. */
export interface StreamPlace {
  readonly offset: number;
  readonly slots: number;
  /** From one slot to the next. */
  readonly stride: number;
  /** Of the value in its slot. */
  readonly value: number;
  /** How much of a value is copied, a multiple of 8. */
  readonly size: number;
  /** Slots, a power of two. */
  readonly length: number;
}

export interface StampedSlots {
  /** Elements that were published. Beyond 2^53, and below 0, for words that no writer leaves. */
  published(): number;
  /** Copies an element to the start of private memory. False when its slot has another one by now, or is being given one. */
  load(number: number, to: RawMemory): boolean;
  /** Copies private memory, from its start on, to the slot of an element, and publishes it. Whether somebody sleeps until that. */
  publish(number: number, from: RawMemory): boolean;
}

const TAIL = BROADCAST.at.tail;
const SLEEPERS = BROADCAST.at.sleepers;

class PlainSlots implements StampedSlots {
  readonly #words: Uint32Array;
  readonly #longs: BigUint64Array;
  readonly #place: StreamPlace;

  constructor({ u32, u64 }: RawMemory, place: StreamPlace) {
    this.#words = u32;
    this.#longs = u64;
    this.#place = place;
  }

  published(): number {
    return Number(Atomics.load(this.#longs, (this.#place.offset + TAIL) / 8)); // Step read.tail
  }

  load(number: number, { u32: copy }: RawMemory): boolean {
    const words = this.#words;
    const longs = this.#longs;
    const at = this.#slotOf(number);
    const stamp = BigInt(number + 1);
    if (Atomics.load(longs, at / 8) !== stamp) return false; // Step read.stamp
    const from = (at + this.#place.value) / 4;
    const length = this.#place.size / 4;
    for (let index = 0; index < length; index += 1) copy[index] = Atomics.load(words, from + index); // Step read.copy
    return Atomics.load(longs, at / 8) === stamp; // Step read.stampAgain
  }

  publish(number: number, { u32: copy }: RawMemory): boolean {
    const words = this.#words;
    const longs = this.#longs;
    const at = this.#slotOf(number);
    const stamp = BigInt(number + 1);
    Atomics.store(longs, at / 8, stamp); // Step publish.stamp
    const to = (at + this.#place.value) / 4;
    const length = this.#place.size / 4;
    for (let index = 0; index < length; index += 1) Atomics.store(words, to + index, copy[index]!); // Step publish.write
    const sleepers = (this.#place.offset + SLEEPERS) / 4;
    const slept = Atomics.load(words, sleepers) !== 0; // Step publish.lookForSleepers
    if (slept) Atomics.store(words, sleepers, 0); // Step publish.disarm
    Atomics.store(longs, (this.#place.offset + TAIL) / 8, stamp); // Step publish.tail
    return Atomics.load(words, sleepers) !== 0 || slept; // Step publish.lookAgain
  }

  #slotOf(number: number): number {
    const { slots, stride, length } = this.#place;
    return slots + (number & (length - 1)) * stride;
  }
}

class KernelSlots implements StampedSlots {
  readonly #copying: Copying;
  readonly #tail: number;
  readonly #sleepers: number;
  readonly #slots: number;
  readonly #stride: number;
  readonly #value: number;
  readonly #size: number;
  readonly #mask: number;
  readonly #count: CellKernel["count"];
  /** For copies in other memory. */
  readonly #plain: PlainSlots;
  /** The private memory of the last copy, and the kernel for it. */
  #copies: object;
  #take: CellKernel["take"];
  #publish: CellKernel["publish"];

  constructor(memory: RawMemory, place: StreamPlace, copies: object, found: Copying) {
    const base = memory.byteOffset + place.offset;
    this.#copying = found;
    this.#tail = base + TAIL;
    this.#sleepers = base + SLEEPERS;
    this.#slots = memory.byteOffset + place.slots;
    this.#stride = place.stride;
    this.#value = place.value;
    this.#size = place.size;
    this.#mask = place.length - 1;
    this.#plain = new PlainSlots(memory, place);
    this.#copies = copies;
    this.#count = found.kernel.count;
    this.#take = found.kernel.take;
    this.#publish = found.kernel.publish;
  }

  published(): number {
    return this.#count(this.#tail);
  }

  load(number: number, to: RawMemory): boolean {
    if (to.wasm !== this.#copies && !this.#turnTo(to.wasm)) return this.#plain.load(number, to);
    const stamp = this.#slots + (number & this.#mask) * this.#stride;
    return this.#take(stamp, number + 1, stamp + this.#value, this.#size, to.byteOffset) !== 0;
  }

  publish(number: number, from: RawMemory): boolean {
    if (from.wasm !== this.#copies && !this.#turnTo(from.wasm)) return this.#plain.publish(number, from);
    const stamp = this.#slots + (number & this.#mask) * this.#stride;
    const to = stamp + this.#value;
    return this.#publish(stamp, number + 1, to, this.#size, from.byteOffset, this.#tail, this.#sleepers) !== 0;
  }

  #turnTo(copies: object | undefined): boolean {
    const { region, form } = this.#copying;
    const found = copying(region, copies, form);
    if (copies === undefined || found === undefined) return false;
    const { take, publish } = found.kernel;
    [this.#copies, this.#take, this.#publish] = [copies, take, publish];
    return true;
  }
}

/** The slots of a stream, copied as fast as their memory and that of the copies, such as `copy`, allow. `form`: for tests. */
export function stampedSlotsOf(
  memory: RawMemory,
  place: StreamPlace,
  copy: RawMemory,
  form?: KernelForm,
): StampedSlots {
  const found = copying(memory.wasm, copy.wasm, form);
  if (copy.wasm === undefined || found === undefined) return new PlainSlots(memory, place);
  return new KernelSlots(memory, place, copy.wasm, found);
}
