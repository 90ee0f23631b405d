/** What flags can do, and the handles of those that are not atomic. */
import { contentsText } from "./contents.js";
import type { MemoryView } from "./memory-view.js";
import { checkNumber } from "./numbers.js";
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
/** Handle of flags that are not atomic, over the getter and setter of their field. */
export type PlainFlags = FlagsCell;
export const PlainFlags: new (
  kind: FlagsKind,
  field: string,
  view: MemoryView,
  get: () => number,
  set?: (value: number) => void,
) => PlainFlags = PlainFlagsHandle;
