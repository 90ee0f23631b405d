/**
 * The verdict about two layouts. Pure: used by `shmgen check` and `diff`, when a region is opened, and on live regions.
 * @packageDocumentation
 */
import {
  type CanonicalBits,
  type CanonicalEnum,
  type CanonicalField,
  type CanonicalLayout,
  type CanonicalStruct,
  type DescribedLayout,
  declared,
  isParticipants,
  typeText,
} from "./canonical.js";
import { compareTypes } from "./compare-types.js";
import type { Comparison, Report } from "./comparison.js";
import type { EnumValue } from "../enum-values.js";
import { type ChangeClass, type RuleCode, RULES, stronger } from "./rules.js";

/** One difference between two layouts. */
export interface Change {
  readonly rule: RuleCode;
  readonly class: ChangeClass;
  /** `"Car.wheels"`, `"Gear.Drive"`, or the region's name. By the newer names. */
  readonly path: string;
  /** What the older side has: `"u32 at 8, 4 bytes"`. Absent for what is new. */
  readonly before?: string;
  /** What the newer side has. Absent for what is gone. */
  readonly after?: string;
}

/** A struct of the newer layout of which an older region has only a part. */
export interface PartialStruct {
  readonly struct: CanonicalStruct;
  /** Bytes that both sides have. */
  readonly size: number;
  /** Names of fields that the older side lacks. */
  readonly lacking: ReadonlySet<string>;
}

/** What {@link compareLayouts} finds. */
export interface Verdict {
  /** The strongest class of all changes. */
  readonly class: ChangeClass;
  readonly changes: readonly Change[];
  readonly partial: readonly PartialStruct[];
}

/**
 * Lists all differences from `older` to `newer`. Both have been read by readDescribedLayout or made by the generator: their
 * indexes are right. Takes time in proportion to the fields.
 */
export function compareLayouts(older: DescribedLayout, newer: DescribedLayout): Verdict {
  const changes: Change[] = [];
  const report: Report = (rule, path, before, after) => {
    const { class: strength } = RULES[rule];
    changes.push({
      rule,
      class: strength,
      path,
      ...(before !== undefined && { before }),
      ...(after !== undefined && { after }),
    });
  };
  const partial = compareDeclarations(older, newer, report);
  const isChanged = changes.some(({ rule }) => !rule.startsWith("expect-") && rule !== "docs-changed");
  compareRegions(older, newer, isChanged, report);
  return {
    class: changes.reduce<ChangeClass>((strongest, change) => stronger(strongest, change.class), "identical"),
    changes,
    partial,
  };
}

/** What is wrong, or right, about one change, as a sentence. */
export function sentenceOf({ rule, path, before, after }: Change): string {
  const { sees } = RULES[rule];
  if (before === undefined && after === undefined) return `${path}: ${RULES[rule].what}: ${sees}`;
  if (before === undefined) return `${path} is new (${after}): ${sees}`;
  if (after === undefined) return `${path} is gone (${before}): ${sees}`;
  return `${path} changed from ${before} to ${after}: ${sees}`;
}

function compareRegions(older: DescribedLayout, newer: DescribedLayout, isChanged: boolean, report: Report): void {
  const [old, now] = [older.region, newer.region];
  if (old === undefined || now === undefined) return;
  const { name } = now;
  if (old.typeId !== now.typeId) report("region-type", name, `type ${old.typeId}`, `type ${now.typeId}`);
  if (old.header !== now.header) report("region-header", name, old.header, now.header);
  if (old.name !== name) report("region-renamed", name, old.name, name);
  if (now.version < old.version) {
    report("version-lowered", name, `version ${old.version}`, `version ${now.version}`);
  } else if (now.version === old.version) {
    if (isChanged) report("version-unchanged", name, undefined, undefined);
  } else if (now.readableFrom > old.version) {
    const after = `version ${now.version}, readableFrom ${now.readableFrom}`;
    report("readable-from-excludes", name, `version ${old.version}`, after);
    return;
  }
  if (now.readableFrom === old.readableFrom) return;
  const rule = now.readableFrom > old.readableFrom ? "readable-from-raised" : "readable-from-lowered";
  report(rule, name, `readableFrom ${old.readableFrom}`, `readableFrom ${now.readableFrom}`);
}

function compareDeclarations(older: DescribedLayout, newer: DescribedLayout, report: Report): PartialStruct[] {
  const partial = new Map<string, PartialStruct & { readonly key: string }>();
  const seen = new Set<string>();
  const queue: (readonly [string, string])[] = [];
  const once = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  const comparison: Comparison = {
    older: older.layout,
    newer: newer.layout,
    report,
    structs: (old, now) => {
      if (once(`struct ${old} ${now}`)) queue.push([old, now]);
    },
    enums: (old, now, use) => {
      if (once(`${use} ${old} ${now}`)) {
        compareEnums(declared(older.layout.enums, old), declared(newer.layout.enums, now), use, report);
      }
    },
    bits: (old, now) => {
      if (once(`bits ${old} ${now}`)) {
        compareBits(declared(older.layout.bits, old), declared(newer.layout.bits, now), report);
      }
    },
  };
  comparison.structs("0", "0");
  // Grows while it is walked.
  for (const [old, now] of queue) {
    const pair: StructPair = {
      old: declared(older.layout.structs, old),
      now: declared(newer.layout.structs, now),
      isRoot: now === "0",
      olderVersion: now === "0" ? older.region?.version : undefined,
    };
    const lacking = compareStructs(pair, comparison);
    const { size } = pair.old;
    const key = JSON.stringify([size, ...lacking]);
    const known = partial.get(now);
    if (known === undefined) partial.set(now, { struct: pair.now, size: Math.min(size, pair.now.size), lacking, key });
    else if (known.key !== key) report("struct-split", pair.now.name, undefined, undefined);
  }
  return [...partial.values()].filter(({ struct, size, lacking }) => lacking.size > 0 || size < struct.size);
}

interface StructPair {
  readonly old: CanonicalStruct;
  readonly now: CanonicalStruct;
  /** Whether it is the region itself, behind which there is nothing that could move. */
  readonly isRoot: boolean;
  /** Of the older region, for its own fields. */
  readonly olderVersion: number | undefined;
}

type Matched = readonly [old: CanonicalField, now: CanonicalField];

/** Names of the newer fields that the older struct lacks. */
function compareStructs(pair: StructPair, comparison: Comparison): Set<string> {
  const { old, now, isRoot } = pair;
  const { report } = comparison;
  if (old.union !== now.union) {
    report("union-changed", now.name, old.union ? "a union" : "a struct", now.union ? "a union" : "a struct");
  } else if (now.union === true) {
    compareUnions(pair, comparison);
    return new Set();
  }
  const matched = matchFields(old, now);
  const oldOf = new Map(matched.map(([before, after]) => [after, before]));
  const gone = new Set(old.fields.filter(isLive));
  for (const [before] of matched) gone.delete(before);

  const firstMoved = Math.min(...matched.filter(([a, b]) => a.offset !== b.offset).map(([, b]) => b.offset));
  const lacking = new Set<string>();
  for (const field of now.fields.filter(isLive)) {
    if (oldOf.has(field)) continue;
    lacking.add(field.name);
    reportAdded(field, pair, firstMoved, comparison);
  }
  for (const field of gone) reportGone(field, pair, comparison);
  const comparePlace = firstMoved === Infinity ? undefined : placeReporter(matched, comparison);
  for (const [before, after] of matched) {
    comparePlace?.(before, after, `${now.name}.${after.name}`);
    compareFields(before, after, now.name, comparison);
    compareTags(before, after, now, report);
  }
  compareReserved(pair, report);
  compareShape(pair, lacking.size > 0 || gone.size > 0, report);
  // What a container is called follows from what it holds.
  const isNamed = old.role === undefined && now.role === undefined;
  if (!isRoot && isNamed && old.name !== now.name) report("struct-renamed", now.name, old.name, now.name);
  return lacking;
}

/** Members by their names; there is no place that could differ, and no byte that one side lacks while sizes are the same. */
function compareUnions(pair: StructPair, comparison: Comparison): void {
  const { old, now } = pair;
  const { report, older, newer } = comparison;
  const before = new Map(old.fields.map((field) => [field.name, field]));
  const after = new Map(now.fields.map((field) => [field.name, field]));
  for (const [name, member] of after) {
    const other = before.get(name);
    if (other === undefined) report("union-member-added", `${now.name}.${name}`, undefined, shown(member, newer));
    else compareFields(other, member, now.name, comparison);
  }
  for (const [name, member] of before) {
    if (!after.has(name)) report("union-member-removed", `${now.name}.${name}`, shown(member, older), undefined);
  }
  compareCases(old, now, report);
  compareShape(pair, false, report);
  if (old.name !== now.name) report("struct-renamed", now.name, old.name, now.name);
}

/** Which member holds with which value of the tag. Of members that come or go, that is said already. */
function compareCases(old: CanonicalStruct, now: CanonicalStruct, report: Report): void {
  const byCase = ({ fields }: CanonicalStruct): Map<EnumValue, string> =>
    new Map(fields.flatMap(({ name, cases = [] }) => cases.map((one) => [one, name] as const)));
  const has = ({ fields }: CanonicalStruct, name: string): boolean => fields.some((field) => field.name === name);
  const [before, after] = [byCase(old), byCase(now)];
  for (const [value, name] of before) {
    const other = after.get(value);
    const path = `${now.name}.${name}`;
    if (other === undefined && has(now, name)) report("union-case-removed", path, `case ${value}`, undefined);
    else if (other !== undefined && other !== name)
      report("union-case-moved", path, `case ${value}`, `case of ${other}`);
  }
  for (const [value, name] of after) {
    if (before.has(value) || !has(old, name)) continue;
    report("union-case-added", `${now.name}.${name}`, undefined, `case ${value}`);
  }
}

function compareTags(old: CanonicalField, now: CanonicalField, struct: CanonicalStruct, report: Report): void {
  const isRenamed = old.tag !== undefined && struct.fields.some(({ name, was }) => name === now.tag && was === old.tag);
  if (old.tag === now.tag || isRenamed) return;
  const isNamed = old.tag === undefined || now.tag === undefined;
  report(
    isNamed ? "union-tag-named" : "union-tag-changed",
    `${struct.name}.${now.name}`,
    old.tag ?? "no tag",
    now.tag ?? "no tag",
  );
}

const isLive = ({ type }: CanonicalField): boolean => type.kind !== "reserved";
const endOf = ({ offset, size }: CanonicalField): number => offset + size;

/** By name, and by the former name where the schema tells it. */
function matchFields(old: CanonicalStruct, now: CanonicalStruct): Matched[] {
  const byName = new Map(old.fields.filter(isLive).map((field) => [field.name, field]));
  const names = new Set(now.fields.filter(isLive).map(({ name }) => name));
  return now.fields.filter(isLive).flatMap((field): Matched[] => {
    const former = field.was === undefined || names.has(field.was) ? undefined : byName.get(field.was);
    const found = byName.get(field.name) ?? former;
    return found === undefined ? [] : [[found, field]];
  });
}

/** Reports a field that stands elsewhere: out of its order, or only further on. */
function placeReporter(matched: readonly Matched[], { report, older, newer }: Comparison) {
  const inOldOrder = [...matched].sort(([a], [b]) => a.offset - b.offset);
  const inNewOrder = [...matched].sort(([, a], [, b]) => a.offset - b.offset);
  const oldRank = new Map(inOldOrder.map(([, field], index) => [field, index]));
  const newRank = new Map(inNewOrder.map(([, field], index) => [field, index]));
  return (old: CanonicalField, field: CanonicalField, path: string): void => {
    if (old.offset === field.offset) return;
    const isTail = field.type.kind === "tail" && old.type.kind === "tail";
    const isInOrder = oldRank.get(field) === newRank.get(field);
    const rule = isTail ? "tail-moved" : isInOrder ? "field-moved" : "field-reordered";
    const text = (one: CanonicalField, layout: CanonicalLayout): string =>
      `${typeText(one.type, layout)} at ${one.offset}`;
    report(rule, path, text(old, older), text(field, newer));
  };
}

function compareFields(old: CanonicalField, now: CanonicalField, struct: string, comparison: Comparison): void {
  const { report } = comparison;
  const path = `${struct}.${now.name}`;
  if (old.name !== now.name) report("field-renamed", path, old.name, now.name);
  compareTypes(old, now, path, comparison);
  compareExpected(old.expect, now.expect, path, report);
  if (old.docs !== undefined && now.docs !== undefined && old.docs !== now.docs)
    report("docs-changed", path, undefined, undefined);
}

function compareExpected(
  old: readonly string[] | undefined,
  now: readonly string[] | undefined,
  path: string,
  report: Report,
): void {
  if (old?.join() === now?.join()) return;
  const text = (values: readonly string[] | undefined): string => values?.join(" or ") ?? "anything";
  const widened = now === undefined || (old !== undefined && old.every((value) => now.includes(value)));
  report(widened ? "expect-widened" : "expect-narrowed", path, text(old), text(now));
}

const shown = ({ type, offset, size }: CanonicalField, layout: CanonicalLayout): string =>
  `${typeText(type, layout)} at ${offset}, ${size} bytes`;

function reportAdded(field: CanonicalField, pair: StructPair, firstMoved: number, comparison: Comparison): void {
  const { now, olderVersion } = pair;
  const { report, newer } = comparison;
  const path = `${now.name}.${field.name}`;
  const after = shown(field, newer);
  if (isParticipants(field, newer)) return report("participants-added", path, undefined, after);
  report(addedRule(field, pair, firstMoved), path, undefined, after);
  if (field.since === undefined) report("field-without-since", path, undefined, after);
  else if (olderVersion !== undefined && field.since <= olderVersion) {
    report("field-since-untrue", path, `version ${olderVersion} without it`, `since version ${field.since}`);
  }
}

function addedRule(field: CanonicalField, { old, isRoot }: StructPair, firstMoved: number): RuleCode {
  if (field.type.kind === "tail") return "tail-added";
  if (field.offset < firstMoved && firstMoved !== Infinity) return "field-in-the-middle";
  const meets = old.fields.filter((other) => other.offset < endOf(field) && field.offset < endOf(other));
  if (meets.some(isLive)) return "field-over-field";
  const end = Math.max(0, ...old.fields.map(endOf));
  // Behind a nested struct stands something else, which then has moved; its size says so.
  if (field.offset >= end && (isRoot || field.offset >= old.size)) return "field-appended";
  const kept = meets.reduce(
    (sum, other) => sum + Math.min(endOf(other), endOf(field)) - Math.max(other.offset, field.offset),
    0,
  );
  const behind = isRoot ? Math.max(0, endOf(field) - Math.max(end, field.offset)) : 0;
  return kept + behind === field.size ? "field-in-reserved" : "field-in-hole";
}

function reportGone(field: CanonicalField, { now }: StructPair, { report, older }: Comparison): void {
  const path = `${now.name}.${field.name}`;
  const before = shown(field, older);
  if (field.type.kind === "tail") return report("tail-removed", path, before, undefined);
  if (isParticipants(field, older)) return report("participants-removed", path, before, undefined);
  const isKept = now.fields.some(
    (other) => !isLive(other) && other.offset <= field.offset && endOf(other) >= endOf(field),
  );
  report(isKept ? "field-reserved" : "field-removed", path, before, undefined);
}

/** Bytes kept for later, where nothing else tells of the change. Their names are part of the layout, too. */
function compareReserved({ old, now }: StructPair, report: Report): void {
  const text = ({ fields }: CanonicalStruct): string =>
    fields
      .flatMap((field) => (isLive(field) ? [] : [`${field.size} bytes at ${field.offset} (${field.name})`]))
      .join(", ") || "none";
  const [before, after] = [text(old), text(now)];
  if (before !== after) report("reserved-changed", now.name, before, after);
}

function compareShape({ old, now, isRoot }: StructPair, explained: boolean, report: Report): void {
  if (old.role !== now.role) report("container-changed", now.name, old.role ?? "a struct", now.role ?? "a struct");
  if (old.size !== now.size && !(isRoot && explained)) {
    report(isRoot ? "region-size" : "struct-size", now.name, `${old.size} bytes`, `${now.size} bytes`);
  }
  if (old.align !== now.align) report("struct-align", now.name, `align ${old.align}`, `align ${now.align}`);
  const packing = ({ packed, pack }: CanonicalStruct): string =>
    packed ? "packed" : pack === undefined ? "not packed" : `packed to ${pack}`;
  if (packing(old) !== packing(now)) report("struct-packing", now.name, packing(old), packing(now));
  if (old.tailStride !== undefined && now.tailStride !== undefined && old.tailStride !== now.tailStride) {
    report("tail-stride", now.name, `${old.tailStride} bytes`, `${now.tailStride} bytes`);
  }
}

function compareEnums(old: CanonicalEnum, now: CanonicalEnum, use: "enum" | "flags", report: Report): void {
  if (old.name !== now.name) report("struct-renamed", now.name, old.name, now.name);
  if (use === "enum" && old.repr !== now.repr) report("enum-repr", now.name, old.repr, now.repr);
  const before = new Map(old.members.map(({ name, value }) => [name, value]));
  const after = new Map(now.members.map(({ name, value }) => [name, value]));
  const values = new Set(after.values());
  for (const [name, value] of before) {
    const path = `${now.name}.${name}`;
    const other = after.get(name);
    if (other === value) continue;
    if (other !== undefined) report("enum-member-renumbered", path, String(value), String(other));
    else if (values.has(value)) report("enum-member-renamed", path, name, nameOf(now, value));
    else report(use === "enum" ? "enum-member-removed" : "flag-removed", path, String(value), undefined);
  }
  const known = new Set(before.values());
  for (const [name, value] of after) {
    if (before.has(name)) continue;
    const path = `${now.name}.${name}`;
    if (!known.has(value)) report(use === "enum" ? "enum-member-added" : "flag-added", path, undefined, String(value));
    // One more name of a value; a new name instead of an old one has been told above.
    else if (after.get(nameOf(old, value)) === value) report("enum-member-renamed", path, nameOf(old, value), name);
  }
}

function nameOf({ members }: CanonicalEnum, value: EnumValue): string {
  return members.find((member) => member.value === value)?.name ?? String(value);
}

interface PlacedBits {
  readonly name: string;
  readonly shift: number;
  readonly width: number;
  readonly signed: boolean;
}

function compareBits(old: CanonicalBits, now: CanonicalBits, report: Report): void {
  if (old.name !== now.name) report("struct-renamed", now.name, old.name, now.name);
  if (old.repr !== now.repr) report("enum-repr", now.name, old.repr, now.repr);
  const text = ({ shift, width }: PlacedBits): string => `bits ${shift} to ${shift + width - 1}`;
  const sign = ({ signed, width }: PlacedBits): string => `${signed ? "signed" : "unsigned"} ${width} bits`;
  const [before, after] = [placed(old), placed(now)];
  for (const field of before.values()) {
    const path = `${now.name}.${field.name}`;
    const other = after.get(field.name);
    if (other === undefined) report("bits-removed", path, text(field), undefined);
    else if (other.shift !== field.shift || other.width !== field.width)
      report("bits-moved", path, text(field), text(other));
    else if (other.signed !== field.signed) report("type-signedness", path, sign(field), sign(other));
  }
  for (const field of after.values()) {
    if (before.has(field.name)) continue;
    const taken = [...before.values()].some(
      (b) => b.shift < field.shift + field.width && field.shift < b.shift + b.width,
    );
    report(taken ? "bits-moved" : "bits-added", `${now.name}.${field.name}`, undefined, text(field));
  }
}

function placed({ fields }: CanonicalBits): Map<string, PlacedBits> {
  let shift = 0;
  return new Map(
    fields.flatMap(({ name, width, signed = false, pad }) => {
      const field = { name, shift, width, signed };
      shift += width;
      // Bits that nobody accesses are free for others.
      return pad === true ? [] : [[name, field]];
    }),
  );
}
