/**
 * What the kinds of types are: one record for each. Pure; compiled into both packages.
 *
 * In: a {@link TypeIr}, with whoever knows the declarations that it names. Out: its bytes, its text, its parts. The canonical
 * layout (generator/layout/fingerprint.ts writes it, evolution/read-canonical.ts reads it) follows from `parts` alone. A new
 * kind is a member of TypeIr and a record here; what the compiler then refuses are the passes that have to know it.
 */
import { ENCODINGS } from "./encodings.js";
import {
  BITS_REPR_NAMES,
  type BitsReprName,
  ODD_NAMES,
  ODD_SIZE,
  type OddName,
  SCALAR_NAMES,
  SCALAR_SIZE,
  type ScalarName,
  TIME_UNITS,
  type TimeUnit,
  WIDE_NAMES,
  type WideName,
} from "./scalar-sizes.js";

/**
 * The shape of a field's value. `enum`, `bits` and `struct` name declarations: by their ids in a SchemaIr, by their indexes in
 * decimal text in a canonical layout.
 */
export type TypeIr =
  | { readonly kind: "scalar"; readonly scalar: ScalarName }
  | { readonly kind: "num"; readonly of: WideName }
  | { readonly kind: "odd"; readonly integer: OddName }
  | { readonly kind: "timestamp"; readonly unit: TimeUnit; readonly of: WideName }
  | { readonly kind: "bool" }
  | { readonly kind: "enum"; readonly enum: string }
  | { readonly kind: "flags"; readonly enum: string; readonly repr: BitsReprName }
  | { readonly kind: "bits"; readonly bits: string }
  | { readonly kind: "struct"; readonly struct: string }
  | { readonly kind: "utf8"; readonly size: number }
  | { readonly kind: "latin1"; readonly length: number }
  | { readonly kind: "utf16"; readonly length: number }
  | { readonly kind: "utf32"; readonly length: number }
  | { readonly kind: "bytes"; readonly size: number }
  | { readonly kind: "array"; readonly of: TypeIr; readonly length: number }
  /** `count`: of foreign memory, the field that says how many there are. */
  | { readonly kind: "tail"; readonly of: TypeIr; readonly count?: string }
  | { readonly kind: "atomic"; readonly of: TypeIr }
  | { readonly kind: "relaxed"; readonly of: TypeIr }
  | { readonly kind: "endian"; readonly order: "big" | "little"; readonly of: TypeIr }
  | { readonly kind: "reserved"; readonly of: TypeIr }
  | ContainerType;

/** A container of `schema/containers`, as a schema names it. The generator lowers it to a struct, so that no layout has any. */
export interface ContainerType {
  readonly kind: "container";
  readonly container: string;
  readonly key?: TypeIr;
  readonly of?: TypeIr;
  readonly length?: number;
}

/** Bytes of a type: size of one value, its natural alignment, and the distance of two in an array. */
export interface TypeMetrics {
  readonly size: number;
  readonly align: number;
  readonly stride: number;
}

/** A list of declarations. */
export type DeclarationList = "structs" | "enums" | "bits";

/** Knows the declarations that a type names. */
export interface TypeScope {
  struct(name: string): { readonly size: number; readonly align: number };
  /** The scalar that holds an enum or bit fields. */
  repr(list: "enums" | "bits", name: string): ScalarName;
  /** Bytes of a container. Absent where there are none any more. */
  container?(type: ContainerType): TypeMetrics;
}

/** The word for a declaration that a type names. */
export type NameOf = (list: DeclarationList, name: string) => string;

/** What a member of a type is, apart from `kind`. */
export type Part = (
  | { readonly is: "word"; readonly words: readonly string[] }
  | { readonly is: "name" }
  | { readonly is: "count" }
  | { readonly is: "reference"; readonly list: DeclarationList }
  | { readonly is: "type" }
) & { readonly optional?: true };

/**
 * What can be done with a type, whatever it is in detail. "number": a value of one machine word, which alone may be accessed in a
 * special way. "odd": an integer of bytes in a row. "chars": bytes in a row. "list": elements in a row. "access": says how the type inside is accessed. "reserved":
 * nobody accesses the type inside. "container": a struct with a role, until it is lowered.
 */
type Form = "number" | "odd" | "bits" | "chars" | "struct" | "list" | "access" | "reserved" | "container";

interface Kind<T extends TypeIr> {
  readonly form: Form;
  /** In the order of the canonical layout. */
  readonly parts: { readonly [P in Exclude<keyof T, "kind">]-?: Part };
  metrics(type: T, scope: TypeScope): TypeMetrics;
  /** Of a number: the scalar that holds its bits. */
  holder?(type: T, scope: TypeScope): ScalarName;
  /** As it is written in a schema. */
  text(type: T, nameOf: NameOf): string;
}

const machineWord = (size: number): TypeMetrics => ({ size, align: size, stride: size });
const MACHINE_WORDS = { 1: machineWord(1), 2: machineWord(2), 4: machineWord(4), 8: machineWord(8) };
const scalar = (name: ScalarName): TypeMetrics => MACHINE_WORDS[SCALAR_SIZE[name]];

const oneOf = (words: readonly string[]): Part => ({ is: "word", words });
const TYPE: Part = { is: "type" };
const COUNT: Part = { is: "count" };
const ENUM: Part = { is: "reference", list: "enums" };

type Of<K extends TypeIr["kind"]> = Extract<TypeIr, { readonly kind: K }>;

/** A number, by the scalar that holds its bits. */
const heldBy = <K extends TypeIr["kind"]>(holder: (type: Of<K>, scope: TypeScope) => ScalarName) => ({
  form: "number" as const,
  holder,
  metrics: (type: Of<K>, scope: TypeScope): TypeMetrics => scalar(holder(type, scope)),
});

const CHARS = {
  form: "chars" as const,
  parts: { size: COUNT },
  metrics: ({ size }: Of<"utf8" | "bytes">): TypeMetrics => ({ size, align: 1, stride: size }),
  text: ({ kind, size }: Of<"utf8" | "bytes">): string => `${kind}<${size}>`,
};

/** Text that counts its units. */
const TEXT = {
  form: "chars" as const,
  parts: { length: COUNT },
  metrics: ({ kind, length }: Of<"latin1" | "utf16" | "utf32">): TypeMetrics => {
    const { unit } = ENCODINGS[kind];
    return { size: length * unit, align: unit, stride: length * unit };
  },
  text: ({ kind, length }: Of<"latin1" | "utf16" | "utf32">): string => `${kind}<${length}>`,
};

const inside = ({ of }: Of<"atomic" | "relaxed" | "endian" | "reserved">, scope: TypeScope): TypeMetrics =>
  typeMetrics(of, scope);
const around = ({ kind, of }: Of<"atomic" | "relaxed">, nameOf: NameOf): string => `${kind}<${typeText(of, nameOf)}>`;

const KINDS = {
  scalar: {
    ...heldBy<"scalar">((type) => type.scalar),
    parts: { scalar: oneOf(SCALAR_NAMES) },
    text: (type) => type.scalar,
  },
  num: { ...heldBy<"num">(({ of }) => of), parts: { of: oneOf(WIDE_NAMES) }, text: ({ of }) => `num<${of}>` },
  timestamp: {
    ...heldBy<"timestamp">(({ of }) => of),
    parts: { unit: oneOf(TIME_UNITS), of: oneOf(WIDE_NAMES) },
    text: ({ unit, of }) => `timestamp<"${unit}", ${of}>`,
  },
  odd: {
    form: "odd",
    parts: { integer: oneOf(ODD_NAMES) },
    metrics: ({ integer }) => ({ size: ODD_SIZE[integer], align: 1, stride: ODD_SIZE[integer] }),
    text: ({ integer }) => integer,
  },
  bool: { ...heldBy<"bool">(() => "u8"), parts: {}, text: () => "bool" },
  enum: {
    ...heldBy<"enum">((type, scope) => scope.repr("enums", type.enum)),
    parts: { enum: ENUM },
    text: (type, nameOf) => nameOf("enums", type.enum),
  },
  flags: {
    ...heldBy<"flags">(({ repr }) => repr),
    parts: { enum: ENUM, repr: oneOf(BITS_REPR_NAMES) },
    text: (type, nameOf) => `flags<${nameOf("enums", type.enum)}, ${type.repr}>`,
  },
  bits: {
    form: "bits",
    parts: { bits: { is: "reference", list: "bits" } },
    metrics: ({ bits }, scope) => scalar(scope.repr("bits", bits)),
    text: ({ bits }, nameOf) => nameOf("bits", bits),
  },
  struct: {
    form: "struct",
    parts: { struct: { is: "reference", list: "structs" } },
    metrics: ({ struct }, scope) => {
      // The size of a struct is a multiple of its alignment, so elements of an array stand side by side.
      const { size, align } = scope.struct(struct);
      return { size, align, stride: size };
    },
    text: ({ struct }, nameOf) => nameOf("structs", struct),
  },
  utf8: CHARS,
  latin1: TEXT,
  utf16: TEXT,
  utf32: TEXT,
  bytes: CHARS,
  array: {
    form: "list",
    parts: { of: TYPE, length: COUNT },
    metrics: ({ of, length }, scope) => {
      const { stride, align } = typeMetrics(of, scope);
      return { size: stride * length, align, stride: stride * length };
    },
    text: ({ of, length }, nameOf) => `array<${typeText(of, nameOf)}, ${length}>`,
  },
  tail: {
    form: "list",
    parts: { of: TYPE, count: { is: "name", optional: true } },
    metrics: ({ of }, scope) => ({ ...typeMetrics(of, scope), size: 0 }),
    text: ({ of, count }, nameOf) => {
      const named = count === undefined ? "" : `, ${JSON.stringify(count)}`;
      return `tail<${typeText(of, nameOf)}${named}>`;
    },
  },
  atomic: { form: "access", parts: { of: TYPE }, metrics: inside, text: around },
  relaxed: { form: "access", parts: { of: TYPE }, metrics: inside, text: around },
  endian: {
    form: "access",
    parts: { order: oneOf(["big", "little"]), of: TYPE },
    metrics: inside,
    text: ({ order, of }, nameOf) => `${order === "big" ? "be" : "le"}<${typeText(of, nameOf)}>`,
  },
  reserved: {
    form: "reserved",
    parts: { of: TYPE },
    metrics: inside,
    text: ({ of }, nameOf) => (of.kind === "bytes" ? `pad<${of.size}>` : `reserved<${typeText(of, nameOf)}>`),
  },
  container: {
    form: "container",
    parts: {
      container: { is: "name" },
      key: { is: "type", optional: true },
      of: { is: "type", optional: true },
      length: { is: "count", optional: true },
    },
    metrics: (type, scope) => {
      if (scope.container === undefined) throw new Error(`the container ${type.container} was not lowered`);
      return scope.container(type);
    },
    text: ({ container, key, of, length }, nameOf) => {
      const types = [key, of].flatMap((type) => (type === undefined ? [] : [typeText(type, nameOf)]));
      const given = [...types, ...(length === undefined ? [] : [length])];
      return given.length === 0 ? container : `${container}<${given.join(", ")}>`;
    },
  },
} satisfies { readonly [K in TypeIr["kind"]]: Kind<Extract<TypeIr, { readonly kind: K }>> };

/** The types of a form. */
type OfForm<F extends Form> = Extract<
  TypeIr,
  { readonly kind: { [K in TypeIr["kind"]]: (typeof KINDS)[K]["form"] extends F ? K : never }[TypeIr["kind"]] }
>;
/** A value of one machine word: what `atomic`, `relaxed`, `be` and `le` may stand around; the last two around wide text as well. */
export type NumberType = OfForm<"number">;

const hasForm =
  <F extends Form>(form: F) =>
  (type: TypeIr): type is OfForm<F> =>
    KINDS[type.kind].form === form;

/** A value of one machine word: what `atomic`, `relaxed`, `be` and `le` may stand around. */
export const isNumber = hasForm("number");
/** Bytes in a row. */
export const isChars = hasForm("chars");
/** Text, which is shown as a string. */
export type TextType = Exclude<OfForm<"chars">, { readonly kind: "bytes" }>;
/** Text, which is shown as a string. */
export const isText = (type: TypeIr): type is TextType => isChars(type) && type.kind !== "bytes";
/** How many units a text has, or bytes. */
export const unitsOf = (type: OfForm<"chars">): number => ("size" in type ? type.size : type.length);
/** Whether a type has bytes that `be` and `le` may put in order: a number, a unit of bit fields, and text of units that have several. */
export const isOrdered = (type: TypeIr): type is OfForm<"number" | "odd" | "bits"> | TextType =>
  isNumber(type) || type.kind === "odd" || type.kind === "bits" || (isText(type) && ENCODINGS[type.kind].unit > 1);
/** Elements in a row. */
export const isList = hasForm("list");
/** Says how the type inside is accessed. */
export const isAccess = hasForm("access");

/** The record of a type's own kind. TypeScript cannot tell that they belong together. */
function kindOf<T extends TypeIr>({ kind }: T): Kind<T> {
  return KINDS[kind] as unknown as Kind<T>;
}

/** The names of all kinds. */
export const KIND_NAMES = Object.keys(KINDS) as readonly TypeIr["kind"][];

/** The kinds that layouts have. */
export type LoweredKind = Exclude<TypeIr["kind"], "container">;

/** Whether layouts have a kind of this name. */
export function isKind(name: unknown): name is LoweredKind {
  return typeof name === "string" && Object.hasOwn(KINDS, name) && name !== "container";
}

type Parts = readonly (readonly [name: string, part: Part])[];
const PARTS = new Map<string, Parts>(Object.entries(KINDS).map(([kind, { parts }]) => [kind, Object.entries(parts)]));

/** What a type of this kind has besides `kind`, in the order of the canonical layout. */
export function partsOf(kind: TypeIr["kind"]): Parts {
  return PARTS.get(kind) ?? [];
}

/**
 * Size, natural alignment and stride of a type. A size beyond 2^53 is rounded, but rounding keeps order, so that
 * comparing it with a smaller limit stays right.
 * @throws what `scope` throws for a name that it does not know
 */
export function typeMetrics(type: TypeIr, scope: TypeScope): TypeMetrics {
  return kindOf(type).metrics(type, scope);
}

/** The scalar that holds the bits of a number; undefined for every other type. @throws what `scope` throws */
export function scalarOf(type: TypeIr, scope: Pick<TypeScope, "repr">): ScalarName | undefined {
  return kindOf(type).holder?.(type, scope as TypeScope);
}

/** Whether values of a type, which says nothing of access, can tell which member of a union holds: integers, enums and bools. */
export function isTag(type: TypeIr, scope: Pick<TypeScope, "repr">): boolean {
  if (type.kind === "bool" || type.kind === "enum") return true;
  return type.kind === "scalar" && scalarOf(type, scope)?.startsWith("f") === false;
}

/** A type as it is written in a schema: `"array<Wheel, 4>"`. */
export function typeText(type: TypeIr, nameOf: NameOf): string {
  return kindOf(type).text(type, nameOf);
}

/** A type and what it is made of, from the outside inwards. A loop, because a type from elsewhere may nest deeply. */
export function* typeParts(type: TypeIr): Generator<TypeIr> {
  for (let part: TypeIr | undefined = type; part !== undefined; part = innerType(part)) yield part;
}

/** The type inside `array`, `atomic` and the like; undefined for a type that has none. */
export function innerType(type: TypeIr): TypeIr | undefined {
  return "of" in type && typeof type.of === "object" ? type.of : undefined;
}

/** A type without the words that say how it is accessed. */
export function accessedType(type: TypeIr): TypeIr {
  let inner = type;
  while (isAccess(inner)) inner = inner.of;
  return inner;
}

/** The innermost type. */
export function innermostType(type: TypeIr): TypeIr {
  let inner = type;
  for (let next = innerType(inner); next !== undefined; next = innerType(inner)) inner = next;
  return inner;
}

/** What a type has under the name of a part. */
export function memberOf(type: TypeIr, part: string): unknown {
  return (type as unknown as Readonly<Record<string, unknown>>)[part];
}

/** A declaration that a type names. */
export interface Reference {
  readonly list: DeclarationList;
  readonly name: string;
}

/** The declaration that a type itself names, not one inside it. */
export function ownReference(type: TypeIr): Reference | undefined {
  for (const [name, part] of partsOf(type.kind)) {
    if (part.is === "reference") return { list: part.list, name: memberOf(type, name) as string };
  }
  return undefined;
}

/** The declaration that a type holds, alone or as elements. */
export function referenceIn(type: TypeIr): Reference | undefined {
  return ownReference(innermostType(type));
}

/** All declarations that a type holds, those of keys as well. */
export function referencesIn(type: TypeIr): Reference[] {
  const key = containerIn(type)?.key;
  return [referenceIn(type), key && referenceIn(key)].flatMap((reference) => reference ?? []);
}

/** The container that a type holds, alone or as elements. */
export function containerIn(type: TypeIr): ContainerType | undefined {
  for (const part of typeParts(type)) if (part.kind === "container") return part;
  return undefined;
}

/** The struct that a type holds, alone or as elements. */
export function structIn(type: TypeIr): string | undefined {
  const inner = innermostType(type);
  return inner.kind === "struct" ? inner.struct : undefined;
}

/** Whether somebody accesses a type with atomic instructions: not what is reserved. */
export function isShared(type: TypeIr): boolean {
  for (let part: TypeIr | undefined = type; part !== undefined; part = innerType(part)) {
    if (part.kind === "reserved") return false;
    if (part.kind === "atomic" || part.kind === "relaxed" || part.kind === "container") return true;
  }
  return false;
}

/** The same type with other names of declarations. */
export function renamed(type: TypeIr, rename: NameOf): TypeIr {
  const changed = partsOf(type.kind).flatMap(([name, part]) => {
    const value = memberOf(type, name);
    if (value === undefined) return [];
    if (part.is === "reference") return [[name, rename(part.list, value as string)] as const];
    return [[name, part.is === "type" ? renamed(value as TypeIr, rename) : value] as const];
  });
  return Object.fromEntries([["kind", type.kind], ...changed]) as TypeIr;
}
