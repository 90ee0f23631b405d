/**
 * The open/close protocol on Windows' kernel, explored as on Linux' one (protocol-model.test.ts). The dead keep what they had for some time,
 * so there are some ten times as many states for each scenario, and fewer scenarios are drawn for a run.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Automata } from "./automata.js";
import type { Scenario } from "./explore.js";
import { exploreEach, hunt } from "./explore-each.js";
import { COMMON_ON_WINDOWS, MUTANTS_ON_WINDOWS } from "./mutants.js";
import { ON_WINDOWS, PROTOCOL } from "./rules.js";
import { CLEANED, HUNT, HUNT_ON_WINDOWS, KEPT, MIGRATED, REMOVED, THREE_BY_ONE, TWO_BY_TWO } from "./scenarios.js";
import { byDepth, someOf } from "../support/run/depth.js";

const document =
  /^### The steps on Windows$[^]*?(?=^##)/m.exec(
    readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8"),
  )?.[0] ?? "";
const automata = new Automata(ON_WINDOWS);
const stepsTaken = new Set<string>();

function exploreSome(title: string, scenarios: readonly Scenario[], every: number): ReadonlySet<string> {
  const some = someOf(scenarios, every, Math.ceil(every / 3));
  return exploreEach({ title: `${title} on Windows`, automata, scenarios: some, of: scenarios.length, stepsTaken });
}

describe("the open/close protocol on Windows, every interleaving with a crash anywhere", { timeout: 600_000 }, () => {
  it("2 processes x 2 operations [N-09 N-11..N-19 N-23, faults 1-8 14 24 25 60]", () => {
    const outcomes = exploreSome("2 x 2", TWO_BY_TWO, 60);
    for (const outcome of ["created", "opened", "reinitialised", "closed"]) expect(outcomes).toContain(outcome);
  });

  it("3 processes x 1 operation [N-12 N-15, faults 1-8 24 25 60]", () => {
    expect(exploreSome("3 x 1", THREE_BY_ONE, 40).size).toBeGreaterThan(1);
  });

  it("regions that survive their users [faults 4 6]", () => {
    expect(exploreSome("keep", KEPT, 40)).toContain("kept");
  });

  it("somebody outside the protocol removes the file meanwhile, or is refused [faults 23 40]", () => {
    expect(exploreSome("removed", REMOVED, 10)).toContain("closed");
  });

  it("somebody lists or cleans meanwhile, and may die anywhere [faults 7 96 98]", () => {
    expect(exploreSome("cleaned", CLEANED, 120)).toContain("closed");
  });

  it("somebody migrates the region meanwhile; the path names the old one or the new one, complete [faults 4 6 50]", () => {
    const left = MIGRATED.filter(({ start }) => start === "left-over");
    const outcomes = exploreSome("migrated", left, 10);
    for (const outcome of ["migrated", "INITIALISE_THREW", "BUSY"]) expect(outcomes).toContain(outcome);
  });

  it("takes the steps of Linux and those that docs/PROTOCOL.md adds to them", () => {
    const listed = [...document.matchAll(/^\| `([a-z]+\.[A-Za-z]+)` +\|/gm)].map((match) => match[1] ?? "");
    expect(listed.length).toBeGreaterThan(0);
    for (const step of listed) expect([...stepsTaken]).toContain(step);
  });
});

describe("the model of Windows catches every seeded mistake", { timeout: 600_000 }, () => {
  it.each(MUTANTS_ON_WINDOWS)("$name", (mutant) => hunt(ON_WINDOWS, mutant, HUNT_ON_WINDOWS));

  it.each(byDepth([], COMMON_ON_WINDOWS))("$name", (mutant) => hunt(ON_WINDOWS, mutant, HUNT));

  it("each changes the protocol, and there is none in the small scenarios of the protocol itself", () => {
    for (const { rules } of [...MUTANTS_ON_WINDOWS, ...COMMON_ON_WINDOWS])
      expect({ ...PROTOCOL, ...rules }).not.toEqual(PROTOCOL);
    exploreSome("small", HUNT, 40);
  });
});
