import { descriptorBytes } from "../../layout/descriptor.js";
import type { ExpectedValue, ScalarName, TypeIr } from "../../ir/ir.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import type { ModuleNames } from "./names.js";
import { RUNTIME, scalarOf } from "./scalars.js";

/** What the root of a region, ours or foreign, has beyond its fields. Names are local ones. */
export interface RegionModel {
  readonly foreign: boolean;
  readonly struct: string;
  readonly reader: string;
  /** The constant with the definition. */
  readonly definition: string;
  readonly definitionType: string;
  /** Lines of the definition. */
  readonly lines: readonly string[];
  readonly hasTail: boolean;
  readonly region: string;
  readonly location: string;
  readonly createOptions: string;
  readonly openOptions: string;
  readonly attachOptions: string;
  readonly whenReadyOptions: string;
  readonly fromSharedOptions: string;
  readonly sharedRegion: string;
  readonly createOrOpen: string;
  readonly create: string;
  readonly open: string;
  readonly openReadOnly: string;
  readonly whenReady: string;
  readonly fromShared: string;
  readonly attach: string;
  readonly createUniqueOptions: string;
  readonly anonymousOptions: string;
  readonly fromTokenOptions: string;
  readonly descriptorOptions: string;
  readonly receiveOptions: string;
  readonly createUnique: string;
  readonly createAnonymous: string;
  readonly fromToken: string;
  readonly attachFd: string;
  readonly receiveRegion: string;
}

const NONE = {
  location: "",
  createOptions: "",
  openOptions: "",
  attachOptions: "",
  whenReadyOptions: "",
  fromSharedOptions: "",
  sharedRegion: "",
  createOrOpen: "",
  create: "",
  open: "",
  openReadOnly: "",
  whenReady: "",
  fromShared: "",
  attach: "",
  createUniqueOptions: "",
  anonymousOptions: "",
  fromTokenOptions: "",
  descriptorOptions: "",
  receiveOptions: "",
  createUnique: "",
  createAnonymous: "",
  fromToken: "",
  attachFd: "",
  receiveRegion: "",
};

export function regionModel(struct: StructLayout, model: LayoutModel, names: ModuleNames): RegionModel | undefined {
  const { role } = struct;
  if (role.kind === "plain") return undefined;
  const runtime = (name: string): string => names.value(RUNTIME, name);
  const type = (name: string): string => names.type(RUNTIME, name);
  const reader = `${struct.name}Reader`;
  const base = {
    ...NONE,
    struct: struct.name,
    reader,
    definition: names.claim(`${struct.name.charAt(0).toLowerCase()}${struct.name.slice(1)}Definition`),
    hasTail: struct.tail !== undefined,
    region: type("Region"),
  };
  const classes = [`accessor: ${struct.name},`, `reader: ${reader},`];
  if (role.kind === "foreign") {
    const expects = expectedFields(struct, model, 0, "");
    const lines = [...classes, ...(expects.length === 0 ? ["expects: [],"] : ["expects: [", ...expects, "],"])];
    return {
      ...base,
      foreign: true,
      definitionType: type("ForeignDefinition"),
      lines,
      attachOptions: type("AttachOptions"),
      attach: runtime("attachForeign"),
    };
  }
  const descriptor =
    role.header === "standard" ? Buffer.from(descriptorBytes(model, struct.id)).toString("base64") : "";
  return {
    ...base,
    foreign: false,
    definitionType: type("RegionDefinition"),
    lines: [
      ...classes,
      `header: "${role.header}",`,
      `typeId: ${role.typeId},`,
      `version: ${role.version},`,
      `readableFrom: ${role.readableFrom},`,
      ...(role.naming === undefined ? [] : [`naming: "${role.naming}",`]),
      `descriptor:`,
      `  "${descriptor}",`,
    ],
    location: type("RegionLocation"),
    createOptions: type("CreateOptions"),
    openOptions: type("OpenOptions"),
    whenReadyOptions: type("WhenReadyOptions"),
    fromSharedOptions: type("FromSharedOptions"),
    sharedRegion: type("SharedRegion"),
    createOrOpen: runtime("createOrOpenRegion"),
    create: runtime("createRegion"),
    open: runtime("openRegion"),
    openReadOnly: runtime("openRegionReadOnly"),
    whenReady: runtime("whenRegionReady"),
    createUniqueOptions: type("CreateUniqueOptions"),
    anonymousOptions: type("AnonymousOptions"),
    fromTokenOptions: type("FromTokenOptions"),
    descriptorOptions: type("DescriptorOptions"),
    receiveOptions: type("ReceiveOptions"),
    createUnique: runtime("createUniqueRegion"),
    createAnonymous: runtime("createAnonymousRegion"),
    fromToken: runtime("regionFromToken"),
    attachFd: runtime("attachRegion"),
    receiveRegion: runtime("receiveRegion"),
    fromShared: runtime("regionFromShared"),
  };
}

/** Every `expect<..>` of a struct and of those inside it, as lines of source. */
function expectedFields(struct: StructLayout, model: LayoutModel, offset: number, prefix: string): string[] {
  return struct.fields.flatMap((field) =>
    expectedIn(field.type, field.expect, model, offset + field.offset, `${prefix}${field.name}`),
  );
}

function expectedIn(
  type: TypeIr,
  values: readonly ExpectedValue[] | undefined,
  model: LayoutModel,
  offset: number,
  path: string,
): string[] {
  if (type.kind === "array") {
    const { stride } = model.metrics(type.of);
    // Look once, so that long arrays without an expect cost nothing.
    if (expectedIn(type.of, values, model, 0, "").length === 0) return [];
    return Array.from({ length: type.length }, (_, index) =>
      expectedIn(type.of, values, model, offset + index * stride, `${path}[${index}]`),
    ).flat();
  }
  if (type.kind === "struct") {
    const nested = model.structs.get(type.struct);
    return nested === undefined ? [] : expectedFields(nested, model, offset, `${path}.`);
  }
  if (values === undefined) return [];
  const shown = valueOf(type, model);
  if (shown === undefined) return [];
  const { of, scalar } = shown;
  const bigEndian = type.kind === "endian" && type.order === "big" ? ", bigEndian: true" : "";
  const size = of.kind === "utf8" ? `, size: ${of.size}` : "";
  const list = values.map((value) => literal(value, scalar)).join(", ");
  return [
    `  { field: ${JSON.stringify(path)}, offset: ${offset}, scalar: "${scalar}"${size}${bigEndian}, values: [${list}] },`,
  ];
}

type Literal = ScalarName | "bool" | "utf8";

/** The type that literals of a field are of, without access and byte order; undefined where there are none. */
function valueOf(type: TypeIr, model: LayoutModel): { readonly of: TypeIr; readonly scalar: Literal } | undefined {
  const of = type.kind === "endian" || type.kind === "atomic" || type.kind === "relaxed" ? type.of : type;
  const scalar = of.kind === "utf8" ? "utf8" : of.kind === "bool" ? "bool" : scalarOf(of, model);
  return scalar === undefined ? undefined : { of, scalar };
}

/** The default of a field as its accessor shows it. */
export function defaultLiteral(type: TypeIr, value: ExpectedValue, model: LayoutModel): string {
  const { of, scalar = "u32" } = valueOf(type, model) ?? {};
  return literal(value, of?.kind === "num" ? "f64" : scalar);
}

function literal(expected: ExpectedValue, scalar: Literal): string {
  if (expected.kind === "text") return JSON.stringify(expected.value);
  if (expected.kind === "integer") return `${BigInt(expected.value)}${scalar === "u64" || scalar === "i64" ? "n" : ""}`;
  return String(expected.value);
}
