/** Maps, explored exhaustively: every interleaving of those who change them and of readers, with deaths anywhere, in repairs as well. */
import { describe, expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { MAP, mapModel, type MapRules, type Operation } from "./map.js";
import { explore, stepsNamedIn } from "./sleepers.js";

type Scenario = readonly [programs: readonly (readonly Operation[])[], capacity: number, deaths: number];

const set = (...keys: readonly ("a" | "b" | "c")[]): Operation[] => keys.map((key) => ["set", key]);

const SHORT: readonly Scenario[] = [
  // A chain of two whose entries are replaced and taken out under a reader.
  [[[...set("b", "a", "a"), ["delete", "a"], ...set("c")], [["get", "b"]]], 2, 1],
  [[[...set("b", "a", "b", "c")], [["get", "b"]]], 3, 1],
  [[[...set("a"), ["delete", "a"], ...set("c", "a")], [["get", "a"]]], 1, 1],
  [[[...set("a", "c"), ["clear", "a"], ...set("b")], [["get", "a"]]], 2, 1],
  // One after the other: whoever comes makes anew what the one before has left, and may die in that.
  [[set("a", "a"), [["get", "a"]], set("c", "a")], 1, 1],
  [[set("a", "b"), [["delete", "a"]], set("c")], 2, 2],
];
const LONG: readonly Scenario[] = [
  ...SHORT,
  [[set("a", "a"), [["get", "a"]], set("c", "a")], 1, 2],
  [[set("b", "a", "a"), [["get", "b"]], [["delete", "a"], ...set("c")]], 2, 2],
];

/** Steps of other models, of {@link explore} itself, and of the hash's key, which is drawn once. */
const ELSEWHERE = new Set(["lock.take", "lock.release", "recover.lock", "recover.unlock", "recover.free"]);

describe("a map, every interleaving with deaths anywhere", () => {
  it("loses nothing, tears nothing, and every entry is in a chain or free", { timeout: 1_200_000 }, () => {
    const scenarios = byDepth(SHORT, LONG);
    let states = 0;
    const steps = new Set<string>();
    for (const [programs, capacity, deaths] of scenarios) {
      const found = explore(mapModel(programs, MAP, capacity, deaths));
      expect(found.violation).toBeUndefined();
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    const named = stepsNamedIn(...["chains", "changer", "free-entries", "repair", "map"].map((file) => `map/${file}`));
    expect(named).toEqual([...steps].filter((step) => !ELSEWHERE.has(step)).sort());
    console.log(`map: ${scenarios.length} scenarios, ${states} states`);
  });

  it("loses nothing either where a repair says first that it was done", { timeout: 600_000 }, () => {
    for (const [programs, capacity, deaths] of SHORT.slice(-2)) {
      const rules = { ...MAP, isRepairedFirst: true };
      expect(explore(mapModel(programs, rules, capacity, deaths)).violation).toBeUndefined();
    }
  });

  const mistakes = (Object.keys(MAP) as (keyof MapRules)[]).filter((rule) => rule !== "isRepairedFirst");
  it.each(mistakes)("catches a map that %s", { timeout: 600_000 }, (mistake) => {
    for (const [programs, capacity, deaths] of SHORT) {
      const { violation, states } = explore(mapModel(programs, { ...MAP, [mistake]: true }, capacity, deaths));
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
