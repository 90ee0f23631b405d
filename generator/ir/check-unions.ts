/** Unions: what may lie over the same bytes, and who says which member holds. */
import type { EnumValue } from "@shmgen/schema/enum-values";
import { accessedType, isTag, typeParts } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import { canHold } from "./check-types.js";
import type { FieldContext } from "./field-context.js";
import type { FieldIr, StructIr, TypeIr } from "./ir.js";
import type { ResolvedIr } from "./resolve.js";
import { typeText } from "./type-text.js";

/** What a type has in it that no union can hold. */
function misplaced(type: TypeIr): "a tail" | "reserved bytes" | "a container" | undefined {
  for (const { kind } of typeParts(type)) {
    if (kind === "tail") return "a tail";
    if (kind === "reserved") return "reserved bytes";
    if (kind === "container") return "a container";
  }
  return undefined;
}

/** A member of a union. */
export function checkMember({ struct, field, resolved }: FieldContext): Diagnostic[] {
  if (struct.union !== true) return [];
  const inner = resolved.structOf(field.type);
  const own = misplaced(field.type);
  const found = own ?? (inner !== undefined && resolved.containers(inner).length > 0 ? "a container" : undefined);
  return found === undefined
    ? []
    : [report("SHM2083", { union: struct.name, member: field.name, found }, { span: field.span })];
}

/** `union<{...}, "kind">`: the tag is there before, and every member has values of it for itself. */
export function checkTag({ resolved, struct, field }: FieldContext, incomplete: ReadonlySet<string>): Diagnostic[] {
  const { tag, span } = field;
  if (tag === undefined) return [];
  const union = field.type.kind === "struct" ? resolved.structs.get(field.type.struct) : undefined;
  const at = struct.fields.findIndex(({ name }) => name === tag);
  const sibling = struct.fields[at];
  const fail = (problem: "missing" | "later" | "kind" | "none" | "inside"): Diagnostic[] => [
    report("SHM2080", { field: field.name, struct: struct.name, tag, problem }, { span }),
  ];
  if (union?.union !== true) return fail("none");
  // What could not be read may be the tag.
  if (sibling === undefined) return incomplete.has(struct.id) ? [] : fail("missing");
  if (struct.union === true) return fail("inside");
  if (at >= struct.fields.indexOf(field)) return fail("later");
  const type = accessedType(sibling.type);
  if (!isTag(type, { repr: (list, id) => resolved[list].get(id)?.repr ?? "u8" })) return fail("kind");
  if (incomplete.has(union.id)) return [];
  return checkCases(union, { tag, type, resolved });
}

function checkCases(
  union: StructIr,
  { tag, type, resolved }: { readonly tag: string; readonly type: TypeIr; readonly resolved: ResolvedIr },
): Diagnostic[] {
  const first = new Map<EnumValue, FieldIr>();
  return union.fields.flatMap((member): Diagnostic[] => {
    const { name, cases = [], span } = member;
    const facts = { union: union.name, member: name, tag };
    if (cases.length === 0) return [report("SHM2081", facts, { span })];
    return cases.flatMap((value): Diagnostic[] => {
      const other = first.get(value);
      first.set(value, other ?? member);
      if (other !== undefined) {
        const related = other === member ? [] : [{ message: `'${other.name}' has it first`, span: other.span }];
        return [report("SHM2082", { ...facts, first: other.name, value }, { span, related })];
      }
      const isPossible =
        type.kind === "bool"
          ? value === 0 || value === 1
          : canHold(resolved, type, { kind: "integer", value: `${value}` });
      if (isPossible) return [];
      return [report("SHM2084", { ...facts, value, type: typeText(type) }, { span })];
    });
  });
}
