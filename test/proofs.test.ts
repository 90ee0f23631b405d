/**
 * What is promised has a test that names it. `npm run generate:proofs` writes test/CHECKLIST.md and test/FAULTS.md from the
 * names of the tests; this test fails when they are stale, when a row has no proof, and when a name means no row.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { describe, expect, it } from "vitest";
import { ANCESTORS, type Row } from "./support/proofs/checklist-rows.js";
import { FAULTS } from "./support/proofs/fault-rows.js";
import { faultsIn, idsIn, testNames } from "./support/proofs/test-names.js";

const root = join(import.meta.dirname, "..");
const tests = testNames(root)
  .filter(({ file }) => file !== "test/proofs.test.ts")
  .map(({ file, name }) => ({ file, name, ids: idsIn(name), faults: faultsIn(name) }));
const rows = ANCESTORS.flatMap((ancestor) => [...ancestor.rows, ...ancestor.weakPoints]);

/** Tests that prove a row: named with its id, or for what is done otherwise the one that the row names. */
function proofsOf({ id, by }: Row) {
  return tests.filter(({ name, ids }) => (by === undefined ? ids.includes(id) : name.startsWith(by)));
}

const proofsOfFault = (number: number) => tests.filter(({ faults }) => faults.includes(number));

describe("names of tests", () => {
  it("are read as people read them", () => {
    expect(idsIn("N-09 N-11..N-13, faults 1-3, 14: 2 processes")).toEqual(["N-09", "N-11", "N-12", "N-13"]);
    expect(faultsIn("N-09, faults 1-3, 14: 2 processes x 2")).toEqual([1, 2, 3, 14]);
    expect(faultsIn("fault 76 figure 12 opening")).toEqual([76]);
    expect(faultsIn("faults 24 68 last close of 8 processes")).toEqual([24, 68]);
    expect(faultsIn("no fault of ours")).toEqual([]);
    expect(tests.length).toBeGreaterThan(500);
  });

  it("mean rows that exist", () => {
    const ids = new Set(rows.map(({ id }) => id));
    const wrong: string[] = [];
    for (const { file, ids: named, faults: numbers } of tests) {
      for (const id of named) if (!ids.has(id)) wrong.push(`${file}: ${id}`);
      for (const number of numbers) if (number < 1 || number > FAULTS.length) wrong.push(`${file}: fault ${number}`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("the checklist", () => {
  it("has every row once", () => {
    const ids = rows.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    const count = (prefix: string): number => ids.filter((id) => id.startsWith(prefix) && !id.includes("w")).length;
    expect(["C-", "N-", "S-", "P-", "I-", "A-"].map(count)).toEqual([34, 30, 11, 4, 9, 11]);
  });

  it.each(rows.map((row): [string, Row] => [row.id, row]))(
    "%s is done, answered or waits for a platform",
    (_id, row) => {
      const proofs = proofsOf(row);
      if (row.waits === undefined)
        expect(
          proofs.map(({ file }) => file),
          row.what,
        ).not.toEqual([]);
      else expect([row.by, row.answer]).toEqual([undefined, undefined]);
    },
  );
});

describe("the catalogue of faults", () => {
  it("has at least 70 rows with a named test, and says of the others why not", () => {
    expect(FAULTS).toHaveLength(100);
    const proven = FAULTS.filter(({ number }) => proofsOfFault(number).length > 0);
    expect(proven.length).toBeGreaterThanOrEqual(70);
    const silent = FAULTS.filter(({ number, without }) => proofsOfFault(number).length === 0 && without === undefined);
    expect(silent).toEqual([]);
  });
});

it.each([
  ["test/CHECKLIST.md", checklist],
  ["test/FAULTS.md", faults],
])("%s is fresh", async (path, make) => {
  const file = join(root, path);
  const text = await format(make(), { ...(await resolveConfig(file)), filepath: file });
  if (process.env["UPDATE_PROOFS"] !== undefined) writeFileSync(file, text);
  expect(readFileSync(file, "utf8"), "run `npm run generate:proofs`").toBe(text);
});

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

function shown(list: readonly { readonly file: string; readonly name: string }[]): string {
  return list.map(({ file, name }) => `${file.replace(/^test\//, "")}: ${cell(name)}`).join("<br>");
}

function checklist(): string {
  const lines = [
    "# The guarantees of those before us",
    "",
    "Made by `npm run generate:proofs` from test/support/proofs/checklist-rows.ts and the names of the tests. Do not edit.",
    "",
  ];
  for (const { title, rows: own, weakPoints } of ANCESTORS) {
    lines.push(`## ${title}`, "", "| row | guarantee | state | proven by |", "| --- | --- | --- | --- |");
    for (const row of own) {
      const state = row.waits !== undefined ? `waits for ${row.waits}` : (row.answer ?? "done");
      lines.push(`| ${row.id} | ${cell(row.what)} | ${cell(state)} | ${shown(proofsOf(row))} |`);
    }
    lines.push("");
    if (weakPoints.length === 0) continue;
    lines.push(
      "Weak points of the original that ours does not have:",
      "",
      "| row | weak point | shown by |",
      "| --- | --- | --- |",
    );
    for (const row of weakPoints) {
      lines.push(`| ${row.id} | ${cell(row.what)} | ${row.waits ? `waits for ${row.waits}` : shown(proofsOf(row))} |`);
    }
    lines.push("");
  }
  return lines.join("\n");
}

function faults(): string {
  const proven = FAULTS.filter(({ number }) => proofsOfFault(number).length > 0).length;
  return [
    "# The faults that shmgen survives",
    "",
    "Made by `npm run generate:proofs` from test/support/proofs/fault-rows.ts and the names of the tests. Do not edit.",
    "",
    `${proven} of ${FAULTS.length} have a named test.`,
    "",
    "| fault | what | tests, or why there is none |",
    "| --- | --- | --- |",
    ...FAULTS.map(({ number, what, without }) => {
      const proofs = shown(proofsOfFault(number));
      return `| ${number} | ${cell(what)} | ${proofs === "" ? `none: ${cell(without ?? "")}` : proofs} |`;
    }),
    "",
  ].join("\n");
}
