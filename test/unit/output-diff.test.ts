import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unifiedDiff } from "../../generator/dist/commands/unified-diff.js";
import { runSeed } from "../support/run/random.js";
import { cpuMs } from "../support/run/figures.js";

const TITLES = { before: "a/file", after: "b/file" };
const diff = (before: string, after: string): string => unifiedDiff(before, after, TITLES);

const linesOf = (text: string): readonly string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Applies a unified diff strictly: every context and removed line has to match, every count has to be true. */
function apply(before: string, patch: string): string {
  if (patch === "") return before;
  const old = linesOf(before);
  const lines = patch.split("\n").slice(2, -1);
  const result: string[] = [];
  let position = 0;
  for (let index = 0; index < lines.length;) {
    const match = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@$/.exec(lines[index] ?? "");
    if (match === null) throw new Error(`no hunk: ${lines[index]}`);
    const oldCount = Number(match[2] ?? 1);
    const newCount = Number(match[4] ?? 1);
    const start = oldCount === 0 ? Number(match[1]) : Number(match[1]) - 1;
    result.push(...old.slice(position, start));
    position = start;
    expect(result.length).toBe(newCount === 0 ? Number(match[3]) : Number(match[3]) - 1);
    index += 1;
    let [removed, added] = [0, 0];
    while (index < lines.length && !(lines[index] ?? "").startsWith("@@ ")) {
      const open = lines[index + 1] === "\\ No newline at end of file";
      const line = (lines[index] ?? "").slice(1) + (open ? "" : "\n");
      const kind = lines[index]?.[0];
      if (kind !== "+") {
        expect(old[position]).toBe(line);
        position += 1;
        removed += 1;
      }
      if (kind !== "-") {
        result.push(line);
        added += 1;
      }
      index += open ? 2 : 1;
    }
    expect([removed, added]).toEqual([oldCount, newCount]);
  }
  return [...result, ...old.slice(position)].join("");
}

describe("unifiedDiff", () => {
  it("says nothing about equal texts", () => {
    expect(diff("a\nb\n", "a\nb\n")).toBe("");
    expect(diff("", "")).toBe("");
  });

  it.each([
    ["one line changed", "1\n2\n3\n4\n5\n", "1\n2\nx\n4\n5\n", "@@ -1,5 +1,5 @@\n 1\n 2\n-3\n+x\n 4\n 5\n"],
    ["from nothing", "", "a\nb\n", "@@ -0,0 +1,2 @@\n+a\n+b\n"],
    ["to nothing", "a\n", "", "@@ -1 +0,0 @@\n-a\n"],
    ["end of line at the end", "a\nb", "a\nb\n", "@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n"],
    ["carriage returns", "a\r\n", "a\n", "@@ -1 +1 @@\n-a\r\n+a\n"],
    [
      "two places far apart",
      "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
      "x\n2\n3\n4\n5\n6\n7\n8\ny\n",
      "@@ -1,4 +1,4 @@\n-1\n+x\n 2\n 3\n 4\n@@ -6,4 +6,4 @@\n 6\n 7\n 8\n-9\n+y\n",
    ],
  ])("%s", (_name, before, after, hunks) => {
    expect(diff(before, after)).toBe(`--- a/file\n+++ b/file\n${hunks}`);
  });

  const text = fc
    .tuple(fc.array(fc.constantFrom("a", "b", "c", "", "  d"), { maxLength: 40 }), fc.boolean())
    .map(([lines, end]) => lines.join("\n") + (end && lines.length > 0 ? "\n" : ""));

  it("applied to the old text gives the new one", () => {
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(apply(before, diff(before, after))).toBe(after);
      }),
      { seed: runSeed("differences"), numRuns: 3000 },
    );
  });

  /** The length of the longest common subsequence, from the textbook: what is not in it has to change. */
  function common(a: readonly string[], b: readonly string[]): number {
    let row = b.map(() => 0);
    for (const line of a) {
      const next: number[] = [];
      for (const [n, other] of b.entries()) {
        next.push(line === other ? (row[n - 1] ?? 0) + 1 : Math.max(row[n] ?? 0, next[n - 1] ?? 0));
      }
      row = next;
    }
    return row.at(-1) ?? 0;
  }

  it("is as short as can be, and never longer than git's", () => {
    const folder = mkdtempSync(join(tmpdir(), "shmgen-diff-"));
    const changed = (patch: string): number => patch.split("\n").filter((line) => /^[-+](?!--|\+\+)/.test(line)).length;
    try {
      fc.assert(
        fc.property(text, text, (before, after) => {
          writeFileSync(join(folder, "a"), before);
          writeFileSync(join(folder, "b"), after);
          const script = "git diff --no-index --minimal --no-color a b > patch; test $? -lt 2";
          execFileSync("sh", ["-c", script], { cwd: folder });
          const theirs = readFileSync(join(folder, "patch"), "utf8");
          const old = linesOf(before);
          const young = linesOf(after);
          const ours = changed(diff(before, after));
          expect(ours).toBe(old.length + young.length - 2 * common(old, young));
          // Not equal: `--minimal` gives 13 lines for 11 once in some thousand texts.
          expect(ours).toBeLessThanOrEqual(changed(theirs));
        }),
        { seed: runSeed("long differences"), numRuns: 100 },
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("stays fast and right where nothing is in common", () => {
    const before = Array.from({ length: 20_000 }, (_, index) => `old ${index}\n`).join("");
    const after = Array.from({ length: 20_000 }, (_, index) => `new ${index}\n`).join("");
    const started = cpuMs();
    const patch = diff(before, after);
    expect(cpuMs() - started).toBeLessThan(5000);
    expect(patch.split("\n")).toHaveLength(40_000 + 4);
  });
});
