/**
 * The open/close protocol, explored exhaustively. What test/model/protocol.ts models is what docs/PROTOCOL.md prescribes;
 * the names of its steps are listed there.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Automata } from "./automata.js";
import { type Scenario, explore } from "./explore.js";
import { exploreEach, explain, hunt } from "./explore-each.js";
import { MUTANTS } from "./mutants.js";
import { PROTOCOL } from "./rules.js";
import { CLEANED, HUNT, KEPT, MIGRATED, REMOVED, THREE_BY_ONE, TWO_BY_TWO } from "./scenarios.js";
import { byDepth, someOf } from "../support/run/depth.js";

/** The part with the steps of opening, growing and closing; those of containers stand with them. */
const document =
  /^## The steps$[^]*?(?=^## )/m.exec(readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8"))?.[0] ??
  "";
const automata = new Automata(PROTOCOL);
const stepsTaken = new Set<string>();
const exploreAll = (title: string, scenarios: readonly Scenario[]): ReadonlySet<string> =>
  exploreEach({ title, automata, scenarios: someOf(scenarios, 8, 3), of: scenarios.length, stepsTaken });

describe("the open/close protocol, every interleaving with a crash anywhere", { timeout: 600_000 }, () => {
  it("2 processes x 2 operations [N-09 N-11..N-19 N-23, faults 1-8 14 24 25 60]", () => {
    const outcomes = exploreAll("2 x 2", TWO_BY_TWO);
    const wanted =
      "created opened reinitialised closed BUSY EXISTS FOREIGN INITIALISE_THREW NO_SPACE NOT_FOUND NOT_READY STALE";
    for (const outcome of wanted.split(" ")) expect(outcomes).toContain(outcome);
  });

  it("3 processes x 1 operation [N-12 N-15, faults 1-8 24 25 60]", () => {
    const outcomes = exploreAll("3 x 1", THREE_BY_ONE);
    for (const outcome of ["created", "opened", "reinitialised", "closed"]) expect(outcomes).toContain(outcome);
  });

  it("regions that survive their users (onStale keep, cleanup keep) [faults 4 6]", () => {
    expect(exploreAll("keep", KEPT)).toContain("kept");
  });

  it("somebody outside the protocol removes the file meanwhile [faults 23 40]", () => {
    expect(exploreAll("removed", REMOVED)).toContain("reinitialised");
  });

  it("somebody lists or cleans meanwhile, and may die anywhere [faults 7 96 98]", () => {
    const outcomes = exploreAll("cleaned", CLEANED);
    for (const outcome of ["created", "opened", "reinitialised", "closed"]) expect(outcomes).toContain(outcome);
  });

  it("somebody migrates the region meanwhile; the path names the old one or the new one, complete [faults 4 6 50]", () => {
    const outcomes = exploreAll("migrated", MIGRATED);
    for (const outcome of ["migrated", "kept", "opened", "INITIALISE_THREW"]) expect(outcomes).toContain(outcome);
  });

  it("takes the steps that docs/PROTOCOL.md lists, and no others", () => {
    // Growing has a model of its own: growth-model.test.ts.
    const listed = [...document.matchAll(/^\| `((?!grow\.)[a-z]+\.[A-Za-z]+)` +\|/gm)].map((match) => match[1]);
    const taken = [...stepsTaken].filter((step) => !step.startsWith("outsider.")).map((step) => step.split(" ")[0]);
    expect(listed.sort()).toEqual([...new Set(taken)].sort());
  });
});

describe("the model catches every seeded mistake", () => {
  it("has at least 8, and each changes the protocol", () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(8);
    for (const { rules } of MUTANTS) expect({ ...PROTOCOL, ...rules }).not.toEqual(PROTOCOL);
  });

  it.each(byDepth(MUTANTS.slice(0, 5), MUTANTS))("$name", (mutant) => hunt(PROTOCOL, mutant, HUNT));

  it("there is none in the small scenarios of the protocol itself", () => {
    for (const scenario of someOf(HUNT, 3)) expect(explain(explore(automata, scenario))).toBe("");
  });
});
