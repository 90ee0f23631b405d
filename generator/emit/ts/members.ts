/** Private members of a generated class: where its memory is, and what is made on first use. Fields ask for those that they need. */
import type { ScalarName } from "../../ir/ir.js";
import { ARRAY_CLASS, DATA_VIEW, RUNTIME, SIZES } from "./scalars.js";
import type { FieldScope } from "./scope.js";

/** How bits are moved between memory and a value. */
export interface CellModel {
  readonly form: "plain" | "atomic" | "data";
  readonly array: string;
  readonly index: string;
  readonly method: string;
  /** `, true` for DataView's multi-byte methods. */
  readonly order: string;
}

/** `this.#offset + 8` */
function plus(base: string, offset: number): string {
  return offset === 0 ? base : `${base} + ${offset}`;
}

/** A member that is set from what `source` of the runtime says of the accessor; returns how it is written. */
function member(
  scope: FieldScope,
  name: string,
  type: string,
  source: "memoryOf" | "offsetOf" | "viewOf",
  rest = "",
): string {
  const isOffset = source === "offsetOf";
  const value = `${scope.names.value(RUNTIME, source)}(this)${rest}`;
  scope.privates.set(name, { name, type, value, constant: !isOffset, spoiled: isOffset ? "closed" : "", source });
  return `this.${name}`;
}

/** The place of a field in memory, counted in bytes. */
export function byteOffset(scope: FieldScope, offset: number): string {
  return plus(member(scope, "#offset", "number", "offsetOf"), offset);
}

/** The same in elements of a typed array. */
function elementIndex(scope: FieldScope, size: number, offset: number): string {
  if (size === 1) return byteOffset(scope, offset);
  return plus(member(scope, `#b${size}`, "number", "offsetOf", ` / ${size}`), offset / size);
}

/** The view that accessors inside this one are made over. */
export function memoryView(scope: FieldScope): string {
  return member(scope, "#view", scope.names.type(RUNTIME, "MemoryView"), "viewOf");
}

/** All bytes of the memory. */
export function memoryBytes(scope: FieldScope): string {
  return member(scope, "#u8", "Uint8Array", "memoryOf", ".u8");
}

/** A member for what is made on first use. */
export function keep(scope: FieldScope, field: string, type: string): void {
  scope.privates.set(`#$${field}`, {
    name: `#$${field}`,
    type: `${type} | undefined`,
    value: undefined,
    constant: false,
    spoiled: "undefined",
    source: undefined,
  });
}

/** Where the bits of a number are, and what reaches them there. */
export interface CellPlace {
  readonly bits: ScalarName;
  readonly offset: number;
  readonly aligned: boolean;
  readonly atomic: boolean;
  readonly order: "big" | "little" | undefined;
}

/** A typed array where the bits are aligned and in the host's order; else a DataView. */
export function cellOf({ bits, offset, aligned, atomic, order }: CellPlace, scope: FieldScope): CellModel {
  const size = SIZES[bits];
  if (!aligned && size > 1) {
    member(scope, "#dataView", "DataView", "memoryOf", ".dataView");
    const index = byteOffset(scope, offset);
    return { form: "data", array: "dataView", index, method: DATA_VIEW[bits], order: `, ${order !== "big"}` };
  }
  member(scope, `#${bits}`, ARRAY_CLASS[bits], "memoryOf", `.${bits}`);
  const index = elementIndex(scope, size, offset);
  return { form: atomic ? "atomic" : "plain", array: bits, index, method: "", order: "" };
}
