/**
 * Containers in generated code: a field whose struct has the role of one is shown by the runtime's class, and a region's definition lists
 * those that hold numbers of participants, for recovery.
 */
import { CONTAINERS, type ContainerKind } from "@shmgen/schema/containers";
import { innermostType } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../../ir/ir.js";
import { type ContainerRole, isDeclared } from "../../ir/roles.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import type { ModuleNames } from "./names.js";
import { plainForm } from "./plain-forms.js";

/** The door of the runtime that has the classes. Only generated code with containers loads it. */
const DOOR = "@shmgen/runtime/containers-v1";

/** The struct of a container. */
export interface ContainerStruct {
  readonly struct: StructLayout;
  readonly role: ContainerRole;
  readonly kind: ContainerKind;
}

/** The container that a type is, or undefined: what else lowering makes is nobody's field. */
export function containerOf(type: TypeIr, model: LayoutModel): ContainerStruct | undefined {
  const struct = type.kind === "struct" ? model.structs.get(type.struct) : undefined;
  if (struct?.role.kind !== "container") return undefined;
  const kind = CONTAINERS.get(struct.role.container);
  return kind && { struct, role: struct.role, kind };
}

/** Whether a field is of use to nobody but the runtime: the table of participants. */
export function isInternal(type: TypeIr, model: LayoutModel): boolean {
  const struct = type.kind === "struct" ? model.structs.get(type.struct) : undefined;
  return struct !== undefined && !isDeclared(struct) && containerOf(type, model) === undefined;
}

/** Whether a type is a container, or an array of some. */
export function holdsContainer(type: TypeIr, model: LayoutModel): boolean {
  return containerOf(innermostType(type), model) !== undefined;
}

/** `Ring` of `ring`. */
const classOf = ({ word, class: own }: ContainerKind): string =>
  own ?? `${word.charAt(0).toUpperCase()}${word.slice(1)}`;

/** What a container holds, as it is shown: types and the runtime's expression for it. */
export interface Held {
  readonly text: string;
  readonly type: string;
  readonly writeType: string;
  /** Of keys, where there are some. */
  readonly key?: { readonly text: string; readonly type: string; readonly is: "text" | "bytes" | "number" };
}

/** Class, type and shape of a container. `held` is absent where it takes no type. */
export function containerModel(
  { struct, role, kind }: ContainerStruct,
  held: Held | undefined,
  { model, names, writer }: { readonly model: LayoutModel; readonly names: ModuleNames; readonly writer: boolean },
): { readonly local: string; readonly type: string; readonly shape: string } {
  const local = names.value(DOOR, classOf(kind), writer);
  const shown = writer ? local : names.type(DOOR, `${classOf(kind)}Reader`);
  const types = held === undefined ? [] : [held.key?.type ?? "", held.type, writer ? held.writeType : ""];
  const of = held === undefined ? "" : `<${types.filter((one) => one !== "").join(", ")}>`;
  const plain = role.of && held && plainForm(role.of, model, writer);
  const parts =
    held === undefined ? {} : { of: held.text, ...(plain === undefined ? {} : { plain }), ...keyText(held.key) };
  return { local, type: `${shown}${of}`, shape: shapeText({ struct, role, kind }, model, parts) };
}

/** How the runtime is told of keys. */
function keyText(key: Held["key"]): { readonly key?: string } {
  return key === undefined ? {} : { key: `{ of: ${key.text}, is: "${key.is}" }` };
}

/** Where that lies in what a container repeats which follows from what it holds: `entry: { size: 72, at: { key: 32, value: 40 } }`. */
function partsText(fields: StructLayout["fields"], kind: ContainerKind, model: LayoutModel): string {
  const parts = fields.flatMap(({ type }) => {
    const struct = type.kind === "array" && type.of.kind === "struct" ? model.structs.get(type.of.struct) : undefined;
    if (struct?.role.kind !== "container" || !struct.role.container.startsWith(`${kind.word}.`)) return [];
    const own = struct.fields.filter(({ type: { kind: is } }) => is !== "atomic");
    if (own.length === 0) return [];
    const at = own.map(({ name, offset }) => `${name}: ${offset}`).join(", ");
    return [`${struct.role.container.slice(kind.word.length + 1)}: { size: ${struct.size}, at: { ${at} } }`];
  });
  return parts.length === 0 ? "" : `parts: { ${parts.join(", ")} }`;
}

/** The {@link ContainerShape} of the runtime. */
function shapeText(
  { struct, role, kind }: ContainerStruct,
  model: LayoutModel,
  { of, plain, key }: { readonly of?: string; readonly plain?: string; readonly key?: string },
): string {
  const { size, align, fields } = struct;
  const behind = fields.filter(({ name }) => !Object.hasOwn(kind.words, name));
  const at = behind
    .flatMap(({ name, offset, type }) => [`${name}: ${offset}`].concat(partPlaces(name, type, model)))
    .join(", ");
  const parts = partsText(behind, kind, model);
  return `{ ${[
    `size: ${size}`,
    `align: ${align}`,
    ...(key === undefined ? [] : [`key: ${key}`]),
    ...(of === undefined ? [] : [`of: ${of}`]),
    ...(role.of === undefined ? [] : [`stride: ${model.metrics(role.of).stride}`]),
    ...(role.length === undefined ? [] : [`length: ${role.length}`]),
    at === "" ? "at: {}" : `at: { ${at} }`,
    ...(parts === "" ? [] : [parts]),
    ...(plain === undefined ? [] : [`plain: ${plain}`]),
  ].join(", ")} }`;
}

/** Of an array of parts, `"slots.stride": 16` and where in a part that lies which is no word. */
function partPlaces(field: string, type: TypeIr, model: LayoutModel): string[] {
  const part = type.kind === "array" && type.of.kind === "struct" ? model.structs.get(type.of.struct) : undefined;
  if (type.kind !== "array" || part?.role.kind !== "container") return [];
  const inside = part.fields.filter(({ type: { kind } }) => kind !== "atomic");
  return [
    `"${field}.stride": ${model.metrics(type.of).stride}`,
    ...inside.map(({ name, offset }) => `"${field}.${name}": ${offset}`),
  ];
}

/** Lines of a region's definition; none without containers that have owners. */
export function containerLines(struct: StructLayout, model: LayoutModel, names: ModuleNames): string[] {
  const table = struct.fields.find(({ type }) => isInternal(type, model));
  const role = table?.type.kind === "struct" ? model.structs.get(table.type.struct)?.role : undefined;
  if (role?.kind !== "container") return [];
  const placed = placedIn(struct, { model, offset: 0, path: "", repeat: [] }).map(
    ({ found, offset, path, repeat }): string => {
      const rows = repeat.map(([count, stride]) => `[${count}, ${stride}]`).join(", ");
      const parts = [
        `name: ${JSON.stringify(path)}`,
        `type: ${names.value(DOOR, classOf(found.kind))}`,
        `offset: ${offset}`,
        `shape: ${shapeText(found, model, {})}`,
        ...(rows === "" ? [] : [`repeat: [${rows}]`]),
      ];
      return `    { ${parts.join(", ")} },`;
    },
  );
  return ["containers: {", `  participants: ${role.length ?? 0},`, "  placed: [", ...placed, "  ],", "},"];
}

/** Where a walk through a struct's fields is. */
interface Place {
  readonly model: LayoutModel;
  readonly offset: number;
  readonly path: string;
  readonly repeat: readonly (readonly [count: number, stride: number])[];
}

interface Placed extends Omit<Place, "model"> {
  readonly found: ContainerStruct;
}

function placedIn(struct: StructLayout, place: Place): Placed[] {
  return struct.fields.flatMap(({ name, type, offset }) =>
    placedAt(type, {
      ...place,
      offset: place.offset + offset,
      path: place.path === "" ? name : `${place.path}.${name}`,
    }),
  );
}

function placedAt(type: TypeIr, place: Place): Placed[] {
  const { model, offset, path, repeat } = place;
  if (type.kind === "array") {
    const row = [type.length, model.metrics(type.of).stride] as const;
    return placedAt(type.of, { ...place, path: `${path}[]`, repeat: [...repeat, row] });
  }
  const found = containerOf(type, model);
  if (found !== undefined) return found.kind.owned ? [{ found, offset, path, repeat }] : [];
  const nested = type.kind === "struct" ? model.structs.get(type.struct) : undefined;
  return nested === undefined || isInternal(type, model) ? [] : placedIn(nested, place);
}
