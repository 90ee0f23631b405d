/**
 * The words and the two cells of a seqlock, as far as memory goes: copies to private memory and back, word by word with atomic
 * instructions, because readers copy while somebody may write. Here in JavaScript, 4 bytes at a time, for memory that WebAssembly cannot
 * have; kernels.ts does the same 8 to 27 times as fast. The steps are those of test/model/seqlock.ts.
 */
import { SEQLOCK } from "../../../schema/containers/seqlock.js";
import type { RawMemory } from "../../access/memory-view.js";

/** Where a seqlock lies, bytes from the start of its view. */
export interface CellPlace {
  readonly offset: number;
  readonly even: number;
  /** From the even cell to the odd one. */
  readonly stride: number;
  /** How much of a cell is copied, a multiple of 8. */
  readonly size: number;
}

export abstract class Cells {
  readonly #words: Uint32Array;
  readonly #index: number;

  constructor(memory: RawMemory, { offset }: CellPlace) {
    this.#words = memory.u32;
    this.#index = offset / 4;
  }

  sequence(): number {
    return Atomics.load(this.#words, this.#index + AT.sequence);
  }

  /** Whether somebody sleeps until the sequence changes. */
  hasSleepers(): boolean {
    return Atomics.load(this.#words, this.#index + AT.sleepers) !== 0;
  }

  setSleepers(sleepers: 0 | 1): void {
    Atomics.store(this.#words, this.#index + AT.sleepers, sleepers);
  }

  publish(sequence: number): void {
    Atomics.store(this.#words, this.#index + AT.sequence, sequence);
  }

  /** Copies the cell of the sequence to the start of private memory. Gives the sequence, or -1 when it changed meanwhile. */
  abstract load(to: RawMemory): number;
  /** Copies private memory, from its start on, to the cell of a sequence. */
  abstract store(from: RawMemory, sequence: number): void;
}

const AT = { sequence: SEQLOCK.at.sequence / 4, sleepers: SEQLOCK.at.sleepers / 4 };

export class PlainCells extends Cells {
  readonly #words: Uint32Array;
  readonly #sequence: number;
  readonly #even: number;
  readonly #stride: number;
  readonly #length: number;

  constructor(memory: RawMemory, place: CellPlace) {
    super(memory, place);
    this.#words = memory.u32;
    this.#sequence = place.offset / 4 + AT.sequence;
    this.#even = place.even / 4;
    this.#stride = place.stride / 4;
    this.#length = place.size / 4;
  }

  override load({ u32: copy }: RawMemory): number {
    const words = this.#words;
    const length = this.#length;
    const sequence = Atomics.load(words, this.#sequence); // Step read.sequence
    const from = this.#even + (sequence & 1) * this.#stride;
    for (let index = 0; index < length; index += 1) copy[index] = Atomics.load(words, from + index); // Step read.copy
    return Atomics.load(words, this.#sequence) === sequence ? sequence : -1; // Step read.sequenceAgain
  }

  override store({ u32: copy }: RawMemory, sequence: number): void {
    const words = this.#words;
    const length = this.#length;
    const to = this.#even + (sequence & 1) * this.#stride;
    for (let index = 0; index < length; index += 1) Atomics.store(words, to + index, copy[index]!); // Step update.write
  }
}
