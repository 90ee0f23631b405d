/** Series of counters, explored exhaustively: every interleaving of two or three parties, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { COUNTERS, countersModel, type CountersRules, type Turn } from "./counters.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";

interface Scenario {
  readonly programs: readonly (readonly Turn[])[];
  readonly places: number;
  readonly deaths: number;
  /** Have a series each that is dropped, and have died before. */
  readonly dead?: readonly number[];
}

const count = (key: number, drops = false): Turn => ({ does: "count", key, drops });
const remove = (key: number): Turn => ({ does: "remove", key });
const READ: Turn = { does: "read", key: 0 };

const SCENARIOS: readonly Scenario[] = [
  { programs: [[count(1)], [count(1)]], places: 2, deaths: 1 },
  { programs: [[count(1)], [count(1)], [count(1)]], places: 1, deaths: 1 },
  { programs: [[count(1, true)], [count(1)]], places: 1, deaths: 1 },
  { programs: [[remove(1), count(2)], [count(1)]], places: 2, deaths: 1 },
  { programs: [[remove(1), count(2)], [READ]], places: 1, deaths: 1 },
  { programs: [[count(1, true)], [count(2)], [READ]], places: 1, deaths: 1 },
  { programs: [[{ does: "observe", key: 1 }], [{ does: "observe", key: 1 }]], places: 1, deaths: 1 },
  { programs: [[], [], [count(1)], [count(2)]], places: 2, deaths: 1, dead: [1, 2] },
  ...byDepth<Scenario[]>([], [{ programs: [[count(1)], [count(1, true)], [count(1)]], places: 2, deaths: 2 }]),
];
/** Of the lock, which has a model of its own. */
const ELSEWHERE = new Set(["lock", "unlock", "recover.free"]);

describe("counters, every interleaving with deaths anywhere", () => {
  it("lose nothing that was counted, give each series to one at a time, and show none that is half made", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const { programs, ...size } of SCENARIOS) {
      const found = explore(countersModel(programs, COUNTERS, size));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) if (!ELSEWHERE.has(step)) steps.add(step);
    }
    const files = ["counters/counters", "counters/entries", "counters/series", "parts/free-list", "parts/asked-owners"];
    expect(stepsNamedIn(...files)).toEqual(stepsOfCode(steps));
    console.log(`counters: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(COUNTERS) as (keyof CountersRules)[])("catches counters that %s", (mistake) => {
    for (const { programs, ...size } of SCENARIOS) {
      const { violation, states } = explore(countersModel(programs, { ...COUNTERS, [mistake]: true }, size));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
