/**
 * Containers in C: what the partials in templates/c/partials/containers show. A container's partial has two parts: what all of its kind
 * have in common (`once`), and the functions of one struct.
 */
import {
  bucketsOf,
  CONTAINERS,
  ENTRIES_AT,
  ENTRY_SIZE,
  HISTOGRAM,
  LOCK_AT,
  MAP,
  OWNER,
  PARTICIPANT,
  PARTICIPANTS,
  SERIES,
  SERIES_KIND,
} from "@shmgen/schema/containers";
import type { TypeIr } from "../../ir/ir.js";
import type { LayoutModel, StructLayout } from "../../layout/layout.js";
import { nameFields } from "./fields.js";
import { declaredName } from "./names.js";
import { storageType } from "./types.js";

/** The functions of a struct that is a container; undefined for every other struct. */
export interface CContainer {
  readonly partial: string;
  readonly once: false;
  readonly name: string;
  /** Type of an element, or of what an element that is an array consists of. */
  readonly element: string | undefined;
  /** Bytes of an element. */
  readonly size: number | undefined;
  readonly length: number | undefined;
  /** Of a length that is a power of two. */
  readonly mask: number | undefined;
  /** Of a container with keys. */
  readonly map: CMap | undefined;
  /** Where the cells of a value lie that has two of them. */
  readonly even: number | undefined;
  readonly odd: number | undefined;
}

/** What the functions of a map are told. Bytes from the start of the map, and of an entry. */
interface CMap {
  readonly at: typeof MAP.at;
  readonly keyType: string;
  readonly keySize: number;
  /** In whole words of 8 bytes. */
  readonly keyCell: number;
  readonly isText: boolean;
  readonly isBytes: boolean;
  readonly buckets: number;
  readonly mask: number;
  readonly entries: number;
  readonly stride: number;
  readonly value: number;
  readonly valueCell: number;
}

function mapOf({ role, fields }: StructLayout, model: LayoutModel): CMap | undefined {
  if (role.kind !== "container" || role.key === undefined || role.of === undefined) return undefined;
  const [buckets, entries] = ["buckets", "entries"].map((name) => fields.find((field) => field.name === name));
  const entry = entries?.type.kind === "array" ? structOf(entries.type.of, model) : undefined;
  const value = entry?.fields.find(({ name }) => name === "value");
  if (buckets === undefined || entries === undefined || entry === undefined || value === undefined) return undefined;
  const whole = (type: TypeIr): number => Math.ceil(model.metrics(type).size / 8) * 8;
  return {
    at: MAP.at,
    keyType: storageType(role.key, model).storage,
    keySize: model.metrics(role.key).size,
    keyCell: whole(role.key),
    isText: role.key.kind === "utf8",
    isBytes: role.key.kind === "bytes",
    buckets: buckets.offset,
    mask: bucketsOf(role.length ?? 0) - 1,
    entries: entries.offset,
    stride: entry.size,
    value: value.offset,
    valueCell: whole(role.of),
  };
}

/**
 * The functions of a container, whose struct has the name `name`: theirs begin with it, in all headers that a program includes, and no
 * name of a schema does.
 */
export function containerModel(struct: StructLayout, name: string, model: LayoutModel): CContainer | undefined {
  const kind = containerKindOf(struct);
  const { role } = struct;
  if (kind === undefined || role.kind !== "container") return undefined;
  const { of, length } = role;
  const offsetOf = (field: string): number | undefined => struct.fields.find(({ name: of }) => of === field)?.offset;
  return {
    partial: partialOf(kind),
    once: false,
    name,
    element: of && storageType(of, model).storage,
    size: of && model.metrics(of).size,
    length,
    mask: length === undefined ? undefined : length - 1,
    map: mapOf(struct, model),
    even: offsetOf("even"),
    odd: offsetOf("odd"),
  };
}

/** What a header says once, before its structs; undefined without containers. */
export function containersPrelude(structs: readonly StructLayout[]): object | undefined {
  const kinds = [...new Set(structs.flatMap((struct) => containerKindOf(struct) ?? []))];
  if (kinds.length === 0) return undefined;
  return {
    owner: OWNER,
    participants: {
      lockAt: `0x${LOCK_AT.toString(16).toUpperCase()}`,
      entrySize: ENTRY_SIZE,
      at: PARTICIPANT.at,
    },
    kinds: kinds.map((kind) => ({
      partial: partialOf(kind),
      once: true,
      series: SERIES,
      seriesKind: SERIES_KIND,
      histogram: HISTOGRAM,
    })),
  };
}

/** What the name of a region is followed by whose containers have owners. */
export const REGION_FUNCTIONS = ["_recover", "_join"] as const;

/** What is done for one container of a region when a participant has died, inside as many loops as it has dimensions. */
interface Recovery extends Walk {
  readonly call: string;
}

/** Where a walk through the fields of a region is. */
interface Walk {
  readonly place: string;
  readonly loops: readonly { readonly index: string; readonly length: number }[];
}

/** Joining and recovering a region whose containers have owners; undefined for others. */
export function regionContainers(struct: StructLayout, model: LayoutModel): object | undefined {
  for (const { type, offset } of struct.fields) {
    const role = structOf(type, model)?.role;
    if (role?.kind !== "container" || role.container !== PARTICIPANTS.word) continue;
    const recoveries = recoveriesIn(struct, { place: "self->", loops: [] }, model);
    return { entries: offset + ENTRIES_AT, count: role.length, recoveries };
  }
  return undefined;
}

function recoveriesIn(struct: StructLayout, { place, loops }: Walk, model: LayoutModel): Recovery[] {
  return nameFields(struct, model).fields.flatMap(({ field, member }) => {
    const inner = [...loops];
    let { type } = field;
    for (; type.kind === "array"; type = type.of) inner.push({ index: `i${inner.length}`, length: type.length });
    const subscripts = inner.slice(loops.length).map(({ index }) => `[${index}]`);
    const at = `${place}${member}${subscripts.join("")}`;
    const nested = structOf(type, model);
    if (nested === undefined) return [];
    if (nested.role.kind !== "container") return recoveriesIn(nested, { place: `${at}.`, loops: inner }, model);
    const owned = CONTAINERS.get(nested.role.container)?.owned === true;
    return owned ? [{ call: `${declaredName(nested)}_recover`, place: at, loops: inner }] : [];
  });
}

function structOf(type: TypeIr, model: LayoutModel): StructLayout | undefined {
  return type.kind === "struct" ? model.structs.get(type.struct) : undefined;
}

/** The container that a struct is, and not a part of one or the table of participants. */
function containerKindOf({ role }: StructLayout): string | undefined {
  return role.kind === "container" && CONTAINERS.has(role.container) ? role.container : undefined;
}

/** Of `workQueue` the file `work-queue.hbs`. */
const partialOf = (kind: string): string =>
  `c/containers/${kind.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
