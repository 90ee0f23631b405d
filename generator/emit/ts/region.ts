/** The base class of a region: its definition, what foreign memory is expected to hold, and literals of both. */
import { type EncodingName, encodingOf } from "@shmgen/schema/encodings";
import { accessedType, structIn, typeParts, isChars, isText } from "@shmgen/schema/type-kinds";
import { descriptorBytes } from "../../layout/descriptor.js";
import type { ExpectedValue, ScalarName, StructRole, TypeIr } from "../../ir/ir.js";
import { type Expectation, expectationsOf } from "../../layout/expected.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import { isRoot } from "../../ir/roles.js";
import { containerLines } from "./containers.js";
import type { ModuleNames } from "./names.js";
import { RUNTIME, scalarOf } from "./scalars.js";

/** What the root of a region, ours or foreign, has beyond its fields: the base that its class extends. Names are local ones. */
export interface RegionModel {
  readonly struct: string;
  readonly reader: string;
  /** The constant that is the base, its type, and the function of the runtime that makes it. */
  readonly base: string;
  readonly baseType: string;
  readonly make: string;
  /** Lines of the definition. */
  readonly lines: readonly string[];
}

/** Undefined for a plain struct. */
export function regionModel(struct: StructLayout, model: LayoutModel, names: ModuleNames): RegionModel | undefined {
  const { role } = struct;
  if (!isRoot(role)) return undefined;
  const reader = `${struct.name}Reader`;
  const foreign = role.kind === "foreign";
  return {
    struct: struct.name,
    reader,
    base: names.claim(`${struct.name}Base`),
    baseType: names.type(RUNTIME, foreign ? "ForeignBase" : "RegionBase"),
    make: names.value(RUNTIME, foreign ? "foreignBase" : "regionBase"),
    lines: [
      `accessor: ${struct.name},`,
      `reader: ${reader},`,
      ...(foreign ? expectationLines(struct, model) : definitionLines(struct, role, model, names)),
    ],
  };
}

function expectationLines(struct: StructLayout, model: LayoutModel): string[] {
  const expects = [...expectationsOf(struct, model)].flatMap((one) => expectationLine(one, model));
  return [
    ...(expects.length === 0 ? ["expects: [],"] : ["expects: [", ...expects, "],"]),
    ...(isLoadedAtomically(struct, model) ? ["hasAtomics: true,"] : []),
  ];
}

/** Whether a field of it, or of a struct in it, is atomic. */
function isLoadedAtomically(struct: StructLayout, model: LayoutModel): boolean {
  if (!struct.hasAtomics) return false;
  return struct.fields.some(({ type }) => {
    const nested = model.structs.get(structIn(type) ?? "");
    if (nested !== undefined) return isLoadedAtomically(nested, model);
    return type.kind !== "reserved" && [...typeParts(type)].some(({ kind }) => kind === "atomic");
  });
}

function definitionLines(
  struct: StructLayout,
  role: StructRole & { kind: "region" },
  model: LayoutModel,
  names: ModuleNames,
): string[] {
  const { header, typeId, version, readableFrom, naming } = role;
  const descriptor = header === "standard" ? Buffer.from(descriptorBytes(model, struct.id)).toString("base64") : "";
  return [
    `header: "${header}",`,
    `typeId: ${typeId},`,
    `version: ${version},`,
    `readableFrom: ${readableFrom},`,
    ...(naming === undefined ? [] : [`naming: "${naming}",`]),
    ...containerLines(struct, model, names),
    `descriptor:`,
    `  "${descriptor}",`,
  ];
}

/** An expectation as a line of source; none for a type that has no literals. */
function expectationLine({ path, offset, type, values }: Expectation, model: LayoutModel): string[] {
  const shown = valueOf(type, model);
  if (shown === undefined) return [];
  const { of, scalar } = shown;
  const isBig = type.kind === "endian" && type.order === "big";
  const bigEndian = isBig && !isText(of) ? ", bigEndian: true" : "";
  const size = isChars(of) ? `, size: ${model.metrics(of).size}` : "";
  const list = values.map((value) => literal(value, scalar)).join(", ");
  return [
    `  { field: ${JSON.stringify(path)}, offset: ${offset}, scalar: "${scalar}"${size}${bigEndian}, values: [${list}] },`,
  ];
}

type Literal = ScalarName | "bool" | "bytes" | EncodingName;

/** The type that literals of a field are of, without access and byte order; undefined where there are none. */
function valueOf(type: TypeIr, model: LayoutModel): { readonly of: TypeIr; readonly scalar: Literal } | undefined {
  const of = accessedType(type);
  const isBig = type.kind === "endian" && type.order === "big";
  if (isText(of)) return { of, scalar: encodingOf(of.kind, isBig) };
  const scalar = of.kind === "bool" || of.kind === "bytes" ? of.kind : scalarOf(of, model);
  return scalar === undefined ? undefined : { of, scalar };
}

/** The default of a field as its accessor shows it. */
export function defaultLiteral(type: TypeIr, value: ExpectedValue, model: LayoutModel): string {
  const { of, scalar = "u32" } = valueOf(type, model) ?? {};
  return literal(value, of?.kind === "num" || of?.kind === "timestamp" ? "f64" : scalar);
}

function literal(expected: ExpectedValue, scalar: Literal): string {
  if (expected.kind === "text") return JSON.stringify(expected.value);
  if (expected.kind === "integer") return `${BigInt(expected.value)}${scalar === "u64" || scalar === "i64" ? "n" : ""}`;
  return String(expected.value);
}
