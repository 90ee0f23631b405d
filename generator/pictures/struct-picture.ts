/**
 * What a picture of a struct shows, without saying how it looks.
 *
 *   layout of a struct -> parts (fields, holes, padding, tail) -> lines of 64 bytes with cells, and folds -> svg.ts draws them
 */
import { innermostType, isAccess, structIn } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../ir/ir.js";
import { packText } from "../ir/roles.js";
import { typeText } from "../ir/type-text.js";
import { layoutJson, layoutNotes, layoutSummary } from "../layout/layout-text.js";
import type { FieldLayout, LayoutModel, StructLayout } from "../layout/layout.js";
import { CACHE_LINE } from "../layout/limits.js";
import { COLOURS } from "./palette.js";
import type { Part, StructPicture } from "./picture.js";
import { rowsOf } from "./rows.js";

/** Fields of a struct that are shown; `shmgen layout --json` has all. */
export const FIELDS_MAX = 4096;

/** The picture of one struct of a model. */
export function structPicture(model: LayoutModel, id: string): StructPicture {
  const report = layoutJson(model, id);
  const struct = model.structs.get(id) as StructLayout;
  const shown = struct.fields.slice(0, FIELDS_MAX);
  const drawn = shown.map((field, index) => ({ ...partOf(field, index, typeText), about: aboutOf(field, model) }));
  const parts = withHoles(
    struct.union ? [unionPart(drawn)] : drawn,
    shown.length < struct.fields.length ? undefined : struct.size,
    struct.tail?.stride,
  );
  const left = struct.fields.length - shown.length;
  return {
    name: struct.name,
    file: struct.file,
    facts: factsOf(struct),
    docs: struct.docs ?? "",
    size: struct.size,
    parts,
    rows: rowsOf(parts, report.payloadOffset, new Map(report.sharedLines.map(({ line, fields }) => [line, fields]))),
    summary: layoutSummary(report, struct),
    notes: [
      ...layoutNotes(report),
      ...(left === 0 ? [] : [`${left} more fields are not shown; shmgen layout --json has all`]),
    ],
  };
}

function factsOf(struct: StructLayout): string[] {
  const { role } = struct;
  const packed = packText(struct);
  return [
    ...(role.kind === "region" ? [`region type ${role.typeId}, version ${role.version}`] : []),
    ...(role.kind === "foreign" ? ["memory of another program"] : []),
    ...(role.kind === "container" ? ["made by shmgen for a container"] : []),
    ...(packed === undefined ? [] : [packed]),
    ...(struct.union ? ["union"] : []),
  ];
}

function aboutOf({ docs, since, was, tag, cases, type }: FieldLayout, { bits }: LayoutModel): string[] {
  const inner = innermostType(type);
  const fields = inner.kind === "bits" ? (bits.get(inner.bits)?.fields.filter(({ pad }) => pad !== true) ?? []) : [];
  return [
    ...(fields.length === 0 ? [] : [`bits: ${fields.map(({ name, width }) => `${name} ${width}`).join(", ")}`]),
    ...(since === undefined ? [] : [`since version ${since.version}`]),
    ...(was === undefined ? [] : [`was ${was}`]),
    ...(tag === undefined ? [] : [`${tag} says which member holds`]),
    ...(cases === undefined ? [] : [`case ${cases.join(", ")}`]),
    ...(docs === undefined || docs === "" ? [] : [docs]),
  ];
}

/** What every side has of a field: a schema's, and a published layout's. */
export interface DrawnField {
  readonly name: string;
  readonly type: TypeIr;
  readonly offset: number;
  readonly size: number;
}

/** One field as a part. `text` writes types. */
export function partOf(field: DrawnField, index: number, text: (type: TypeIr) => string): Part {
  const { name, type, offset, size } = field;
  const isTail = type.kind === "tail";
  return {
    kind: isTail ? "tail" : "field",
    number: index + 1,
    name,
    type: text(type),
    offset,
    size,
    colour: index % COLOURS,
    elements: elementsOf(type, size),
    struct: type.kind === "reserved" ? undefined : structIn(type),
    about: [],
  };
}

/** All members of a union in one part, since they lie over the same bytes: as long as the longest. */
export function unionPart(members: readonly Part[]): Part {
  const size = Math.max(0, ...members.map((member) => member.size));
  const about = members.map((one) => [`${one.name}: ${one.type}, ${one.size} bytes`, ...one.about].join(", "));
  const name = members.map((one) => one.name).join(" | ");
  return { ...NOBODY, kind: "field", number: 1, name, type: "union", offset: 0, size, about };
}

/** Of an array, whatever says how it is accessed. */
function elementsOf(type: TypeIr, size: number): Part["elements"] {
  let bare = type;
  while (isAccess(bare)) bare = bare.of;
  return bare.kind === "array" && bare.length > 0 ? { stride: size / bare.length, count: bare.length } : undefined;
}

/**
 * Fields with the holes between them and the padding behind them, and a tail with as much of it as is drawn. `size`: of the whole
 * struct; undefined where some fields are left out.
 */
export function withHoles(fields: readonly Part[], size: number | undefined, tailStride: number | undefined): Part[] {
  const parts: Part[] = [];
  let end = 0;
  const nobody = (kind: "hole" | "padding", to: number): void => {
    if (to <= end) return;
    const name = kind;
    parts.push({ ...NOBODY, kind, name, offset: end, size: to - end });
    end = to;
  };
  for (const field of fields) {
    if (field.kind === "tail") {
      nobody("padding", Math.max(field.offset, size ?? 0));
      const stride = tailStride ?? 1;
      // Two elements, or the beginning of the first one: what follows is the same again.
      const drawn = Math.min(2 * stride, 2 * CACHE_LINE);
      parts.push({ ...field, size: drawn, elements: { stride, count: Infinity } });
      return parts;
    }
    nobody("hole", field.offset);
    parts.push(field);
    end = Math.max(end, field.offset + field.size);
  }
  if (size !== undefined) nobody("padding", size);
  return parts;
}

const NOBODY = { number: 0, type: "", colour: 0, elements: undefined, struct: undefined, about: [] } as const;
