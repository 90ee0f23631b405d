/** Numbers of participants, explored exhaustively: claims, releases and recoveries, with a death anywhere, also of who recovers. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { exploreParticipants } from "./participants-explore.js";
import { PARTICIPANTS, type ParticipantRules, type ParticipantScenario } from "./participants.js";
import { byDepth } from "../support/run/depth.js";

const document = readFileSync(new URL("../../docs/PROTOCOL.md", import.meta.url), "utf8");
const SCENARIOS: readonly ParticipantScenario[] = [
  {
    count: 1,
    programs: [
      ["claim", "take0"],
      ["claim", "take1"],
    ],
  },
  {
    count: 1,
    programs: [
      ["claim", "take0", "release"],
      ["claim", "take1", "release"],
    ],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0", "recover2"],
      ["claim", "take1", "recover1"],
    ],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0", "release", "claim", "take1"],
      ["claim", "take1", "recover1"],
    ],
  },
  {
    count: 1,
    programs: [
      ["claim", "take0"],
      ["claim", "take0"],
      ["claim", "take0"],
    ],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0"],
      ["claim", "take1", "recover1"],
      ["claim", "take0"],
    ],
  },
  { count: 2, programs: [["claim"], ["claim"], ["claim", "release"]] },
  {
    count: 2,
    programs: [
      ["claim", "take0", "release"],
      ["claim", "take1", "recover1"],
      ["claim", "take0"],
    ],
  },
];

const MISTAKES = Object.keys(PARTICIPANTS) as (keyof ParticipantRules)[];
/** Mistakes with locks that can only be asked about by taking one. */
const OF_WINDOWS: ReadonlySet<keyof ParticipantRules> = new Set(["asksForItself", "takesAskerForOwner"]);

/** Where asking takes a lock, others are refused theirs meanwhile. */
const ASKED: readonly ParticipantScenario[] = [
  { count: 1, programs: [["claim", "ask1"], ["ask1"]] },
  { count: 1, programs: [["claim"], ["ask0"], ["ask1"]] },
  {
    count: 1,
    programs: [
      ["claim", "take0", "release"],
      ["claim", "take1", "release"],
    ],
  },
  {
    count: 2,
    programs: [["claim", "take0", "recover2"], ["claim", "take1", "recover1"], ["ask1"]],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0", "ask0"],
      ["claim", "take1", "recover1", "ask1"],
    ],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0", "release", "claim", "take1"],
      ["claim", "take1", "recover1"],
    ],
  },
  {
    count: 2,
    programs: [["claim", "take0"], ["claim", "take1", "recover1"], ["ask0"]],
  },
  {
    count: 2,
    programs: [
      ["claim", "take0"],
      ["claim", "take1", "recover1"],
      ["claim", "take0"],
    ],
  },
];

describe("participants on Windows, where locks are asked about by taking one, and the dead lose theirs later", () => {
  it("no word ever holds a number of an earlier life, nothing is taken from the living, and everything from the dead comes back", () => {
    let states = 0;
    let reused = false;
    const scenarios = ASKED.slice(0, byDepth(6, ASKED.length));
    for (const scenario of scenarios) {
      const found = exploreParticipants(scenario, PARTICIPANTS, "windows");
      expect(found.violation).toBeUndefined();
      reused ||= found.reused;
      states += found.states;
    }
    expect(reused, "a number is used again").toBe(true);
    console.log(`participants on Windows: ${scenarios.length} scenarios, ${states} states`);
  });

  it.each(MISTAKES)("catches an implementation that %s", (mistake) => {
    for (const scenario of [...ASKED.slice(0, -1), ...SCENARIOS.slice(4, 7)]) {
      const { violation, states } = exploreParticipants(scenario, { ...PARTICIPANTS, [mistake]: true }, "windows");
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});

describe("participants, every interleaving with a death anywhere", () => {
  it("no word ever holds a number of an earlier life, nothing is taken from the living, and everything from the dead comes back", () => {
    const steps = new Set<string>();
    let states = 0;
    const scenarios = SCENARIOS.slice(0, byDepth(7, SCENARIOS.length));
    for (const scenario of scenarios) {
      const found = exploreParticipants(scenario, PARTICIPANTS);
      expect(found.violation).toBeUndefined();
      expect(found.reused, "a number is used again").toBe(true);
      states += found.states;
      for (const step of found.steps) steps.add(step);
    }
    console.log(`participants: ${scenarios.length} scenarios, ${states} states`);
    const listed = [...document.matchAll(/^\| `((?:claim|recover|release)\.[A-Za-z]+)` +\|/gm)].map(
      (match) => match[1],
    );
    expect([...steps].filter((step) => step !== "take").sort()).toEqual(listed.sort());
  });

  const mistakes = MISTAKES.filter((mistake) => !OF_WINDOWS.has(mistake));
  it.each(mistakes)("catches an implementation that %s", (mistake) => {
    for (const scenario of SCENARIOS.slice(0, 7)) {
      const { violation, states } = exploreParticipants(scenario, { ...PARTICIPANTS, [mistake]: true });
      if (violation === undefined) continue;
      console.log(`${mistake}: ${violation.what}, after ${states} states\n  ${violation.trace.join("\n  ")}`);
      return;
    }
    expect.unreachable("not caught");
  });
});
