/** Verdicts for people: what changed, side by side with offsets, and what programs of either side would see. */
import {
  type CanonicalStruct,
  type Change,
  type DescribedLayout,
  RULES,
  sentenceOf,
  typeText,
  type Verdict,
} from "@shmgen/schema/evolution";
import { printable } from "@shmgen/schema/printable";
import { wrapped } from "./regions.js";
import type { PublishedLayout } from "../evolution/published-layout.js";

/** Columns of a terminal that nobody has made wider. */
const WIDTH = 100;

/** How a part of the text is to be shown. */
export type Paint = (change: Change["class"], text: string) => string;

/** Two layouts of one region and the verdict, as lines. `labels` name the sides. */
export function verdictLines(
  [older, newer]: readonly [PublishedLayout, PublishedLayout],
  verdict: Verdict,
  labels: readonly [string, string],
  paint: Paint,
): string[] {
  const [from, to] = [titled(older, labels[0]), titled(newer, labels[1])];
  const lines = [`${printable(newer.name)}: ${from} -> ${to}: ${paint(verdict.class, verdict.class)}`];
  for (const name of changedStructs(verdict, newer)) {
    lines.push(
      "",
      ...sideBySide(structNamed(older, name, newer), structNamed(newer, name, newer), [older, newer], [from, to]),
    );
  }
  if (verdict.changes.length > 0) lines.push("");
  for (const change of verdict.changes) lines.push(...changeLines(change, paint));
  return lines;
}

function titled({ region }: DescribedLayout, label: string): string {
  return printable(region === undefined ? label : `${label} version ${region.version}`);
}

function changeLines(change: Change, paint: Paint): string[] {
  const { class: strength, rule } = change;
  const { advice } = RULES[rule];
  const text = advice === "nothing to do" ? sentenceOf(change) : `${sentenceOf(change)}; ${advice}`;
  return [
    `  ${paint(strength, strength)} [${rule}]`,
    ...wrapped(printable(text), WIDTH - 4).map((line) => `    ${line}`),
  ];
}

/** Structs of the newer side that a change names, in their order. */
function changedStructs({ changes }: Verdict, { layout }: DescribedLayout): string[] {
  const paths = changes.filter(({ rule }) => rule !== "docs-changed").map(({ path }) => path);
  const names = new Set(layout.structs.map(({ name }) => name));
  return [...names].filter((name) => paths.some((path) => path.startsWith(`${name}.`)));
}

/** The root by its place, others by their name. */
function structNamed(side: DescribedLayout, name: string, newer: DescribedLayout): CanonicalStruct | undefined {
  if (newer.layout.structs[0]?.name === name) return side.layout.structs[0];
  return side.layout.structs.find((struct) => struct.name === name);
}

interface Row {
  readonly offset: number;
  readonly name: string;
  readonly text: string;
}

function rowsOf(struct: CanonicalStruct | undefined, side: DescribedLayout): Row[] {
  return (struct?.fields ?? []).map(({ name, type, offset }) => ({
    offset,
    name,
    text: printable(`${String(offset).padStart(6)}  ${name}: ${typeText(type, side.layout)}`),
  }));
}

/** `!` differs, `+` new, `-` gone. */
function sideBySide(
  before: CanonicalStruct | undefined,
  after: CanonicalStruct | undefined,
  [older, newer]: readonly [DescribedLayout, DescribedLayout],
  [from, to]: readonly [string, string],
): string[] {
  const [left, right] = [rowsOf(before, older), rowsOf(after, newer)];
  const formerly = new Map((after?.fields ?? []).map(({ name, was }) => [name, was]));
  const pairs: (readonly [Row | undefined, Row | undefined])[] = [];
  const rest = new Set(left);
  for (const row of right) {
    const same = left.find(({ name }) => name === row.name) ?? left.find(({ name }) => name === formerly.get(row.name));
    for (const other of left) {
      if (same === undefined || other === same) break;
      if (rest.has(other) && !right.some(({ name }) => name === other.name)) {
        pairs.push([other, undefined]);
        rest.delete(other);
      }
    }
    pairs.push([same, row]);
    if (same !== undefined) rest.delete(same);
  }
  for (const row of rest) pairs.push([row, undefined]);
  const title = `  offset  ${from}`;
  const width = Math.max(title.length, ...left.map(({ text }) => text.length + 2)) + 2;
  const lines = [`  ${printable((after ?? before)?.name ?? "")}`, `  ${`offset  ${from}`.padEnd(width)}offset  ${to}`];
  for (const [one, other] of pairs) {
    const mark = one === undefined ? "+" : other === undefined ? "-" : one.text === other.text ? " " : "!";
    lines.push(`${mark} ${(one?.text ?? "").padEnd(width)}${other?.text ?? ""}`.trimEnd());
  }
  return lines;
}
