/** The types of one field, on both sides. */
import { SCALAR_SIZE } from "../scalar-sizes.js";
import {
  type TextType,
  type TypeIr,
  isAccess,
  isNumber,
  isOrdered,
  isText,
  scalarOf,
  typeMetrics,
  unitsOf,
} from "../type-kinds.js";
import { type CanonicalField, type CanonicalLayout, scopeOf, typeText } from "./canonical.js";
import type { Comparison } from "./comparison.js";
import type { RuleCode } from "./rules.js";

/** What a type is without the words about access and byte order around it. */
interface Unwrapped {
  readonly type: TypeIr;
  /** 0 plain, 1 relaxed, 2 atomic. */
  readonly access: number;
  readonly order: "native" | "big" | "little";
}

/** Reports how the types of a field differ, and has what they name compared. */
export function compareTypes(old: CanonicalField, now: CanonicalField, path: string, comparison: Comparison): void {
  const { older, newer } = comparison;
  const report = (rule: RuleCode): void => {
    const before = `${typeText(old.type, older)} at ${old.offset}`;
    comparison.report(rule, path, before, `${typeText(now.type, newer)} at ${now.offset}`);
  };
  let [before, after] = [unwrapped(old.type), unwrapped(now.type)];
  for (;;) {
    if (before.access < after.access) report("access-strengthened");
    if (before.access > after.access) report("access-weakened");
    if (before.order !== after.order) {
      const swapped = (before.order === "big") !== (after.order === "big");
      const { type } = after;
      const isOne = isNumber(type) || type.kind === "odd" || type.kind === "bits";
      const bytes = isOne ? typeMetrics(type, scopeOf(newer)).size : isOrdered(type) ? 2 : 0;
      report(swapped && bytes > 1 ? "byte-order" : "byte-order-spelled");
    }
    const [one, other] = [before.type, after.type];
    const isRow = (one.kind === "array" && other.kind === "array") || (one.kind === "tail" && other.kind === "tail");
    if (!isRow) break;
    if (one.kind === "tail" && other.kind === "tail" && one.count !== other.count) report("tail-count");
    if (one.kind === "array" && other.kind === "array" && one.length !== other.length) report("array-length");
    [before, after] = [unwrapped((one as { of: TypeIr }).of), unwrapped((other as { of: TypeIr }).of)];
  }
  const rule = compareInner(before.type, after.type, comparison);
  if (rule !== undefined) report(rule);
}

function unwrapped(type: TypeIr): Unwrapped {
  let inner = type;
  let access = 0;
  let order: Unwrapped["order"] = "native";
  while (isAccess(inner)) {
    if (inner.kind === "endian") order = inner.order;
    else access = inner.kind === "atomic" ? 2 : 1;
    inner = inner.of;
  }
  return { type: inner, access, order };
}

function compareInner(old: TypeIr, now: TypeIr, comparison: Comparison): RuleCode | undefined {
  if (old.kind === "struct" && now.kind === "struct") return void comparison.structs(old.struct, now.struct);
  if (old.kind === "bits" && now.kind === "bits") return void comparison.bits(old.bits, now.bits);
  if (old.kind === "enum" && now.kind === "enum") return void comparison.enums(old.enum, now.enum, "enum");
  if (old.kind === "flags" && now.kind === "flags") {
    comparison.enums(old.enum, now.enum, "flags");
    return old.repr === now.repr ? undefined : "enum-repr";
  }
  if (isText(old) && isText(now)) return compareTexts(old, now);
  if (old.kind === "bytes" && now.kind === "bytes") return old.size === now.size ? undefined : "bytes-size";
  if (old.kind === "bool" && now.kind === "bool") return undefined;
  if (old.kind === "timestamp" && now.kind === "timestamp" && old.unit !== now.unit) return "timestamp-unit";
  if (old.kind === "odd" || now.kind === "odd") return compareOdd(old, now, comparison);
  return compareNumbers(old, now, comparison);
}

function compareTexts(old: TextType, now: TextType): RuleCode | undefined {
  if (old.kind !== now.kind) return "text-encoding";
  return unitsOf(old) === unitsOf(now) ? undefined : "text-capacity";
}

/** Integers of which one at least is bytes in a row. */
function compareOdd(old: TypeIr, now: TypeIr, { older, newer }: Comparison): RuleCode | undefined {
  const [before, after] = [integerOf(old, older), integerOf(now, newer)];
  if (before === undefined || after === undefined) return "type-changed";
  if (before === after) return undefined;
  const [from, to] = [Number(before.slice(1)), Number(after.slice(1))];
  return from < to ? "type-widened" : from > to ? "type-narrowed" : "type-signedness";
}

/** `"u24"`; undefined for what is no integer. */
function integerOf(type: TypeIr, layout: CanonicalLayout): string | undefined {
  if (type.kind === "odd") return type.integer;
  const scalar = type.kind === "bool" ? undefined : scalarOf(type, scopeOf(layout));
  return scalar?.startsWith("f") === true ? undefined : scalar;
}

function compareNumbers(old: TypeIr, now: TypeIr, { older, newer }: Comparison): RuleCode | undefined {
  if (old.kind === "bool" || now.kind === "bool") return "type-changed";
  const [before, after] = [scalarOf(old, scopeOf(older)), scalarOf(now, scopeOf(newer))];
  if (before === undefined || after === undefined) return "type-changed";
  if (before === after) {
    if (old.kind === now.kind) return undefined;
    if (now.kind === "enum") return "number-to-enum";
    if (old.kind === "enum" || old.kind === "flags" || now.kind === "flags") return "number-from-enum";
    return "number-form";
  }
  const [one, other] = [before.charAt(0), after.charAt(0)];
  const [from, to] = [SCALAR_SIZE[before], SCALAR_SIZE[after]];
  if ((one === "f") !== (other === "f")) return "type-changed";
  if (from !== to) return from < to ? "type-widened" : "type-narrowed";
  return "type-signedness";
}
