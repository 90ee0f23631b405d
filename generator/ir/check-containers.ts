/** Containers: where they may stand, what they may hold, and how many take part. */
import { CONTAINERS, OWNER, containerProblem } from "@shmgen/schema/containers";
import { containerIn, isShared, ownReference } from "@shmgen/schema/type-kinds";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { report } from "../diagnostics/codes.js";
import type { FieldContext } from "./field-context.js";
import type { SchemaIr, StructIr, TypeIr } from "./ir.js";
import { type ResolvedIr, reachedFrom } from "./resolve.js";
import { typeNoun, typeText } from "./type-text.js";

type ContainerType = TypeIr & { kind: "container" };
type CheckedField = Pick<FieldContext, "resolved" | "field">;

/** Bytes of a text or of bytes that are keys: they are hashed and compared at each look. */
const KEY_MAX = 1024;

/** One container, as a level of a field's type. */
export function checkContainer(context: FieldContext, type: ContainerType): Diagnostic[] {
  const { field } = context;
  const malformed = containerProblem(type);
  if (malformed !== undefined) {
    const facts = { field: field.name, container: type.container, problem: malformed };
    return [report("SHM2066", facts, { span: field.span })];
  }
  return [...checkKey(context, type), ...checkLength(context, type), ...checkElements(context, type)];
}

function checkLength({ field }: FieldContext, type: ContainerType): Diagnostic[] {
  const { length: range } = CONTAINERS.get(type.container) ?? {};
  const { length } = type;
  if (range === undefined || length === undefined) return [];
  const isPower = Number.isInteger(Math.log2(length));
  const isMultiple = length % (range.multipleOf ?? 1) === 0;
  if (length >= 1 && length <= range.most && isMultiple && (isPower || !range.powerOfTwo)) return [];
  return [report("SHM2063", { field: field.name, type: typeText(type), length, ...range }, { span: field.span })];
}

/** A key is compared byte by byte, so that one that is equal has to have the same bytes. */
function checkKey({ resolved, struct, field }: FieldContext, type: ContainerType): Diagnostic[] {
  const { key } = type;
  if (key === undefined) return [];
  const reference = ownReference(key);
  if (reference !== undefined && !resolved[reference.list].has(reference.name)) {
    const facts = { owner: `${struct.name}.${field.name}`, kind: "declaration", id: reference.name };
    return [report("SHM2046", facts, { span: field.span })];
  }
  if (key.kind === "utf8" || key.kind === "bytes") {
    const isLong = key.size < 1 || key.size > KEY_MAX;
    return isLong
      ? [report("SHM2068", { field: field.name, type: typeText(key), most: KEY_MAX }, { span: field.span })]
      : [];
  }
  if (key.kind === "enum" || key.kind === "num" || (key.kind === "scalar" && !key.scalar.startsWith("f"))) return [];
  return [report("SHM2067", { field: field.name, type: typeText(type), found: typeNoun(key) }, { span: field.span })];
}

/** Elements are copied, and a copy of what is shared is not. */
function checkElements({ resolved, field }: FieldContext, type: ContainerType): Diagnostic[] {
  const { of } = type;
  if (of === undefined) return [];
  if (CONTAINERS.get(type.container)?.elementsAreShared === true) return checkPlaces({ resolved, field }, of, "slot");
  const inner = resolved.structOf(of);
  const through = isShared(of) ? "" : inner && resolved.sharedField(inner)?.field;
  if (through === undefined) return [];
  return [report("SHM2062", { field: field.name, type: typeText(type), through }, { span: field.span })];
}

/** Of a tail: its elements may come while a dead owner's containers are looked through. */
export function checkTailElements(context: FieldContext, of: TypeIr): Diagnostic[] {
  return checkPlaces(context, of, "tail");
}

/** Elements that may be anything but containers, and what has some. */
function checkPlaces({ resolved, field }: CheckedField, of: TypeIr, place: "tail" | "slot"): Diagnostic[] {
  const own = containerIn(of);
  const inner = resolved.structOf(of);
  const found = own === undefined ? inner && resolved.containers(inner)[0] : own;
  if (found === undefined) return [];
  const facts = { field: field.name, type: typeText(field.type), found: typeText(found), place };
  return [report("SHM2061", facts, { span: field.span })];
}

/** Containers in memory of others, and the participants of regions. */
export function checkContainers(ir: SchemaIr, resolved: ResolvedIr, incomplete: ReadonlySet<string>): Diagnostic[] {
  return [
    ...checkForeign(ir, resolved),
    ...ir.structs.flatMap((struct) => checkParticipants(struct, resolved, incomplete.has(struct.id))),
  ];
}

function checkForeign(ir: SchemaIr, resolved: ResolvedIr): Diagnostic[] {
  const rootsOf = (why: "foreign" | "dotnet"): StructIr[] =>
    ir.structs.filter(({ role }) => (role.kind === "region" ? role.header === why : role.kind === why));
  return (["foreign", "dotnet"] as const).flatMap((why) => {
    return [...reachedFrom(rootsOf(why), resolved)].flatMap(([struct, root]) =>
      struct.fields.flatMap(({ name: field, type, span }) => {
        const found = containerIn(type);
        if (found === undefined) return [];
        return [report("SHM2060", { field, type: typeText(found), struct: struct.name, root, why }, { span })];
      }),
    );
  });
}

function checkParticipants({ id, name, role, span }: StructIr, resolved: ResolvedIr, isPart: boolean): Diagnostic[] {
  if (role.kind !== "region" || role.participants === undefined) return [];
  const found = role.participants;
  if (found < 1 || found > OWNER.most) {
    return [report("SHM2064", { struct: name, found, most: OWNER.most }, { span })];
  }
  const root = resolved.structs.get(id);
  if (isPart || root === undefined || resolved.hasOwners(root)) return [];
  return [report("SHM2065", { struct: name }, { span })];
}
