/**
 * The open/close protocol, explored exhaustively. What test/model/protocol.ts models is what docs/PROTOCOL.md prescribes;
 * the names of its steps are listed there.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { Automata } from "./automata.js";
import { type Exploration, type Scenario, explore } from "./explore.js";
import { MUTANTS } from "./mutants.js";
import { PROTOCOL } from "./protocol.js";
import { CLEANED, HUNT, KEPT, MIGRATED, REMOVED, THREE_BY_ONE, TWO_BY_TWO } from "./scenarios.js";
import { byDepth, someOf } from "../support/run/depth.js";

/** The part with the steps of opening, growing and closing; those of containers stand with them. */
const document =
  /^## The steps$[^]*?(?=^## )/m.exec(readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8"))?.[0] ??
  "";
const stepsTaken = new Set<string>();

/** The first violation of any scenario, as text; and that every outcome and end was reached that the scenarios can have. */
function exploreAll(title: string, scenarios: readonly Scenario[]): Set<string> {
  const automata = new Automata(PROTOCOL);
  const outcomes = new Set<string>();
  let states = 0;
  let transitions = 0;
  const begun = performance.now();
  const explored = someOf(scenarios, 8, 3);
  for (const scenario of explored) {
    const found: Exploration = explore(automata, scenario);
    states += found.states;
    transitions += found.transitions;
    for (const outcome of found.outcomes) outcomes.add(outcome);
    for (const step of found.steps) stepsTaken.add(step);
    expect(explain(found)).toBe("");
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${title}: ${explored.length} of ${scenarios.length} scenarios, ${states} states, ${transitions} transitions, ${seconds} s`,
  );
  return outcomes;
}

function explain({ violation }: Exploration): string {
  if (violation === undefined) return "";
  const { start, programs } = violation.scenario;
  const who = programs.map((program, index) => `process ${index + 1}: ${program.join(", ")}`).join("; ");
  return [`start: ${start}; ${who}`, ...violation.trace].join("\n  ");
}

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

  it.each(byDepth(MUTANTS.slice(0, 5), MUTANTS))("$name", ({ name, rules, caughtBy }) => {
    const automata = new Automata({ ...PROTOCOL, ...rules });
    let states = 0;
    for (const scenario of HUNT) {
      const found = explore(automata, scenario);
      states += found.states;
      if (found.violation === undefined) continue;
      console.log(`caught after ${states} states: ${name}\n  ${explain(found)}\n`);
      expect(found.violation.what).toMatch(caughtBy);
      return;
    }
    expect.unreachable(`not caught in ${HUNT.length} scenarios, ${states} states`);
  });

  it("there is none in the small scenarios of the protocol itself", () => {
    const automata = new Automata(PROTOCOL);
    for (const scenario of someOf(HUNT, 3)) expect(explain(explore(automata, scenario))).toBe("");
  });
});
