/** A layout as pahole would show it: for people, and for golden files. */
import type { EnumValue } from "@shmgen/schema/enum-values";
import { printable } from "@shmgen/schema/printable";
import { structIn } from "@shmgen/schema/type-kinds";
import type { FieldLayout, LayoutModel, StructLayout } from "./layout.js";
import { CACHE_LINE, payloadOffset, roundUp } from "./limits.js";
import { holdsAtomics } from "./metrics.js";
import { packOrder } from "./pack-order.js";
import { packText } from "../ir/roles.js";
import { typeText } from "../ir/type-text.js";

/** Bytes that belong to no field. */
export interface Hole {
  readonly offset: number;
  readonly size: number;
}

/** Atomic fields that share a cache line; `line` counts from the start of the region or struct. */
export interface SharedLine {
  readonly line: number;
  readonly fields: readonly string[];
}

/** A struct's layout as data, for `shmgen layout --json`. Offsets and sizes are bytes. */
export interface LayoutReport {
  readonly name: string;
  readonly file: string;
  readonly size: number;
  readonly align: number;
  readonly fingerprint: string;
  readonly packed: boolean;
  /** N of `Packed<N>` beyond 1. */
  readonly pack?: number;
  /** Its fields lie over one another. */
  readonly union?: true;
  /** Where the struct begins in the file or mapping: 128 after a standard header, 0 for a struct that is no region. */
  readonly payloadOffset: number;
  readonly fields: readonly {
    readonly name: string;
    readonly type: string;
    readonly offset: number;
    readonly size: number;
    readonly align: number;
    /** The version that the field came with. */
    readonly since?: number;
    /** Its name in older versions. */
    readonly was?: string;
    /** Of a union: the field that says which member holds. */
    readonly tag?: string;
    /** Of a union's member: the values of that field with which it holds. */
    readonly cases?: readonly EnumValue[];
  }[];
  readonly tail: {
    readonly name: string;
    readonly type: string;
    readonly offset: number;
    readonly stride: number;
  } | null;
  /** Unused bytes between fields. */
  readonly holes: readonly Hole[];
  /** Unused bytes after the last field. */
  readonly padding: number;
  readonly cacheLines: number;
  readonly sharedLines: readonly SharedLine[];
  /** Field names in an order that takes fewer bytes, with the size that it gives; null when there is none. */
  readonly suggestion: { readonly size: number; readonly order: readonly string[] } | null;
}

/** Everything that {@link layoutText} shows, as data that JSON can carry. */
export function layoutJson(model: LayoutModel, structId: string): LayoutReport {
  const struct = structOf(model, structId);
  const fixed = struct.fields.filter(({ type }) => type.kind !== "tail");
  const start = payloadOffset(struct.role);
  const end = fixed.reduce((at, { offset, size }) => Math.max(at, offset + size), 0);
  return {
    name: struct.name,
    file: struct.file,
    size: struct.size,
    align: struct.align,
    fingerprint: struct.fingerprint,
    packed: struct.packed,
    ...(struct.pack === undefined ? {} : { pack: struct.pack }),
    ...(struct.union ? { union: true } : {}),
    payloadOffset: start,
    fields: fixed.map(({ name, type, offset, size, align, since, was, tag, cases }) => ({
      name,
      type: typeText(type),
      offset,
      size,
      align,
      ...(since === undefined ? {} : { since: since.version }),
      ...(was === undefined ? {} : { was }),
      ...(tag === undefined ? {} : { tag }),
      ...(cases === undefined ? {} : { cases }),
    })),
    tail:
      struct.tail === undefined
        ? null
        : {
            name: struct.tail.field.name,
            type: typeText(struct.tail.of),
            offset: struct.tail.offset,
            stride: struct.tail.stride,
          },
    holes: findHoles(fixed),
    padding: struct.size - end,
    cacheLines: roundUp(struct.size, CACHE_LINE) / CACHE_LINE,
    sharedLines: sharedLines(struct, model),
    suggestion: packOrder(struct) ?? null,
  };
}

function structOf(model: LayoutModel, structId: string): StructLayout {
  const struct = model.structs.get(structId);
  if (struct === undefined) throw new Error(`there is no layout of "${structId}"`);
  return struct;
}

function findHoles(fields: readonly FieldLayout[]): Hole[] {
  const holes: Hole[] = [];
  let end = 0;
  for (const { offset, size } of fields) {
    if (offset > end) holes.push({ offset: end, size: offset - end });
    end = Math.max(end, offset + size);
  }
  return holes;
}

/** Lines of 64 bytes in which two or more fields begin or end that are written with atomics. */
function sharedLines(struct: StructLayout, model: LayoutModel): SharedLine[] {
  const start = payloadOffset(struct.role);
  const lines = new Map<number, string[]>();
  for (const { name, type, offset, size } of struct.fields) {
    if (size === 0 || !holdsAtomics(type, model.structs)) continue;
    const first = Math.floor((start + offset) / CACHE_LINE);
    const last = Math.floor((start + offset + size - 1) / CACHE_LINE);
    for (const line of new Set([first, last])) lines.set(line, [...(lines.get(line) ?? []), name]);
  }
  return [...lines]
    .filter(([, fields]) => fields.length > 1)
    .sort(([a], [b]) => a - b)
    .map(([line, fields]) => ({ line, fields }));
}

interface Row {
  readonly text: string;
  readonly offset: number;
  readonly size: number;
  /** `, since 2, was speed` */
  readonly history: string;
}

const DIM = ["\u001B[2m", "\u001B[22m"] as const;
const YELLOW = ["\u001B[33m", "\u001B[39m"] as const;
const BOLD = ["\u001B[1m", "\u001B[22m"] as const;

/**
 * The struct in C's manner with offset and size of every member, holes, borders of cache lines, and a summary; ends in a
 * newline. With `color`, ANSI escapes.
 */
export function layoutText(model: LayoutModel, structId: string, options: { readonly color?: boolean } = {}): string {
  const struct = structOf(model, structId);
  const report = layoutJson(model, structId);
  const paint = (text: string, [on, off]: readonly [string, string]): string =>
    options.color === true ? `${on}${text}${off}` : text;
  const rows = memberRows(struct, model);
  const width = Math.max(24, ...rows.map(({ text }) => text.length));
  const lines = [
    `${paint(`${struct.union ? "union" : "struct"} ${struct.name}`, BOLD)} { ${paint(heading(struct), DIM)}`,
  ];
  let line = Math.floor(report.payloadOffset / CACHE_LINE);
  let end = 0;
  const top = new Map(report.holes.map((hole) => [hole.offset + hole.size, hole]));
  for (const row of rows) {
    const hole = row.text.startsWith("    ") ? undefined : top.get(row.offset);
    if (hole !== undefined && row.offset > end) {
      const can = report.suggestion === null ? "" : ", try to pack";
      lines.push("", paint(`  /* XXX ${bytes(hole.size)} hole${can} */`, YELLOW), "");
    }
    const place = report.payloadOffset + row.offset;
    if (Math.floor(place / CACHE_LINE) > line) {
      line = Math.floor(place / CACHE_LINE);
      lines.push(paint(border(line, place, row.offset), DIM));
    }
    lines.push(`  ${row.text.padEnd(width)}  ${paint(`/* ${pad(row.offset)} ${pad(row.size)}${row.history} */`, DIM)}`);
    end = Math.max(end, row.offset + row.size);
  }
  lines.push("", ...layoutSummary(report, struct).map((text) => paint(`  /* ${text} */`, DIM)));
  lines.push(...layoutNotes(report).map((text) => paint(`  /* ${text} */`, YELLOW)), "};");
  return `${lines.join("\n")}\n`;
}

const pad = (value: number): string => String(value).padStart(6);
const bytes = (count: number): string => `${count} ${count === 1 ? "byte" : "bytes"}`;

function heading(struct: StructLayout): string {
  const { role } = struct;
  const words = [printable(struct.file)];
  if (role.kind === "region") {
    words.push(`region type ${role.typeId}, version ${role.version}, payload at ${payloadOffset(role)}`);
  }
  if (role.kind === "foreign") words.push("foreign");
  const packed = packText(struct);
  if (packed !== undefined) words.push(packed);
  return `/* ${words.join(", ")}; offset, size */`;
}

/** pahole's line between two cache lines; says how far into a member it falls. */
function border(line: number, place: number, offset: number): string {
  const late = place - line * CACHE_LINE;
  const where = late === 0 ? "" : ` was ${bytes(late)} ago`;
  return `  /* --- cacheline ${line} boundary (${bytes(offset - late)})${where} --- */`;
}

/** Members, and under each nested struct its own, with offsets from the outermost struct. One element of an array stands for all. */
function memberRows(struct: StructLayout, model: LayoutModel, base = 0, indent = ""): Row[] {
  return struct.fields.flatMap((field) => {
    const text = `${indent}${typeText(field.type)} ${field.name};`;
    const since = field.since === undefined ? "" : `, since ${field.since.version}`;
    const was = field.was === undefined ? "" : `, was ${field.was}`;
    const tag = field.tag === undefined ? "" : `, by ${field.tag}`;
    const cases = field.cases === undefined ? "" : `, case ${field.cases.join(", ")}`;
    const row = { text, offset: base + field.offset, size: field.size, history: since + was + tag + cases };
    const inner = field.type.kind === "reserved" ? undefined : model.structs.get(structIn(field.type) ?? "");
    if (inner === undefined || indent.length >= 12) return [row];
    return [row, ...memberRows(inner, model, base + field.offset, `${indent}    `)];
  });
}

/** The numbers of a layout: size, holes, tail, fingerprint; a sentence each. */
export function layoutSummary(report: LayoutReport, struct: StructLayout): string[] {
  const holes = report.holes.reduce((sum, { size }) => sum + size, 0);
  const members = report.fields.reduce((sum, { size }) => sum + size, 0);
  const tail =
    report.tail === null ? [] : [`tail: ${report.tail.name} at ${report.tail.offset}, stride ${report.tail.stride}`];
  return [
    `size: ${report.size}, align: ${report.align}, cachelines: ${report.cacheLines}, members: ${struct.fields.length}`,
    `sum members: ${members}, holes: ${report.holes.length}, sum holes: ${holes}, padding: ${report.padding}`,
    ...tail,
    `fingerprint: ${report.fingerprint}`,
  ];
}

/** What deserves a look: atomic fields in one line, and an order that takes fewer bytes. */
export function layoutNotes(report: LayoutReport): string[] {
  const shared = report.sharedLines.map(
    ({ line, fields }) =>
      `atomic fields in cacheline ${line}: ${fields.join(", ")}; if different processes write them, give each its own with align<T, ${CACHE_LINE}>`,
  );
  const { suggestion } = report;
  if (suggestion === null) return shared;
  return [...shared, `${bytes(report.size - suggestion.size)} less in this order: ${suggestion.order.join(", ")}`];
}
