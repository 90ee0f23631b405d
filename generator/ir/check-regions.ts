/** Regions: their options, their tails, and who checks what is expected. */
import { accessedType } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import type { SchemaIr, StructIr } from "./ir.js";
import { type ResolvedIr, reachedFrom } from "./resolve.js";

/** Largest type and version per header. */
const HEADER_MAX = { standard: 2 ** 32 - 1, dotnet: 255 } as const;

function checkOptions(struct: StructIr): Diagnostic[] {
  const { role, name, span } = struct;
  if (role.kind === "container") return [];
  if (role.kind !== "region") return [];
  const { header, typeId, version, readableFrom, naming } = role;
  const max = HEADER_MAX[header];
  const found: Diagnostic[] = [];
  const range = (option: string, value: number, min: number): boolean => {
    if (value >= min && value <= max) return true;
    found.push(report("SHM2026", { struct: name, option, value, min, max, header }, { span }));
    return false;
  };
  if (header === "dotnet" && naming !== undefined) found.push(report("SHM2057", { struct: name }, { span }));
  range("type", typeId, 0);
  if (!range("version", version, 1)) return found;
  if (header === "dotnet" && readableFrom !== version) found.push(report("SHM2027", { struct: name }, { span }));
  else if (readableFrom < 1 || readableFrom > version) {
    found.push(report("SHM2028", { struct: name, readableFrom, version }, { span }));
  }
  return found;
}

/** Where a tail may stand: last in a region of ours whose header has room for its length. */
function checkTails(struct: StructIr, resolved: ResolvedIr): Diagnostic[] {
  const { role, fields, name } = struct;
  return fields.flatMap(({ name: field, type, span }, index) => {
    if (type.kind !== "tail") return [];
    if (role.kind === "container" || struct.union === true) return [];
    if (role.kind === "plain") return [report("SHM2021", { field, struct: name }, { span })];
    if (role.kind === "region" && role.header === "dotnet")
      return [report("SHM2022", { field, struct: name }, { span })];
    const next = fields[index + 1];
    if (next === undefined) return checkCount(struct, resolved);
    return [
      report(
        "SHM2020",
        { field, next: next.name },
        { span, related: [{ message: "the field behind it", span: next.span }] },
      ),
    ];
  });
}

/** What counts a tail: in foreign memory alone, an integer before it. */
function checkCount({ role, name, fields }: StructIr, resolved: ResolvedIr): Diagnostic[] {
  const tail = fields.at(-1);
  if (tail?.type.kind !== "tail" || tail.type.count === undefined) return [];
  const { count } = tail.type;
  const field = fields.slice(0, -1).find((one) => one.name === count);
  const type = field && accessedType(field.type);
  const isInteger = type?.kind === "scalar" && resolved.scalarOf(type)?.startsWith("f") === false;
  const problem = role.kind === "region" ? "region" : field === undefined ? "missing" : isInteger ? undefined : "kind";
  if (problem === undefined) return [];
  return [report("SHM2085", { field: tail.name, struct: name, count, problem }, { span: tail.span })];
}

/** Expected values that nobody would check. */
function checkExpectations(ir: SchemaIr, resolved: ResolvedIr, isWhole: boolean): Diagnostic[] {
  const ofKind = (kind: string): StructIr[] => ir.structs.filter(({ role }) => role.kind === kind);
  // With which member of a union nobody knows, so what lies in one is not checked.
  const foreign = reachedFrom(ofKind("foreign"), resolved, ({ union }) => union !== true);
  const regions = reachedFrom(ofKind("region"), resolved);
  return ir.structs.flatMap((struct) => {
    const region = regions.get(struct);
    // In a schema that could not be read as a whole, the foreign struct around this one may be what is missing.
    if (region === undefined && (foreign.has(struct) || !isWhole)) return [];
    return struct.fields
      .filter(({ expect }) => expect !== undefined)
      .map(({ name: field, span }) =>
        report("SHM2035", { field, struct: struct.name, region: region ?? "" }, { span }),
      );
  });
}

/** Regions of one type number: nobody could tell them apart. */
function checkTypeIds(ir: SchemaIr): Diagnostic[] {
  const first = new Map<number, StructIr>();
  const found: Diagnostic[] = [];
  for (const struct of ir.structs) {
    if (struct.role.kind !== "region") continue;
    const { typeId } = struct.role;
    const other = first.get(typeId);
    if (other === undefined) first.set(typeId, struct);
    // Two declarations of one name are complained about as such.
    else if (other.id !== struct.id) {
      const related = [{ message: `'${other.name}' has it first`, span: other.span }];
      found.push(report("SHM2025", { struct: struct.name, first: other.name, typeId }, { span: struct.span, related }));
    }
  }
  return found;
}

/** Everything about regions. `incomplete` are ids of structs of which parts could not be read. */
export function checkRegions(ir: SchemaIr, resolved: ResolvedIr, incomplete: ReadonlySet<string>): Diagnostic[] {
  return [
    ...ir.structs.flatMap((struct) => [
      ...checkOptions(struct),
      ...(incomplete.has(struct.id) ? [] : checkTails(struct, resolved)),
    ]),
    ...checkTypeIds(ir),
    ...checkExpectations(ir, resolved, incomplete.size === 0),
  ];
}
