/** What flags can do, and the handles of those that are not atomic. */
import { contentsText, jsonOf } from "./contents.js";
import type { MemoryView } from "./memory-view.js";
import { checkNumber, checkU64 } from "./numbers.js";
import { type Inspect, inspect, printable, tagged } from "./printing.js";
import { readOnlyField } from "./refusals.js";

/** What a reader may ask of flags. */
export interface FlagsLoad {
  /** True when all bits of `flag` are set. */
  has(flag: number): boolean;
}

/** Flags that can be written. */
export interface FlagsCell extends FlagsLoad {
  set(flag: number): void;
  clear(flag: number): void;
}

export type FlagsKind = "u8" | "u16" | "u32";

/** What a reader may ask of flags in 64 bits, whose enum may have bigint members or numbers. */
export interface BigFlagsLoad {
  /** True when all bits of `flag` are set. */
  has(flag: number | bigint): boolean;
}

/** Flags in 64 bits that can be written. */
export interface BigFlagsCell extends BigFlagsLoad {
  set(flag: number | bigint): void;
  clear(flag: number | bigint): void;
}

/** A flag of 64 bits, which an enum may have as a number. @throws ShmRangeError for what is none */
export function bigFlag(field: string, flag: number | bigint): bigint {
  return checkU64(field, Number.isSafeInteger(flag) ? BigInt(flag) : (flag as bigint));
}

const PlainFlagsHandle = class PlainFlags implements FlagsCell {
  readonly #get: () => number;
  readonly #set: ((value: number) => void) | undefined;
  readonly #kind: FlagsKind;
  readonly #field: string;

  constructor(kind: FlagsKind, field: string, view: MemoryView, get: () => number, set?: (value: number) => void) {
    view.track(this);
    this.#get = get;
    this.#set = set;
    this.#kind = kind;
    this.#field = field;
  }
  #check(flag: number): number {
    return checkNumber(this.#kind, this.#field, flag) as number;
  }
  #write(value: number): void {
    if (this.#set === undefined) throw readOnlyField(this.#field);
    this.#set(value >>> 0);
  }
  has(flag: number): boolean {
    const bits = this.#check(flag);
    return (this.#get() & bits) >>> 0 === bits;
  }
  set(flag: number): void {
    this.#write(this.#get() | this.#check(flag));
  }
  clear(flag: number): void {
    this.#write(this.#get() & ~this.#check(flag));
  }
  /** The value, as `JSON.stringify()` has it. */
  toJSON(): number {
    return this.#get();
  }
  get [Symbol.toStringTag](): string {
    return tagged("PlainFlags", () => contentsText(this.#get()));
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    const value = printable(() => this.#get());
    const field = printable(() => this.#field);
    return `[flags ${typeof field === "string" ? field : "field"} = ${show(value, options)}]`;
  }
};
const PlainBigFlagsHandle = class PlainBigFlags implements BigFlagsCell {
  readonly #get: () => bigint;
  readonly #set: ((value: bigint) => void) | undefined;
  readonly #field: string;

  constructor(field: string, view: MemoryView, get: () => bigint, set?: (value: bigint) => void) {
    view.track(this);
    this.#get = get;
    this.#set = set;
    this.#field = field;
  }
  #write(value: bigint): void {
    if (this.#set === undefined) throw readOnlyField(this.#field);
    this.#set(value);
  }
  has(flag: number | bigint): boolean {
    const bits = bigFlag(this.#field, flag);
    return (this.#get() & bits) === bits;
  }
  set(flag: number | bigint): void {
    this.#write(this.#get() | bigFlag(this.#field, flag));
  }
  clear(flag: number | bigint): void {
    this.#write(this.#get() & ~bigFlag(this.#field, flag));
  }
  /** The value, as `JSON.stringify()` has it. */
  toJSON(): unknown {
    return jsonOf(this.#get());
  }
  get [Symbol.toStringTag](): string {
    return tagged("PlainBigFlags", () => contentsText(this.#get()));
  }
  [inspect](_depth: number, options: unknown, show: Inspect): string {
    const value = printable(() => this.#get());
    const field = printable(() => this.#field);
    return `[flags ${typeof field === "string" ? field : "field"} = ${show(value, options)}]`;
  }
};
/** {@link PlainFlags} in 64 bits. */
export type PlainBigFlags = BigFlagsCell;
export const PlainBigFlags: new (
  field: string,
  view: MemoryView,
  get: () => bigint,
  set?: (value: bigint) => void,
) => PlainBigFlags = PlainBigFlagsHandle;

/** Handle of flags that are not atomic, over the getter and setter of their field. */
export type PlainFlags = FlagsCell;
export const PlainFlags: new (
  kind: FlagsKind,
  field: string,
  view: MemoryView,
  get: () => number,
  set?: (value: number) => void,
) => PlainFlags = PlainFlagsHandle;
