/** Members of a struct, and the functions of fields that are more than plain memory. */
import { accessedType, innermostType, isList } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../../ir/ir.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../../layout/layout.js";
import { sharedAlign } from "../../layout/metrics.js";
import { typeText } from "../../ir/type-text.js";
import { accessOf, type CAccess, hasFunctions } from "./access.js";
import { docLines } from "./docs.js";
import { macroNames } from "./macros.js";
import { memberName, NameScope } from "./names.js";
import { declaration, storageType } from "./types.js";

/** A line of a struct. */
export interface CMember {
  readonly doc: readonly string[];
  readonly declaration: string;
  readonly note: string;
}

/** A field with its name in C. */
export interface CField {
  readonly field: FieldLayout;
  readonly member: string;
}

/** Functions `<name>_load`, `<name>_get` and so on of one field. */
export interface CAccessor extends Omit<CAccess, "suffixes"> {
  readonly name: string;
  /** As messages call it: `Telemetry.samples`. */
  readonly field: string;
  readonly type: string;
  readonly struct: string;
  /** Parameters that follow `self`, each with a comma before it. */
  readonly indexes: string;
  /** The same as arguments. */
  readonly arguments: string;
  /** Where the value stands, through `self`; for a tail through a pointer to const where it is only read. */
  readonly place: string;
  readonly constPlace: string;
}

/** A tail: what follows the struct. */
export interface CTail {
  readonly name: string;
  readonly struct: string;
  readonly doc: readonly string[];
  readonly element: string;
  /** Declaration of the element's name, when it is an array. */
  readonly elementType: string | undefined;
  readonly offset: number;
  readonly stride: number;
  /** Of foreign memory: the function that says how many elements there are. */
  readonly lengthName: string | undefined;
}

/** What says how many elements a tail of foreign memory has. */
export interface CLength {
  readonly name: string;
  readonly tail: string;
  readonly struct: string;
  readonly offset: number;
  readonly stride: number;
  /** The field that counts them: an expression, through `self`; undefined where all that is mapped counts. */
  readonly count: string | undefined;
  /** Whether it can be less than 0. */
  readonly signed: boolean;
}

/** Names the fields of a struct; padding takes names that are left over. */
export function nameFields(struct: StructLayout, model: LayoutModel): { fields: CField[]; scope: NameScope } {
  const scope = new NameScope(macroNames(model));
  return { fields: struct.fields.map((field) => ({ field, member: scope.claim(memberName(field.name)) })), scope };
}

/**
 * Members in order, with every byte of padding spelled out, so that the compiler has nothing to decide; over-alignment is an attribute
 * of GCC and Clang.
 */
export function structMembers(struct: StructLayout, model: LayoutModel): CMember[] {
  const { fields, scope } = nameFields(struct, model);
  const members: CMember[] = [];
  let end = 0;
  const pad = (to: number): void => {
    if (to === end || struct.union) return;
    const name = scope.claim(`shmgen_pad${end}`);
    members.push({ doc: [], declaration: `uint8_t ${name}[${to - end}]`, note: `${end}` });
  };
  for (const { field, member } of fields) {
    if (field.type.kind === "tail") continue;
    pad(field.offset);
    const since = field.since === undefined ? "" : `, since version ${field.since.version}`;
    const note = `${field.offset} ${typeText(field.type)}${since}${unitsNote(field.type)}`;
    members.push({ doc: docLines(field.docs), declaration: declaration(field.type, member, model), note });
    end = field.offset + field.size;
  }
  pad(struct.size);
  return members;
}

/** What the units of a text are, which C's types do not say: wchar_t has 2 bytes on Windows and 4 elsewhere. */
function unitsNote(type: TypeIr): string {
  switch (innermostType(type).kind) {
    case "latin1":
      return ": windows-1252";
    case "utf16":
      return ": UTF-16, which is wchar_t on Windows only";
    case "utf32":
      return ": UTF-32, which is wchar_t, but not on Windows";
    default:
      return "";
  }
}

/** Array dimensions around a type, and the type itself. */
function unwrap(type: TypeIr): { element: TypeIr; depth: number } {
  let element = type;
  let depth = 0;
  while (isList(element)) {
    element = element.of;
    depth += 1;
  }
  return { element, depth };
}

/**
 * A member that is aligned although its struct is packed, as only roots have it: reached by its offset, because compilers take the
 * address of a packed member for a misaligned one.
 */
function alignedPlace({ offset, type }: FieldLayout, model: LayoutModel): Pick<Reach, "place" | "constPlace"> {
  const { storage, dimensions } = storageType(type, model);
  const rest = dimensions
    .slice(1)
    .map((length) => `[${length}]`)
    .join("");
  const pointer = rest === "" ? "*" : `(*)${rest}`;
  const at = (access: string): string =>
    `((${access}${storage} ${pointer})(${access}void *)((${access}unsigned char *)self + ${offset}))`;
  const through = (access: string): string => (dimensions.length === 0 ? `*${at(access)}` : at(access));
  return { place: `(${through("")})`, constPlace: `(${through("const ")})` };
}

/** How the functions of a field reach its elements. */
interface Reach extends Pick<CAccessor, "indexes" | "arguments" | "place" | "constPlace"> {
  /** What the names of the functions begin with. */
  readonly prefix: string;
}

function reachOf(member: string, depth: number, structName: string, tail: string | undefined): Reach {
  const names = Array.from({ length: depth }, (_, index) => (depth === 1 ? "index" : `index${index}`));
  const indexes = names.map((name) => `, size_t ${name}`).join("");
  const given = names.map((name) => `, ${name}`).join("");
  const subscripts = names.map((name) => `[${name}]`).join("");
  if (tail === undefined) {
    const place = `self->${member}${subscripts}`;
    return { prefix: `${structName}_${member}`, indexes, arguments: given, place, constPlace: place };
  }
  const place = `${tail}(self)${subscripts}`;
  return { prefix: tail, indexes, arguments: given, place, constPlace: `${tail}_view(self)${subscripts}` };
}

/** The functions of one field; undefined for plain memory. `tail` is the name of the tail's function. */
export function fieldAccessor(
  struct: StructLayout,
  { field, member }: CField,
  {
    model,
    scope,
    structName,
    tail,
  }: { model: LayoutModel; scope: NameScope; structName: string; tail: string | undefined },
): CAccessor | undefined {
  const { element, depth } = unwrap(field.type);
  if (!hasFunctions(element)) return undefined;
  const { prefix, ...reach } = reachOf(member, depth, structName, tail);
  const { suffixes, ...access } = accessOf(element, model);
  if (access.kind === "atomic" && tail === undefined && field.align < sharedAlign(field.type, model)) {
    const { place, constPlace } = alignedPlace(field, model);
    const subscripts = reach.place.slice(`self->${member}`.length);
    Object.assign(reach, { place: place + subscripts, constPlace: constPlace + subscripts });
  }
  return {
    name: scope.claimAll(prefix, suffixes),
    field: `${struct.name}.${field.name}`,
    type: typeText(field.type),
    struct: structName,
    ...reach,
    ...access,
  };
}

/** The function that says how many elements a tail of foreign memory has; `accessor` gives the functions of a field. */
export function tailLength(
  struct: StructLayout,
  tail: CTail | undefined,
  model: LayoutModel,
  accessor: (field: string) => CAccessor | undefined,
): CLength | undefined {
  if (tail?.lengthName === undefined) return undefined;
  const { name, struct: structName, offset, stride, lengthName } = tail;
  const common = { name: lengthName, tail: name, struct: structName, offset, stride };
  const type = struct.tail?.field.type;
  const by = type?.kind === "tail" ? type.count : undefined;
  const found = nameFields(struct, model).fields.find(({ field }) => field.name === by);
  if (by === undefined || found === undefined) return { ...common, count: undefined, signed: false };
  const functions = accessor(by);
  const read = functions?.kind === "atomic" ? "load" : "get";
  const count = functions === undefined ? `self->${found.member}` : `${functions.name}_${read}(self)`;
  const signed = model.scalarOf(accessedType(found.field.type))?.startsWith("i") === true;
  return { ...common, count, signed };
}

/** The function that finds the tail of a region. */
export function structTail(
  struct: StructLayout,
  structName: string,
  model: LayoutModel,
  scope: NameScope,
): CTail | undefined {
  if (struct.tail === undefined) return undefined;
  const { fields } = nameFields(struct, model);
  const { member } = fields.at(-1) as CField;
  const isForeign = struct.role.kind === "foreign";
  const name = scope.claimAll(`${structName}_${member}`, ["", "_view", "_element", ...(isForeign ? ["_length"] : [])]);
  const { storage, dimensions } = storageType(struct.tail.of, model);
  const element = dimensions.length === 0 ? storage : `${name}_element`;
  return {
    name,
    struct: structName,
    doc: docLines(struct.tail.field.docs),
    element,
    elementType: dimensions.length === 0 ? undefined : declaration(struct.tail.of, element, model),
    offset: struct.tail.offset,
    stride: struct.tail.stride,
    lengthName: isForeign ? `${name}_length` : undefined,
  };
}
