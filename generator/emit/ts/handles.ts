/** The `$field` of a field: an object with every operation on it. */
import type { NumberType } from "@shmgen/schema/type-kinds";
import { byteOffset, memoryView } from "./members.js";
import { type AtomicClass, atomicBits, numberKind } from "./number-kinds.js";
import type { ScalarName } from "../../ir/ir.js";
import { RUNTIME } from "./scalars.js";
import type { FieldScope } from "./scope.js";

/** What the templates show of a handle. */
export interface HandleModel {
  readonly type: string;
  readonly make: string;
  readonly name: string;
  readonly struct: string;
}

/** The field that a handle is for. */
export interface HandleOf {
  readonly name: string;
  /** `"Telemetry.samples"`, quoted. */
  readonly path: string;
  /** The class that has the field. */
  readonly owner: string;
  /** True where an older region may lack the field, which then reads as undefined. */
  readonly optional: boolean;
}

/** Atomic operations on a field; in a class without setters, those that only read. */
export function atomicHandle(
  type: NumberType,
  scalar: ScalarName,
  offset: number,
  { name, path, owner }: HandleOf,
  scope: FieldScope,
): HandleModel {
  const { names, writer } = scope;
  const atomic = numberKind(type).atomic(type, scalar, scope);
  const codec = atomic.codec === undefined ? "" : `, ${names.value(RUNTIME, "codec")}.${atomic.codec}`;
  const local = names.value(RUNTIME, atomic.name, writer);
  const place = `${memoryView(scope)}, ${byteOffset(scope, offset)}`;
  const make = `new ${local}(${place}, "${atomic.bits ?? atomicBits(scalar)}"${codec}, ${path})`;
  const of = { name, struct: owner };
  if (writer) return { ...of, type: atomic.generic === true ? `${local}<${atomic.value}>` : local, make };
  return { ...of, ...readerOf(atomic, make, path, scope) };
}

function readerOf(atomic: AtomicClass, made: string, path: string, scope: FieldScope): { type: string; make: string } {
  const isFlags = atomic.name === "AtomicFlags" || atomic.name === "AtomicBigFlags";
  const reader = scope.names.value(RUNTIME, isFlags ? `${atomic.name}Reader` : "AtomicReader", true);
  return {
    type: isFlags ? reader : `${reader}<${atomic.value}>`,
    make: `new ${reader}(${memoryView(scope)}, ${made}, ${path})`,
  };
}

/** Operations on single flags of a field without atomics. */
export function plainFlags(
  scalar: ScalarName,
  { name, path, owner, optional }: HandleOf,
  scope: FieldScope,
): HandleModel {
  const big = scalar === "u64";
  const made = scope.names.value(RUNTIME, big ? "PlainBigFlags" : "PlainFlags", scope.writer);
  const type = scope.writer ? made : scope.names.type(RUNTIME, big ? "BigFlagsLoad" : "FlagsLoad");
  const write = scope.writer ? `, (value) => (this.${name} = value)` : "";
  // Where the field is missing, no flag is set.
  const read = `this.${name}${optional ? ` ?? 0${big ? "n" : ""}` : ""}`;
  const make = `new ${made}(${big ? "" : `"${scalar}", `}${path}, ${memoryView(scope)}, () => ${read}${write})`;
  return { name, struct: owner, type, make };
}
