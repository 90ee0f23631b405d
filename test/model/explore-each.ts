/** Explorations for tests: several scenarios, with what they say to people. */
import { expect } from "vitest";
import { Automata } from "./automata.js";
import { type Exploration, type Scenario, explore } from "./explore.js";
import type { Mutant } from "./mutants.js";
import type { Rules } from "./rules.js";

interface Explorations {
  readonly title: string;
  readonly automata: Automata;
  readonly scenarios: readonly Scenario[];
  /** So many there are. */
  readonly of: number;
  /** Gets the names of the steps that were taken. */
  readonly stepsTaken: Set<string>;
}

/** Fails with the first violation of any scenario, as text. The outcomes that were reached. */
export function exploreEach({ title, automata, scenarios, of, stepsTaken }: Explorations): ReadonlySet<string> {
  const outcomes = new Set<string>();
  let states = 0;
  let transitions = 0;
  const begun = performance.now();
  for (const scenario of scenarios) {
    const found = explore(automata, scenario);
    states += found.states;
    transitions += found.transitions;
    for (const outcome of found.outcomes) outcomes.add(outcome);
    for (const step of found.steps) stepsTaken.add(step);
    expect(explain(found)).toBe("");
  }
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `${title}: ${scenarios.length} of ${of} scenarios, ${states} states, ${transitions} transitions, ${seconds} s`,
  );
  return outcomes;
}

export function explain({ violation }: Exploration): string {
  if (violation === undefined) return "";
  const { start, programs } = violation.scenario;
  const who = programs.map((program, index) => `process ${index + 1}: ${program.join(", ")}`).join("; ");
  return [`start: ${start}; ${who}`, ...violation.trace].join("\n  ");
}

/** Fails if the mistake is not caught in any of these scenarios, or for another reason. */
export function hunt(protocol: Rules, { name, rules, caughtBy }: Mutant, scenarios: readonly Scenario[]): void {
  const automata = new Automata({ ...protocol, ...rules });
  let states = 0;
  for (const scenario of scenarios) {
    const found = explore(automata, scenario);
    states += found.states;
    if (found.violation === undefined) continue;
    console.log(`caught after ${states} states: ${name}\n  ${explain(found)}\n`);
    expect(found.violation.what).toMatch(caughtBy);
    return;
  }
  expect.unreachable(`not caught in ${scenarios.length} scenarios, ${states} states`);
}
