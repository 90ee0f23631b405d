/** Rules beyond shape: the second pass. It also judges a SchemaIr from JSON, where nothing can be taken for granted. */
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import { checkContainers } from "./check-containers.js";
import { checkBits, checkEnums } from "./check-enums.js";
import { checkReserved, checkSince, checkWas } from "./check-evolution.js";
import { checkDeclarations, checkMembers } from "./check-names.js";
import { checkRegions } from "./check-regions.js";
import { ALIGN_MAX, checkExpected, checkPacked, checkPlace, checkType, isAlignment } from "./check-types.js";
import type { BitsIr, EnumIr, SchemaIr, StructIr } from "./ir.js";
import { checkMember, checkTag } from "./check-unions.js";
import { ResolvedIr } from "./resolve.js";
import { packOf } from "./roles.js";

/** How `checkIr` is run. */
export interface CheckOptions {
  /**
   * Ids of declarations of which parts could not be read. What may be missing in them is not complained about.
   * Not empty means also that whole declarations may be missing.
   */
  readonly incomplete?: ReadonlySet<string>;
}

function checkStruct(struct: StructIr, resolved: ResolvedIr, incomplete: ReadonlySet<string>): Diagnostic[] {
  const { name, span, align, size } = struct;
  const found = checkMembers(name, "field", struct.fields);
  if (align !== undefined) {
    const natural = resolved.fieldsAlign(struct);
    if (packOf(struct) !== undefined)
      found.push(report("SHM2031", { struct: name, what: `Aligned<${align}>` }, { span }));
    else if (!isAlignment(align)) {
      found.push(report("SHM2032", { what: `The alignment of '${name}'`, align, max: ALIGN_MAX }, { span }));
    } else if (align < natural) found.push(report("SHM2033", { what: `'${name}'`, align, natural }, { span }));
  }
  found.push(...checkWas(struct));
  if (size !== undefined && size < 1) found.push(report("SHM2045", { struct: name, size }, { span }));
  for (const field of struct.fields) {
    const context = { resolved, struct, field };
    const reserved = checkReserved(context);
    const wrong = [checkMember, checkType].reduce(
      (first, check) => (first.length > 0 ? first : check(context)),
      reserved,
    );
    // Of a type that cannot be, nothing else is said.
    found.push(...wrong);
    if (wrong.length > 0) continue;
    found.push(...checkPlace(context), ...checkPacked(context), ...checkExpected(context), ...checkSince(context));
    found.push(...checkTag(context, incomplete));
  }
  return found;
}

/** Declarations without anything in them. */
function checkEmpty(ir: SchemaIr, incomplete: ReadonlySet<string>): Diagnostic[] {
  const empty = (kind: "struct" | "enum" | "bits" | "union", { name, span }: StructIr | EnumIr | BitsIr): Diagnostic =>
    report("SHM2012", { name, kind }, { span });
  const isWhole = ({ id }: { id: string }): boolean => !incomplete.has(id);
  return [
    ...ir.structs
      .filter(({ fields }) => fields.length === 0)
      .filter(isWhole)
      .map((one) => empty(one.union === true ? "union" : "struct", one)),
    ...ir.enums
      .filter(({ members }) => members.length === 0)
      .filter(isWhole)
      .map((one) => empty("enum", one)),
    ...ir.bits
      // C gives a struct of nothing but unnamed bit-fields no alignment.
      .filter(({ fields }) => fields.every(({ pad }) => pad === true))
      .filter(isWhole)
      .map((one) => empty("bits", one)),
  ];
}

/** Checks a SchemaIr against every rule that does not need offsets; returns all problems, sorted. Spans may be absent. */
export function checkIr(ir: SchemaIr, { incomplete = new Set() }: CheckOptions = {}): Diagnostic[] {
  const resolved = new ResolvedIr(ir);
  return sortDiagnostics([
    ...checkDeclarations(ir, resolved),
    ...resolved.cycles,
    ...ir.structs.flatMap((struct) => checkStruct(struct, resolved, incomplete)),
    ...checkEnums(ir, resolved),
    ...ir.bits.flatMap(checkBits),
    ...checkEmpty(ir, incomplete),
    ...checkRegions(ir, resolved, incomplete),
    ...checkContainers(ir, resolved, incomplete),
  ]);
}
