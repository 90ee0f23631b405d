/** Enums and bit fields: values that fit, and names that tell them apart. */
import { exactValue, rangeOf } from "@shmgen/schema/enum-values";
import { REPR_NAMES, SCALAR_SIZE } from "@shmgen/schema/scalar-sizes";
import { referencesIn } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import { checkMembers } from "./check-names.js";
import type { BitsIr, EnumIr, SchemaIr } from "./ir.js";
import { type ResolvedIr, reachedFrom } from "./resolve.js";
import { isRoot } from "./roles.js";

/** Names of the roots that an enum lies in, by its id: a region of ours, and foreign memory. */
type Uses = ReadonlyMap<string, { region?: string; foreign?: string }>;

/** Which roots use which enums, themselves or by structs inside them. */
function usesOf(ir: SchemaIr, resolved: ResolvedIr): Uses {
  const uses = new Map<string, { region?: string; foreign?: string }>();
  for (const role of ["region", "foreign"] as const) {
    const roots = ir.structs.filter((struct) => isRoot(struct.role) && struct.role.kind === role);
    for (const [struct, root] of reachedFrom(roots, resolved)) {
      const named = struct.fields.flatMap(({ type }) => referencesIn(type));
      for (const { name } of named.filter(({ list }) => list === "enums")) {
        const use = uses.get(name) ?? {};
        use[role] ??= root;
        uses.set(name, use);
      }
    }
  }
  return uses;
}

/** Checks all enums. */
export function checkEnums(ir: SchemaIr, resolved: ResolvedIr): Diagnostic[] {
  const uses = usesOf(ir, resolved);
  return ir.enums.flatMap((declaration) => checkEnum(declaration, uses));
}

/** Whether every member fits the integer that holds the enum. */
export function fitsItsRepr({ repr, members }: EnumIr): boolean {
  const [least, most] = rangeOf(repr);
  return members.every(({ value }) => exactValue(value) >= least && exactValue(value) <= most);
}

function checkEnum(declaration: EnumIr, uses: Uses): Diagnostic[] {
  const { id, name, repr, members } = declaration;
  const found = checkMembers(name, "member", members);
  const [least, most] = rangeOf(repr);
  const values = members.map(({ value }) => exactValue(value));
  const fits = REPR_NAMES.filter((one) => {
    const [from, to] = rangeOf(one);
    return values.every((value) => value >= from && value <= to);
  });
  const { region, foreign } = uses.get(id) ?? {};
  const first = new Map<bigint, EnumIr["members"][number]>();
  for (const member of members) {
    const { span } = member;
    const value = exactValue(member.value);
    const facts = { enum: name, member: member.name, value };
    if (value < least || value > most) {
      found.push(report("SHM2013", { ...facts, repr, min: least, max: most, fits: fits.join(", ") }, { span }));
    }
    const other = first.get(value);
    if (other === undefined) first.set(value, member);
    // What others have named twice is read as they wrote it.
    else if (other.name !== member.name && (foreign === undefined || region !== undefined)) {
      const related = [{ message: "first used here", span: other.span }];
      found.push(report("SHM2014", { ...facts, first: other.name, region }, { span, related }));
    }
  }
  return found;
}

/** Checks one declaration of bit fields. */
export function checkBits({ name, repr, fields, span }: BitsIr): Diagnostic[] {
  const found = checkMembers(name, "bit field", fields);
  const size = 8 * SCALAR_SIZE[repr];
  // A bit field reads as a number, which is exact up to 53 bits.
  const most = ({ pad }: BitsIr["fields"][number]): number => (pad === true ? size : Math.min(size, 53));
  const wrong = fields.filter((field) => field.width < 1 || field.width > most(field));
  for (const field of wrong) {
    const facts = { bits: name, field: field.name, width: field.width, max: most(field), size };
    found.push(report("SHM2009", facts, { span: field.span }));
  }
  const sum = fields.reduce((total, { width }) => total + width, 0);
  if (wrong.length === 0 && sum > size) found.push(report("SHM2010", { bits: name, sum, repr, max: size }, { span }));
  return found;
}
