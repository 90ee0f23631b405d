/**
 * What is promised has a test that names it, by ids in brackets behind its title. `npm run generate:proofs` writes
 * test/CHECKLIST.md and test/FAULTS.md from them; this test fails when they are stale, when a row has no proof, and when a name
 * means no row.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { describe, expect, it } from "vitest";
import { ANCESTORS, type Row } from "./support/proofs/checklist-rows.js";
import { FAULTS } from "./support/proofs/fault-rows.js";
import { checklist, faults } from "./support/proofs/documents.js";
import { faultsIn, hasIdsBefore, idsIn, testNames } from "./support/proofs/test-names.js";

const root = join(import.meta.dirname, "..");
const tests = testNames(root)
  .filter(({ file }) => file !== "test/proofs.test.ts")
  .map((test) => Object.assign(test, { ids: idsIn(test.name), faults: faultsIn(test.name) }));
const rows = ANCESTORS.flatMap((ancestor) => ancestor.rows.concat(ancestor.weakPoints));

/** Tests that prove a row: named with its id, or for what is done otherwise the one that the row names. */
function proofsOf({ id, by }: Row) {
  return tests.filter(({ name, ids }) => (by === undefined ? ids.includes(id) : name.includes(by)));
}

const proofsOfFault = (number: number) => tests.filter(({ faults }) => faults.includes(number));

describe("names of tests", () => {
  it("are read as people read them", () => {
    expect(idsIn("2 processes [N-09 N-11..N-13, faults 1-3 14]")).toEqual(["N-09", "N-11", "N-12", "N-13"]);
    expect(faultsIn("2 processes [N-09, faults 1-3 14, figure 2]")).toEqual([1, 2, 3, 14]);
    expect(faultsIn("an index [0] of 8 [fault 76]")).toEqual([76]);
    expect([idsIn("at [0]"), faultsIn("no fault of ours")]).toEqual([[], []]);
    expect(tests.length).toBeGreaterThan(500);
  });

  it("are statements, with catalogue ids in brackets behind them", () => {
    expect(hasIdsBefore("N-09 fault 3 create is exclusive")).toBe(true);
    expect(hasIdsBefore("create is exclusive [N-09, fault 3]")).toBe(false);
    expect(tests.filter(({ name }) => hasIdsBefore(name))).toEqual([]);
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
    expect(["C-", "N-", "S-", "P-", "I-", "A-"].map(count)).toEqual([34, 30, 11, 17, 9, 11]);
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
])("%s is fresh, and no line is longer than people read", async (path, make) => {
  const file = join(root, path);
  const text = await format(make({ ofRow: proofsOf, ofFault: proofsOfFault }), {
    ...(await resolveConfig(file)),
    filepath: file,
  });
  if (process.env["UPDATE_PROOFS"] !== undefined) writeFileSync(file, text);
  expect(readFileSync(file, "utf8"), "run `npm run generate:proofs`").toBe(text);
  expect(text.split("\n").filter((line) => line.length > 120)).toEqual([]);
});
