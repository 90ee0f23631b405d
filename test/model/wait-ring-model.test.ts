/** Waits by a ring, explored exhaustively: every interleaving of the thread, its loop and the kernel. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Program, RING, type RingRules, exploreRing } from "./wait-ring.js";

const source = readFileSync(new URL("../../runtime/os/linux/wait-ring.ts", import.meta.url), "utf8");
const PROGRAMS: readonly Program[] = [
  [["start", 0]],
  [
    ["start", 0],
    ["cancel", 0],
  ],
  [
    ["start", 0],
    ["start", 1],
    ["start", 2],
  ],
  [
    ["start", 0],
    ["start", 1],
    ["cancel", 0],
    ["start", 2],
  ],
];

describe("waits by a ring, every interleaving of thread and kernel", () => {
  it("each wait is settled once, however it ends; one that was cancelled is not settled by that", () => {
    const steps = new Set<string>();
    const told = new Set<string>();
    let states = 0;
    for (const program of PROGRAMS) {
      const found = exploreRing(program, RING);
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
      for (const reason of found.told) told.add(reason);
    }
    console.log(`ring: ${PROGRAMS.length} programs, ${states} states`);
    expect([...told].sort()).toEqual(["changed", "expired", "woken"]);
    const listed = [...source.matchAll(/^ \* {3}(?:[a-z]+ +| {8})(?<step>[a-z]+) {2,}\S/gm)].map(
      ({ groups }) => groups?.["step"],
    );
    expect(listed.length).toBeGreaterThan(5);
    expect([...steps].sort()).toEqual(listed.sort());
  });

  it.each(Object.keys(RING) as (keyof RingRules)[])("catches a ring that %s", (mistake) => {
    for (const program of PROGRAMS) {
      const { violation, states } = exploreRing(program, { ...RING, [mistake]: true });
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
