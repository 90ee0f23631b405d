/** Tails that grow, explored exhaustively: every interleaving of two growers, with a death anywhere, and what follows it. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { GROWTH, type GrowthRules, type Programs, exploreGrowth } from "./growth.js";
import { byDepth } from "../support/run/depth.js";

const document = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
const PROGRAMS: readonly Programs[] = [
  [[2], [3]],
  [[2, 4], [7]],
  [[2], [2, 5]],
  [[5], [3, 9]],
  [[2, 3, 4], [6]],
];

describe("growing a tail, every interleaving with a crash anywhere", () => {
  it("any prefix is a complete region of one length or another, new elements are zero, nothing is lost [C-17 C-19 S-07 I-05, fault 65]", () => {
    const steps = new Set<string>();
    let states = 0;
    for (const programs of PROGRAMS.slice(0, byDepth(3, PROGRAMS.length))) {
      const found = exploreGrowth(programs, GROWTH);
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
      // Without a crash the longest wins; with one, whatever was reached.
      expect([...found.finalLengths]).toContain(Math.max(...programs.flat()));
      expect([...found.finalLengths]).toContain(1);
    }
    console.log(`growth: ${PROGRAMS.length} scenarios, ${states} states`);
    const listed = [...document.matchAll(/^\| `(grow\.[A-Za-z]+)` +\|/gm)].map((match) => match[1]);
    expect([...steps].filter((step) => step.startsWith("grow.")).sort()).toEqual(listed.sort());
  });

  it("the same on Windows, where the lock of who died goes some time later [fault 65]", () => {
    let states = 0;
    for (const programs of PROGRAMS.slice(0, byDepth(3, PROGRAMS.length))) {
      const found = exploreGrowth(programs, GROWTH, "windows");
      expect(found.violation).toBeUndefined();
      expect([...found.finalLengths]).toContain(Math.max(...programs.flat()));
      states += found.states;
    }
    console.log(`growth on Windows: ${states} states`);
  });

  const mistakes = Object.keys(GROWTH) as (keyof GrowthRules)[];
  it.each(mistakes.flatMap((mistake) => (["linux", "windows"] as const).map((system) => ({ mistake, system }))))(
    "catches a grower that $mistake, on $system",
    ({ mistake, system }) => {
      for (const programs of PROGRAMS) {
        const { violation, states } = exploreGrowth(programs, { ...GROWTH, [mistake]: true }, system);
        if (violation === undefined) continue;
        console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
        return;
      }
      expect.unreachable("not caught");
    },
  );
});
