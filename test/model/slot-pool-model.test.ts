/** Pools of slots, explored exhaustively: every interleaving of two or three parties, with deaths anywhere. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { explore, stepsNamedIn, stepsOfCode } from "./sleepers.js";
import { type Party, SLOT_POOL, slotPoolModel, type SlotPoolRules } from "./slot-pool.js";

interface Scenario {
  readonly programs: readonly (readonly Party[])[];
  readonly slots: number;
  readonly deaths: number;
  /** Have a slot each, and have died before. */
  readonly dead?: readonly number[];
}

const SCENARIOS: readonly Scenario[] = [
  { programs: [["use", "use"], ["use"]], slots: 2, deaths: 1 },
  { programs: [["use"], ["use"], ["use"]], slots: 1, deaths: 1 },
  { programs: [["send"], ["receive"], ["receive"]], slots: 1, deaths: 1 },
  { programs: [["keep", "use"], ["receive"]], slots: 1, deaths: 1 },
  { programs: [["use"], ["use"], ["use"]], slots: 2, deaths: 2 },
  { programs: [[], [], ["use"], ["use"]], slots: 2, deaths: 1, dead: [1, 2] },
  ...byDepth<Scenario[]>([], [{ programs: [["send"], ["receive"], ["use"]], slots: 2, deaths: 2 }]),
];
/** Of the lock, which has a model of its own. */
const ELSEWHERE = new Set(["lock", "unlock", "recover.free"]);

describe("a pool of slots, every interleaving with deaths anywhere", () => {
  it("gives each slot to one at a time, loses none, and frees what the dead had [P-17]", () => {
    let states = 0;
    const steps = new Set<string>();
    for (const { programs, ...size } of SCENARIOS) {
      const found = explore(slotPoolModel(programs, SLOT_POOL, size));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) if (!ELSEWHERE.has(step)) steps.add(step);
    }
    const named = stepsNamedIn("slot-pool/slot-pool", "parts/free-list", "parts/asked-owners");
    expect(named).toEqual(stepsOfCode(steps));
    console.log(`slot pool: ${SCENARIOS.length} scenarios, ${states} states`);
  });

  it.each(Object.keys(SLOT_POOL) as (keyof SlotPoolRules)[])("catches a pool that %s", (mistake) => {
    for (const { programs, ...size } of SCENARIOS) {
      const { violation, states } = explore(slotPoolModel(programs, { ...SLOT_POOL, [mistake]: true }, size));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
