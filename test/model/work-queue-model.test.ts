/** Queues of work, explored exhaustively: every interleaving of two or three parties, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";
import { type Party, WORK_QUEUE, workQueueModel, type WorkQueueRules } from "./work-queue.js";

interface Scenario {
  readonly programs: readonly (readonly Party[])[];
  readonly slots: number;
  readonly deaths: number;
  /** Have a slot each, and have died before. */
  readonly dead?: readonly number[];
}

const SCENARIOS: readonly Scenario[] = [
  {
    programs: [
      ["push", "push"],
      ["work", "work"],
    ],
    slots: 2,
    deaths: 1,
  },
  { programs: [["push"], ["push"], ["work"]], slots: 2, deaths: 1 },
  {
    programs: [
      ["push", "push"],
      ["retry", "work"],
    ],
    slots: 2,
    deaths: 0,
  },
  {
    programs: [
      ["push", "push"],
      ["retryLast", "work"],
    ],
    slots: 2,
    deaths: 0,
  },
  { programs: [[], [], ["work"], ["work"]], slots: 2, deaths: 0, dead: [1, 2] },
  { programs: [[], [], ["retry", "work"], []], slots: 3, deaths: 1, dead: [1, 2] },
  { programs: [[], ["push"], ["work"]], slots: 1, deaths: 1, dead: [1] },
  ...byDepth<Scenario[]>([], [{ programs: [[], [], ["work"], ["work"]], slots: 2, deaths: 1, dead: [1, 2] }]),
];
/** Of the lock, which has a model of its own. */
const ELSEWHERE = new Set(["lock", "unlock", "recover.free"]);

describe("a queue of work, every interleaving with deaths anywhere", () => {
  it("has each job done once, in order, loses none, and leases again what the dead had [P-17]", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const { programs, ...size } of SCENARIOS) {
      const found = explore(workQueueModel(programs, WORK_QUEUE, size));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) if (!ELSEWHERE.has(step)) steps.add(step);
    }
    const named = stepsNamedIn(
      "work-queue/work-queue",
      "work-queue/jobs",
      "work-queue/ready-list",
      "parts/free-list",
      "parts/asked-owners",
    );
    expect(named).toEqual(stepsOfCode(steps));
    console.log(`work queue: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(WORK_QUEUE) as (keyof WorkQueueRules)[])("catches a queue that %s", (mistake) => {
    for (const { programs, ...size } of SCENARIOS) {
      const { violation, states } = explore(workQueueModel(programs, { ...WORK_QUEUE, [mistake]: true }, size));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
