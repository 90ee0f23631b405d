/**
 * Counters by which a foreign writer says when its memory is whole, and two looks at them: before a read, and after it. The steps are those of
 * test/model/stable.ts.
 *
 *   pair     begin is raised before a write, end after it. Looked at the other way round: end first, begin last. Equal: no write had begun
 *            since the one that end tells of had ended.
 *   even     one counter, odd while a write is under way. Even, and the same twice.
 *   newest   several buffers in turn, each with a counter that is stored after its data. The newest is read; the writer comes back to it when all others
 *            are newer, so that it was whole as long as one of them was older after the read, whenever the counters are stored.
 *
 * All looks are atomic loads, so what is read comes behind the first one. Before the second one there has to be a fence.
 */
import { atomicLoadsStore } from "../host.js";
import { fence } from "./fence.js";
import { type Flyweight, offsetOf, viewOf } from "./flyweight.js";
import type { LaidOutClass } from "./layout.js";
import { type MemoryView, rawMemory } from "./memory-view.js";
import { ARRAYS, type NumberKind } from "./numbers.js";
import { notACounter, notBuffers } from "./refusals.js";

/** What the counters said. */
export interface Look {
  /** Whether a read may begin. */
  readonly isWhole: boolean;
  readonly counters: readonly (number | bigint)[];
  /** The buffer to read. */
  readonly buffer?: Flyweight;
  readonly index?: number;
}

export interface Guard {
  look(): Look;
  /** Whether what was read since then is whole. */
  holds(before: Look): boolean;
  /** `begin=6 end=5` */
  describe(look: Look): string;
  readonly field: string;
  readonly expected: string;
}

export class PairGuard implements Guard {
  readonly expected = "two equal numbers";
  readonly field: string;
  readonly #begin: Counter;
  readonly #end: Counter;

  constructor(data: Flyweight, begin: string, end: string) {
    this.#begin = new Counter(data, begin);
    this.#end = new Counter(data, end);
    this.field = this.#begin.name;
  }
  look(): Look {
    const end = this.#end.load(); // Step pair.end
    // Spares a read that would be in vain. What decides is asked afterwards.
    const begin = this.#begin.load();
    return { isWhole: begin === end, counters: [begin, end] };
  }
  holds({ counters }: Look): boolean {
    return this.#begin.load() === counters[1]; // Step pair.begin
  }
  describe({ counters: [begin, end] }: Look): string {
    return `${this.#begin.name}=${begin} ${this.#end.name}=${end}`;
  }
}

export class EvenGuard implements Guard {
  readonly expected = "an even number, and the same before and after the read";
  readonly field: string;
  readonly #counter: Counter;

  constructor(data: Flyweight, even: string) {
    this.#counter = new Counter(data, even);
    this.field = this.#counter.name;
  }
  look(): Look {
    const counter = this.#counter.load(); // Step even.look
    const isOdd = typeof counter === "bigint" ? (counter & 1n) === 1n : (counter & 1) === 1;
    return { isWhole: !isOdd, counters: [counter] };
  }
  holds({ counters }: Look): boolean {
    return this.#counter.load() === counters[0]; // Step even.lookAgain
  }
  describe({ counters: [counter] }: Look): string {
    return `${this.#counter.name}=${counter}`;
  }
}

interface Elements {
  readonly length: number;
  at(index: number): unknown;
}

export class NewestGuard implements Guard {
  readonly expected = "a buffer that its writer did not come back to during the read";
  readonly field: string;
  readonly #buffers: readonly { readonly buffer: Flyweight; readonly tick: Counter }[];

  /** `count`: how many of the buffers are in use. */
  constructor(data: Flyweight, newest: string, tick: string, count?: string) {
    const found = (data as unknown as Readonly<Record<string, unknown>>)[newest] as Elements | undefined;
    const inUse = count === undefined ? Infinity : Number(new Counter(data, count).load());
    const length = typeof found === "object" && typeof found.at === "function" ? Math.min(found.length, inUse) : 0;
    this.field = `${nameOf(data)}.${newest}`;
    this.#buffers = Array.from({ length }, (_, index) => {
      const buffer = found?.at(index) as Flyweight;
      return { buffer, tick: new Counter(buffer, tick) };
    });
    // A writer of one buffer alone overwrites it without saying so.
    if (length < 2) throw notBuffers(this.field, found, inUse);
  }
  look(): Look {
    const counters = this.#buffers.map(({ tick }) => tick.load()); // Step newest.ticks
    let index = 0;
    for (const [at, counter] of counters.entries()) if (counter > counters[index]!) index = at;
    const isWhole = this.#isInTurn(counters, index);
    return { isWhole, counters, index, buffer: this.#buffers[index]!.buffer };
  }
  holds({ counters, index = 0 }: Look): boolean {
    const now = this.#buffers.map(({ tick }) => tick.load()); // Step newest.ticksAgain
    return now[index] === counters[index] && this.#isInTurn(now, index);
  }
  describe({ counters }: Look): string {
    return `${this.#buffers[0]!.tick.name}=${counters.join(",")}`;
  }

  /** Whether the writer has another buffer to fill before it comes to this one. */
  #isInTurn(counters: readonly (number | bigint)[], index: number): boolean {
    return counters.some((counter) => counter < counters[index]!);
  }
}

const KIND = /\b([iu])(8|16|32|64)\b/;

/** An integer field of a struct, loaded atomically, whatever the schema says of it. */
/** Atomically; where that would store, a plain load of one piece between two fences, over which no compiler moves it. */
function loaded(words: Int32Array, index: number): number | undefined {
  if (!atomicLoadsStore) return Atomics.load(words, index);
  fence();
  const value = words[index];
  fence();
  return value;
}

class Counter {
  readonly name: string;
  readonly #view: MemoryView;
  readonly #offset: number;
  readonly #kind: Exclude<NumberKind, "f32" | "f64">;
  readonly #size: number;
  readonly #isBigEndian: boolean;

  /** @throws ShmError ERR_SHM_RANGE for what is no integer, and for one that cannot be loaded in one piece */
  constructor(data: Flyweight, path: string) {
    const parts = String(path).split(".");
    const last = parts.pop() ?? "";
    let owner = data as unknown;
    for (const part of parts) owner = (Object(owner) as Readonly<Record<string, unknown>>)[part];
    const layout = (Object(owner) as { readonly constructor?: Partial<LaidOutClass> }).constructor?.layout;
    const field = layout?.fields.find(({ name }) => name === last);
    this.name = `${nameOf(data)}.${path}`;
    const [word, sign, bits] = KIND.exec(field?.type ?? "") ?? [];
    const size = Number(bits) / 8;
    if (field === undefined || word === undefined || field.size !== size) throw notACounter(this.name, field?.type);
    this.#kind = `${sign}${bits}` as "u32";
    this.#size = size;
    this.#isBigEndian = field.type.includes("be<");
    this.#view = viewOf(owner as Flyweight);
    this.#offset = offsetOf(owner as Flyweight) + field.offset;
    // Also in packed structs: an integer over two lines of memory is not loaded in one piece.
    this.#view.checkRange(this.#offset, size, size, this.name);
  }

  load(): number | bigint {
    this.#view.checkRange(this.#offset, this.#size, this.#size, this.name);
    const words = rawMemory(this.#view)[this.#kind] as Int32Array;
    const value = loaded(words, this.#offset / this.#size) as number | bigint;
    return this.#isBigEndian ? swapped(value, this.#kind, this.#size) : value;
  }
}

function swapped(value: number | bigint, kind: NumberKind, size: number): number | bigint {
  const one = new ARRAYS[kind](1) as unknown as Record<0, number | bigint>;
  one[0] = value;
  new Uint8Array((one as unknown as Uint8Array).buffer, 0, size).reverse();
  return one[0];
}

function nameOf(data: Flyweight): string {
  return (data.constructor as unknown as Partial<LaidOutClass>).layout?.name ?? "the memory";
}
