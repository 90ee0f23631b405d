/** Two layouts of one region beside each other, as data: which structs changed, which fields belong together, what a change means. */
import {
  type CanonicalField,
  type CanonicalStruct,
  type Change,
  type DescribedLayout,
  RULES,
  sentenceOf,
  typeText,
  type Verdict,
} from "@shmgen/schema/evolution";

/** A field of either side, or of both: by its name, or the name that it had. */
export interface FieldPair {
  readonly before: CanonicalField | undefined;
  readonly after: CanonicalField | undefined;
  readonly change: "new" | "gone" | "changed" | "same";
}

/** A struct of which a verdict says something. */
export interface StructPair {
  readonly name: string;
  readonly before: CanonicalStruct | undefined;
  readonly after: CanonicalStruct | undefined;
  readonly fields: readonly FieldPair[];
}

/** The two sides of a comparison. */
export type Sides = readonly [older: DescribedLayout, newer: DescribedLayout];

/** The structs that a verdict names, in the newer side's order. */
export function changedStructs(sides: Sides, verdict: Verdict): StructPair[] {
  const [older, newer] = sides;
  return changedNames(verdict, newer).map((name) => {
    const [before, after] = [structNamed(older, name, newer), structNamed(newer, name, newer)];
    return { name: (after ?? before)?.name ?? "", before, after, fields: pairsOf(before, after, sides) };
  });
}

/** What a change is, what it means for programs of either side, and what to do. */
export function changeText(change: Change): string {
  const { advice } = RULES[change.rule];
  return advice === "nothing to do" ? sentenceOf(change) : `${sentenceOf(change)}; ${advice}`;
}

function changedNames({ changes }: Verdict, { layout }: DescribedLayout): string[] {
  const paths = changes.filter(({ rule }) => rule !== "docs-changed").map(({ path }) => path);
  const names = new Set(layout.structs.map(({ name }) => name));
  return [...names].filter((name) => paths.some((path) => path.startsWith(`${name}.`)));
}

/** The root by its place, others by their name. */
function structNamed(side: DescribedLayout, name: string, newer: DescribedLayout): CanonicalStruct | undefined {
  if (newer.layout.structs[0]?.name === name) return side.layout.structs[0];
  return side.layout.structs.find((struct) => struct.name === name);
}

/** In the newer order; what is gone stands where it was. */
function pairsOf(
  before: CanonicalStruct | undefined,
  after: CanonicalStruct | undefined,
  [older, newer]: Sides,
): FieldPair[] {
  const [left, right] = [before?.fields ?? [], after?.fields ?? []];
  const byName = new Map(left.map((field) => [field.name, field]));
  const names = new Set(right.flatMap(({ name, was }) => (was === undefined ? [name] : [name, was])));
  const pairs: FieldPair[] = [];
  const rest = new Set(left);
  for (const field of right) {
    const same = byName.get(field.name) ?? (field.was === undefined ? undefined : byName.get(field.was));
    for (const other of same === undefined ? [] : rest) {
      if (other === same) break;
      if (names.has(other.name)) continue;
      pairs.push({ before: other, after: undefined, change: "gone" });
      rest.delete(other);
    }
    pairs.push({ before: same, after: field, change: same === undefined ? "new" : changeOf(same, field) });
    if (same !== undefined) rest.delete(same);
  }
  for (const field of rest) pairs.push({ before: field, after: undefined, change: "gone" });
  return pairs;

  function changeOf(old: CanonicalField, now: CanonicalField): FieldPair["change"] {
    const isSame =
      old.offset === now.offset &&
      old.name === now.name &&
      typeText(old.type, older.layout) === typeText(now.type, newer.layout);
    return isSame ? "same" : "changed";
  }
}
