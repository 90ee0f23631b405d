/** How setters refuse values that do not fit. Comparisons are written out, because that is faster than a call. */
import { exactValue, isWide } from "@shmgen/schema/enum-values";
import type { EnumIr, ScalarName } from "../../ir/ir.js";
import type { ModuleNames } from "./names.js";
import { RUNTIME } from "./scalars.js";

/** Statement that refuses a bad value, and what is stored; the statement is empty where `encoded` refuses. */
export interface Refusal {
  readonly check: string;
  readonly encoded: string;
}

/** The condition under which a number does not fit. */
const OUT_OF_RANGE = {
  u8: "value !== (value & 0xff)",
  u16: "value !== (value & 0xffff)",
  u32: "value !== value >>> 0",
  i8: "value !== (value << 24) >> 24",
  i16: "value !== (value << 16) >> 16",
  i32: "value !== (value | 0)",
  f64: undefined,
} as const;
/** The function of the runtime that checks a value and returns what is stored. */
const CHECKING_CALL = { f32: "checkF32", u64: "checkU64", i64: "checkI64" } as const;

function isCallChecked(scalar: ScalarName): scalar is keyof typeof CHECKING_CALL {
  return Object.hasOwn(CHECKING_CALL, scalar);
}

/** For a number that is stored as it is. */
export function scalarRefusal(scalar: ScalarName, path: string, names: ModuleNames): Refusal {
  if (isCallChecked(scalar)) {
    return { check: "", encoded: `${names.value(RUNTIME, CHECKING_CALL[scalar])}(${path}, value)` };
  }
  const refuse = `${names.value(RUNTIME, "refuse")}("${scalar}", ${path}, value);`;
  return { check: `if (${noNumberOr(OUT_OF_RANGE[scalar])}) ${refuse}`, encoded: "value" };
}

/** For a member of an enum. */
export function enumRefusal(name: string, declared: EnumIr | undefined, path: string, names: ModuleNames): Refusal {
  const values = new Set((declared?.members ?? []).map(({ value }) => exactValue(value)));
  const wide = isWide(declared?.repr ?? "u8");
  const condition = outsideOf(
    [...values].sort((a, b) => (a < b ? -1 : 1)),
    wide,
  );
  if (condition === undefined) {
    return { check: "", encoded: `${names.value(RUNTIME, "checkEnum")}(${name}, ${path}, value)` };
  }
  const refuse = `${names.value(RUNTIME, "refuseEnum")}(${name}, ${path}, value);`;
  const unlike = wide ? `typeof value !== "bigint" || ${condition}` : noNumberOr(condition);
  return { check: `if (${unlike}) ${refuse}`, encoded: "value" };
}

/** True for a value that is none of `values`, which are sorted; undefined where the comparison would grow long. */
function outsideOf(values: readonly bigint[], wide: boolean): string | undefined {
  const [first = 0n, last = 0n] = [values[0], values.at(-1)];
  const n = wide ? "n" : "";
  const isDense = last - first === BigInt(values.length - 1);
  if (!isDense) return values.length > 4 ? undefined : values.map((value) => `value !== ${value}${n}`).join(" && ");
  if (wide) return `value < ${first}n || value > ${last}n`;
  const range = first === 0n ? `value > ${last}` : `value < ${first} || value > ${last}`;
  return `value !== ${first < 0n ? "(value | 0)" : "value >>> 0"} || ${range}`;
}

/** A bigint would make the arithmetic of a condition throw a TypeError of its own. */
function noNumberOr(condition: string | undefined): string {
  return `typeof value !== "number"${condition === undefined ? "" : ` || ${condition}`}`;
}
