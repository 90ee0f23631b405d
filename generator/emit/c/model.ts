/** Layouts of one schema file -> what the C templates show. Templates decide nothing. */
import { createHash } from "node:crypto";
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  DOTNET_HEADER_OFFSET,
  HEADER_OFFSET,
  HEADER_SIZE,
  KEPT_BIT,
  MAGIC_U64,
  STATE,
} from "@shmgen/schema/region-format";
import { innermostType } from "@shmgen/schema/type-kinds";
import type { BitsIr, EnumIr, TypeIr } from "../../ir/ir.js";
import { isDeclared, isRoot, packedAlign, packOf } from "../../ir/roles.js";
import { descriptorBytes } from "../../layout/descriptor.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import { payloadOffset } from "../../layout/limits.js";
import { declarationsOf } from "../common/declarations.js";
import { containerModel, containersPrelude, REGION_FUNCTIONS, regionContainers } from "./containers.js";
import { docLines } from "./docs.js";
import { type CExpectation, expectations } from "./expect.js";
import { type CAccessor, fieldAccessor, nameFields, structMembers, structTail, tailLength } from "./fields.js";
import { macroNames, REGION_MACROS } from "./macros.js";
import { isTakenAtFileScope, declaredName, memberName, NameScope, typeName } from "./names.js";
import { headerFields } from "./region-format.js";
import { integerLiteral, naturalAlign, scalarType } from "./types.js";

/** What a header declares, as others that include it need to know. */
interface Header {
  readonly model: object;
  readonly names: ReadonlySet<string>;
  /** Checking function of each struct that has one, by id. */
  readonly checks: ReadonlyMap<string, string>;
}

/** Headers made so far: the names of one depend on those of the headers that it includes. */
type Headers = Map<string, Header>;
const made = new WeakMap<LayoutModel, Headers>();

/** What the template shows of one schema file; `source` and `includes` are added by who knows the paths. */
export function headerModel(model: LayoutModel, file: string): object {
  let headers = made.get(model);
  if (headers === undefined) made.set(model, (headers = new Map()));
  for (const other of declarationsOf(model).closure(file)) header(model, other, headers);
  return header(model, file, headers).model;
}

function header(model: LayoutModel, file: string, headers: Headers): Header {
  let found = headers.get(file);
  if (found !== undefined) return found;
  const project = declarationsOf(model);
  const included = project.closure(file).flatMap((other) => headers.get(other) ?? []);
  const declarations = project.of(file);
  const scope = new NameScope(
    included.flatMap(({ names }) => [...names]),
    isTakenAtFileScope,
  );
  const checks = new Map<string, string>();
  for (const other of included) for (const [id, check] of other.checks) checks.set(id, check);
  for (const { of } of declarations) scope.claim(declaredName(of));
  const shown = declarations.map((declaration) => {
    if (declaration.kind === "enum") return enumModel(declaration.of, scope);
    if (declaration.kind === "bits") return bitsModel(declaration.of, model);
    return structModel(declaration.of, model, { scope, checks });
  });
  const structs = declarations.flatMap((one) => (one.kind === "struct" ? [one.of] : []));
  const region = structs.some(({ role }) => role.kind === "region" && role.header === "standard");
  const content = {
    guard: guardName(model, file),
    declarations: shown,
    u128: structs.some(({ fields }) => fields.some(({ type }) => holdsU128(type))),
    validates: structs.some(({ role }) => isRoot(role)),
    format: region ? REGION_FORMAT : undefined,
    containers: containersPrelude(structs),
  };
  found = { model: content, names: scope.names(), checks };
  headers.set(file, found);
  return found;
}

function holdsU128(type: TypeIr): boolean {
  const inner = innermostType(type);
  return inner.kind === "odd" && inner.integer === "u128";
}

const REGION_FORMAT = {
  headerSize: HEADER_SIZE,
  byteOrderMark: BYTE_ORDER_MARK,
  magic: `UINT64_C(0x${MAGIC_U64.toString(16).toUpperCase().padStart(16, "0")})`,
  crcCovers: CRC_COVERS,
  state: STATE,
  kept: `UINT64_C(0x${KEPT_BIT.toString(16).toUpperCase()})`,
  fields: headerFields(),
  offsets: Object.entries(HEADER_OFFSET).map(([name, offset]) => ({ name, offset })),
};

function enumModel(declaration: EnumIr, scope: NameScope): object {
  const name = typeName(declaration.name);
  const repr = scalarType(declaration.repr);
  // ISO C keeps enumerators in the range of int.
  const wide = declaration.members.some(({ value }) => !(Number(value) <= 0x7fffffff && Number(value) >= -0x80000000));
  const members = declaration.members.map((member) => ({
    doc: docLines(member.docs),
    name: scope.claim(`${name}_${member.name}`.replaceAll(/[^A-Za-z0-9_]/g, "_")),
    value: wide ? integerLiteral(member.value, declaration.repr) : member.value,
  }));
  return { kind: "enum", doc: docLines(declaration.docs), name, repr, members, wide };
}

function bitsModel(declaration: BitsIr, model: LayoutModel): object {
  const scope = new NameScope(macroNames(model));
  const repr = scalarType(declaration.repr);
  const width = Number(declaration.repr.slice(1));
  const used = declaration.fields.reduce((sum, field) => sum + field.width, 0);
  const members = declaration.fields.map((field) => ({
    doc: docLines(field.docs),
    declaration:
      field.pad === true
        ? `${repr} : ${field.width}`
        : `${field.signed === true ? repr.slice(1) : repr} ${scope.claim(memberName(field.name))} : ${field.width}`,
  }));
  if (used < width) members.push({ doc: [], declaration: `${repr} : ${width - used}` });
  const name = typeName(declaration.name);
  return { kind: "bits", doc: docLines(declaration.docs), name, members, size: width / 8, repr: declaration.repr };
}

/** What the declarations before a struct have left. */
interface Declared {
  readonly scope: NameScope;
  readonly checks: Map<string, string>;
}

function structModel(struct: StructLayout, model: LayoutModel, { scope, checks }: Declared): object {
  const name = declaredName(struct);
  const isContainer = !isDeclared(struct);
  const container = containerModel(struct, name, model);
  const region = regionModel(struct, name, { model, scope });
  const tail = structTail(struct, name, model, scope);
  const accessors = new Map<string, CAccessor>();
  const { fields } = nameFields(struct, model);
  for (const field of fields) {
    const tailName = field.field.type.kind === "tail" ? tail?.name : undefined;
    // The words of a container are for its own functions.
    const accessor = isContainer
      ? undefined
      : fieldAccessor(struct, field, { model, scope, structName: name, tail: tailName });
    if (accessor !== undefined) accessors.set(field.field.name, accessor);
  }
  const expected: CExpectation[] = expectations(struct, {
    model,
    accessor: (field) => accessors.get(field.name)?.name,
    nested: (id) => checks.get(id),
  });
  const check = expected.length === 0 ? undefined : scope.claim(`${name}_unexpected`);
  if (check !== undefined) checks.set(struct.id, check);
  const types = struct.fields.flatMap(({ type }) => (type.kind === "tail" ? [] : [type]));
  const natural = packedAlign(struct, naturalAlign(types, model));
  return {
    kind: "struct",
    // Other headers may have the same one.
    guard: isContainer ? `SHMGEN_TYPE_${name}` : undefined,
    container,
    doc: docLines(struct.docs),
    name,
    pack: packOf(struct),
    keyword: struct.union ? "union" : "struct",
    // C has no struct without members; such a region is its tail alone.
    hollow: struct.size === 0,
    aligned: struct.align > natural || struct.fields.length === 0 ? struct.align : undefined,
    members: structMembers(struct, model),
    size: struct.size,
    align: struct.align,
    offsets: fields
      .filter(({ field }) => field.type.kind !== "tail")
      .map(({ field, member }) => ({ member, offset: field.offset })),
    tail,
    accessors: [...accessors.values()],
    tailLength: tailLength(struct, tail, model, (field) => accessors.get(field)),
    check,
    expected,
    region,
  };
}

/** Constants and functions of a region; undefined for a plain struct. */
function regionModel(
  struct: StructLayout,
  structName: string,
  { model, scope }: Pick<Declared, "scope"> & { readonly model: LayoutModel },
): object | undefined {
  const { role } = struct;
  if (!isRoot(role)) return undefined;
  const header = role.kind === "foreign" ? "foreign" : role.header;
  const descriptor = header === "standard" ? descriptorBytes(model, struct.id) : undefined;
  const functions = ["_validate", "_data", "_view", ...(struct.tail === undefined ? [] : ["_tail_length"])];
  const described = descriptor === undefined ? [] : ["_descriptor"];
  const owners = regionContainers(struct, model);
  const joining = owners === undefined ? [] : REGION_FUNCTIONS;
  return {
    name: scope.claimAll(structName, [...functions, ...REGION_MACROS, ...described, ...joining]),
    owners,
    header,
    descriptorSize: descriptor?.length,
    descriptorLines: descriptor && byteLines(descriptor),
    payloadOffset: payloadOffset(role),
    payloadSize: struct.size,
    // Only a standard header says how long a tail is; the other kinds have none.
    tailStride: struct.tail?.stride ?? 0,
    typeId: role.kind === "region" ? role.typeId : 0,
    version: role.kind === "region" ? role.version : 0,
    readableFrom: role.kind === "region" ? role.readableFrom : 0,
    fingerprint: `UINT64_C(0x${struct.fingerprint})`,
    typeOffset: DOTNET_HEADER_OFFSET.type,
    versionOffset: DOTNET_HEADER_OFFSET.version,
  };
}

/** Bytes as an initialiser in C, in lines of 24. */
function byteLines(bytes: Uint8Array): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 24) lines.push(`${bytes.subarray(at, at + 24).join(", ")},`);
  return lines;
}

/**
 * `SHMGEN_CAR_1A2B3C4D_H`. The hash is of what is declared, since two packages may both have a `car.shm.ts`; where both declare the same,
 * a program needs one of them. Where a file lies is not in it, so that the header is the same from whichever folder it is generated.
 */
function guardName(model: LayoutModel, file: string): string {
  const plain = file
    .slice(file.lastIndexOf("/") + 1)
    .replace(/\.shm\.ts$/, "")
    .replaceAll(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase();
  const declared = declarationsOf(model)
    .of(file)
    .map(({ of }) => ("fingerprint" in of ? [of.name, of.fingerprint, of.role] : of));
  const text = JSON.stringify(declared, (key, value: unknown) => (NOT_DECLARED.has(key) ? undefined : value));
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 8).toUpperCase();
  return `SHMGEN_${plain.replace(/^_/, "")}_${hash}_H`;
}

/** Of a declaration, what changes nothing in C but comments; and where it lies, which depends on the folder that a command works in. */
const NOT_DECLARED: ReadonlySet<string> = new Set(["docs", "span", "versionSpan", "file", "id"]);
