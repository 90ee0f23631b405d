/** Verdicts for people: what changed, side by side with offsets, and what programs of either side would see. */
import {
  type CanonicalField,
  type Change,
  type DescribedLayout,
  typeText,
  type Verdict,
} from "@shmgen/schema/evolution";
import { printable } from "@shmgen/schema/printable";
import { wrapped } from "./regions.js";
import type { PublishedLayout } from "../evolution/published-layout.js";
import { changedStructs, changeText, type FieldPair, type StructPair } from "../evolution/side-by-side.js";

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
  for (const pair of changedStructs([older, newer], verdict)) {
    lines.push("", ...sideBySide(pair, [older, newer], [from, to]));
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
  return [
    `  ${paint(strength, strength)} [${rule}]`,
    ...wrapped(printable(changeText(change)), WIDTH - 4).map((line) => `    ${line}`),
  ];
}

const MARKS: Readonly<Record<FieldPair["change"], string>> = { new: "+", gone: "-", changed: "!", same: " " };

/** `!` differs, `+` new, `-` gone. */
function sideBySide(
  { name, fields }: StructPair,
  [older, newer]: readonly [DescribedLayout, DescribedLayout],
  [from, to]: readonly [string, string],
): string[] {
  const textOf = (field: CanonicalField | undefined, side: DescribedLayout): string =>
    field === undefined
      ? ""
      : printable(`${String(field.offset).padStart(6)}  ${field.name}: ${typeText(field.type, side.layout)}`);
  const rows = fields.map(
    ({ before, after, change }) => [MARKS[change], textOf(before, older), textOf(after, newer)] as const,
  );
  const title = `  offset  ${from}`;
  const width = Math.max(title.length, ...rows.map(([, left]) => (left === "" ? 0 : left.length + 2))) + 2;
  const lines = [`  ${printable(name)}`, `  ${`offset  ${from}`.padEnd(width)}offset  ${to}`];
  for (const [mark, left, right] of rows) lines.push(`${mark} ${left.padEnd(width)}${right}`.trimEnd());
  return lines;
}
