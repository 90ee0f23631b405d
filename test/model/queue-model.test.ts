/** Queues, explored exhaustively: every interleaving of two or three parties, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { QUEUE, type Party, type QueueRules, queueModel } from "./queue.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

interface Scenario {
  readonly programs: readonly (readonly Party[])[];
  readonly length: number;
  readonly deaths: number;
}

const SCENARIOS: readonly Scenario[] = [
  {
    programs: [
      ["push", "push"],
      ["pop", "pop"],
    ],
    length: 1,
    deaths: 0,
  },
  {
    programs: [
      ["push", "push", "push"],
      ["pop", "pop", "pop"],
    ],
    length: 2,
    deaths: 1,
  },
  { programs: [["push"], ["push"], ["pop", "pop"]], length: 1, deaths: 0 },
  { programs: [["push", "push"], ["pop"], ["pop"]], length: 1, deaths: 0 },
  { programs: [["push"], ["push"], ["pop"]], length: 2, deaths: 1 },
  ...byDepth<Scenario[]>(
    [],
    [
      {
        programs: [
          ["push", "push"],
          ["pop", "pop"],
        ],
        length: 2,
        deaths: 2,
      },
    ],
  ),
];

/** The steps of the locks are those of the owner word, and have a model of their own. */
const ELSEWHERE = new Set(["lock", "unlock", "recover.free"]);

describe("a queue, every interleaving with deaths anywhere", () => {
  it("gives each element whole, in order, to one; loses none, and nobody sleeps for ever [P-17]", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const { programs, ...size } of SCENARIOS) {
      const found = explore(queueModel(programs, QUEUE, size));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) if (!ELSEWHERE.has(step)) steps.add(step);
    }
    expect(stepsNamedIn("queue/queue", "parts/gate")).toEqual(stepsOfCode(steps, "gate.sleep"));
    console.log(`queue: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(QUEUE) as (keyof QueueRules)[])("catches a queue that %s", (mistake) => {
    for (const { programs, ...size } of SCENARIOS) {
      const { violation, states } = explore(queueModel(programs, { ...QUEUE, [mistake]: true }, size));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
