/** What a schema says about versions: reserved bytes, `since`, `@was`. */
import { exactValue } from "@shmgen/schema/enum-values";
import { accessedType, typeParts } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import { canHold, isComparable, literalText } from "./check-types.js";
import type { FieldContext } from "./field-context.js";
import type { ExpectedValue, FieldIr, StructIr, TypeIr } from "./ir.js";
import type { ResolvedIr } from "./resolve.js";
import { typeText } from "./type-text.js";

/** Milliseconds that a Date can be away from 1970. */
const MOMENT_MAX = 8.64e15;
const VERSION_MAX = 2 ** 32 - 1;

/** Reserved bytes inside another word. */
export function checkReserved({ field }: FieldContext): Diagnostic[] {
  const [, ...inside] = typeParts(field.type);
  const inner = inside.find(({ kind }) => kind === "reserved");
  if (inner === undefined) return [];
  const word = typeText(inner).startsWith("pad") ? "pad" : "reserved";
  return [report("SHM2050", { field: field.name, type: typeText(field.type), word }, { span: field.span })];
}

/** Where `since` means nothing. */
function meaningless({ struct, field }: FieldContext): "a tail" | "reserved" | "foreign" | undefined {
  if (field.type.kind === "tail") return "a tail";
  if (field.type.kind === "reserved") return "reserved";
  return struct.role.kind === "foreign" ? "foreign" : undefined;
}

/** A value that the field can hold, and that an accessor would show. */
function canDefault(resolved: ResolvedIr, type: TypeIr, value: ExpectedValue): boolean {
  if (!canHold(resolved, type, value)) return false;
  if (value.kind !== "integer") return true;
  const number = Number(value.value);
  if (type.kind === "num") return Number.isSafeInteger(number);
  if (type.kind === "timestamp") return Math.abs(number) <= MOMENT_MAX;
  if (type.kind !== "enum") return true;
  return (
    resolved.enums.get(type.enum)?.members.some((member) => exactValue(member.value) === BigInt(value.value)) ?? true
  );
}

/** `since<T, V, default>`. */
export function checkSince(context: FieldContext): Diagnostic[] {
  const { resolved, struct, field } = context;
  const { since, name, span } = field;
  if (since === undefined) return [];
  const what = meaningless(context);
  if (what !== undefined) return [report("SHM2055", { field: name, what, struct: struct.name }, { span })];
  const { version, default: value } = since;
  const found: Diagnostic[] = [];
  const { role } = struct;
  if (version < 2 || version > VERSION_MAX) found.push(report("SHM2051", { field: name, version }, { span }));
  else if (role.kind === "region" && role.version >= 1 && version > role.version) {
    const related = [{ message: "the version of the region", span: struct.versionSpan }];
    const facts = { field: name, since: version, struct: struct.name, version: role.version };
    found.push(report("SHM2052", facts, { span, related: struct.versionSpan === undefined ? [] : related }));
  }
  if (value === undefined) return found;
  const type = accessedType(field.type);
  if (!isComparable(resolved, type)) {
    found.push(report("SHM2054", { field: name, type: typeText(field.type) }, { span }));
  } else if (!canDefault(resolved, type, value)) {
    found.push(report("SHM2053", { field: name, value: literalText(value), type: typeText(type) }, { span }));
  }
  return found;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/** `@was` of the fields of a struct. */
export function checkWas({ fields }: StructIr): Diagnostic[] {
  const names = new Set(fields.map(({ name }) => name));
  const first = new Map<string, FieldIr>();
  return fields.flatMap((field) => {
    const { name, was, span } = field;
    if (was === undefined) return [];
    const other = first.get(was);
    if (other === undefined) first.set(was, field);
    const problem = !IDENTIFIER.test(was)
      ? "name"
      : was === name
        ? "own"
        : names.has(was)
          ? "field"
          : other !== undefined
            ? "twice"
            : undefined;
    if (problem === undefined) return [];
    const related = problem === "twice" ? [{ message: "the other one", span: other?.span }] : [];
    return [report("SHM2056", { field: name, was, problem, other: other?.name ?? "" }, { span, related })];
  });
}
