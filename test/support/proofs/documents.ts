/**
 * The rows of the catalogues and the names of the tests, as text for people: test/CHECKLIST.md and test/FAULTS.md. Each row is a
 * heading, and below it the tests that prove it, by file.
 */
import { ANCESTORS, type Row } from "./checklist-rows.js";
import { FAULTS, type FaultRow } from "./fault-rows.js";
import { statementOf, type TestName } from "./test-names.js";

const WIDTH = 118;

/** Which tests prove a row or a fault. */
export interface Proofs {
  ofRow(row: Row): readonly TestName[];
  ofFault(number: number): readonly TestName[];
}

export function checklist(proofs: Proofs): string {
  const lines = [
    ...heading(1, "The guarantees of those before us"),
    ...paragraph(
      "Made by `npm run generate:proofs` from test/support/proofs/checklist-rows.ts and the names of the tests.",
    ),
    ...paragraph("Do not edit. Paths are below test/."),
  ];
  for (const { title, rows, weakPoints } of ANCESTORS) {
    lines.push(...heading(2, title), ...rows.flatMap((row) => shownRow(row, proofs)));
    if (weakPoints.length === 0) continue;
    lines.push(
      ...heading(2, `${title}: weak points that ours does not have`),
      ...weakPoints.flatMap((row) => shownRow(row, proofs)),
    );
  }
  return lines.join("\n");
}

export function faults(proofs: Proofs): string {
  const proven = FAULTS.filter(({ number }) => proofs.ofFault(number).length > 0).length;
  return [
    ...heading(1, "The faults that shmgen survives"),
    ...paragraph(
      "Made by `npm run generate:proofs` from test/support/proofs/fault-rows.ts and the names of the tests.",
    ),
    ...paragraph(`Do not edit. Paths are below test/. ${proven} of ${FAULTS.length} have a test.`),
    ...FAULTS.flatMap((fault) => shownFault(fault, proofs)),
  ].join("\n");
}

function shownRow(row: Row, proofs: Proofs): string[] {
  const lines = heading(3, `${row.id} ${row.what}`);
  if (row.waits !== undefined) return lines.concat(paragraph(`Waits for ${row.waits}.`));
  if (row.answer !== undefined) lines.push(...paragraph(`Answered otherwise: ${row.answer}`));
  return lines.concat(tests(proofs.ofRow(row)));
}

function shownFault({ number, what, without }: FaultRow, proofs: Proofs): string[] {
  const found = proofs.ofFault(number);
  const below = found.length === 0 ? paragraph(`No test: ${without ?? ""}.`) : tests(found);
  return heading(3, `${number} ${what}`).concat(below);
}

/** A list of files, each with the statements of its tests. */
function tests(list: readonly TestName[]): string[] {
  const lines: string[] = [];
  for (const file of new Set(list.map((one) => one.file))) {
    lines.push(`- ${file.replace(/^test\//, "")}`);
    const statements = new Set(list.filter((one) => one.file === file).map(shown));
    for (const statement of statements) lines.push(...wrapped(statement, "  - ", "    "));
  }
  return [...lines, ""];
}

/** A test with what it stands in, without ids and reasons to skip it; what templates fill in is an ellipsis. */
function shown({ name, within }: TestName): string {
  const parts = within.concat(name).map(statementOf);
  return parts
    .map((part) => part.replaceAll(/ ?\$\{(?:[^{}]|\{[^{}]*\})*\}$/g, ""))
    .join(": ")
    .replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "…")
    .replaceAll(/%[sijd]/g, "…");
}

const heading = (level: number, text: string): string[] => [`${"#".repeat(level)} ${plain(text)}`, ""];
const paragraph = (text: string): string[] => [...wrapped(text, "", ""), ""];

/** Characters that mean something to Markdown stand for themselves. */
const plain = (text: string): string => text.replaceAll(/[<*_[\]\\]/g, "\\$&");

/** Lines of at most WIDTH characters, the first of them behind `first`, the others behind `rest`. */
function wrapped(text: string, first: string, rest: string): string[] {
  const lines = [first];
  let isEmpty = true;
  for (const word of plain(text).split(" ")) {
    const line = lines.at(-1) ?? "";
    if (isEmpty) lines[lines.length - 1] = line + word;
    else if (line.length + 1 + word.length <= WIDTH) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(rest + word);
    isEmpty = false;
  }
  return lines;
}
