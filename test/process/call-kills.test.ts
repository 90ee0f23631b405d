/**
 * A death before each call that opening and closing a region make of the system, by SIGKILL, which is TerminateProcess on Windows:
 * who comes next finds the region as it was, or makes it, and nobody waits for the dead.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Counter } from "../support/regions/counter.mjs";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { regionDirectory, regionsIn } from "../support/processes/processes.js";

const directory = regionDirectory();
const support = join(import.meta.dirname, "../support/syscalls");
/** Of each kind of opening; a process costs a second where tests run in an emulator. */
const [DEATHS] = byDepth([6], [40], [Infinity]);

interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outcome: string;
  readonly calls: readonly string[];
}

function openAndClose(name: string, dieAt: number, options: object = {}): Run {
  const script = ["--require", join(support, "die-at-call.cjs"), join(support, "one-opening.mjs")];
  const { status, signal, stdout, stderr } = spawnSync(process.execPath, [...script, name, JSON.stringify(options)], {
    encoding: "utf8",
    env: { ...process.env, SHMGEN_DIR: directory, DIE_AT: String(dieAt) },
  });
  if (status !== 0 && dieAt === 0) throw new Error(`it ended with ${status ?? signal}: ${stderr}`);
  const { outcome = "", calls = [] } =
    stdout === "" ? {} : (JSON.parse(stdout) as { outcome: string; calls: string[] });
  return { code: status, signal, outcome, calls };
}

const wait = { timeoutMs: 20_000, initialise: (data: { big: bigint }) => void (data.big = 5n) };

/** A region that nobody has open, and that is there: its last owner kept it. */
function leave(name: string): void {
  const region = Counter.createOrOpen(name, { ...wait, cleanup: "keep" });
  region.data.count = 70;
  region.close();
}

describe("a death before each call of the system", () => {
  it.each([
    ["of who makes a region", "created", () => undefined, {}],
    ["of who makes a stale region anew", "reinitialised", leave, {}],
    ["of who keeps what a stale region has", "opened", leave, { onStale: "keep" }],
  ] as const)("%s: the next one has it, whole", (what, outcome, prepare, options) => {
    const seed = runSeed(what);
    const random = new Random(seed);
    prepare("counted");
    const whole = openAndClose("counted", 0, options);
    expect(whole.outcome).toBe(outcome);
    expect(whole.calls.length).toBeGreaterThan(10);
    const all = whole.calls.map((_, index) => index + 1);
    const chosen = all.length <= DEATHS ? all : Array.from({ length: DEATHS }, () => random.pick(all));
    for (const dieAt of chosen) {
      const at = `SHMGEN_SEED=${seed}: before call ${dieAt} of ${all.length}, ${whole.calls[dieAt - 1]}`;
      prepare("victim");
      const victim = openAndClose("victim", dieAt, options);
      expect([victim.code, victim.signal], at).not.toEqual([0, null]);
      expect(victim.calls, at).toEqual([]);
      const next = Counter.createOrOpen("victim", { ...wait, onStale: "keep" });
      try {
        // All of initialise, or none of it: who died in it has left nothing that is taken for a region.
        expect(next.data.big, at).toBe(5n);
        expect([0, 1, 70, 71], at).toContain(next.data.count);
        expect(next.isCurrent(), at).toBe(true);
      } finally {
        next.close();
      }
      expect(regionsIn(directory).toSorted(), at).toEqual(["warm"]);
    }
  });

  it("of who has a region open beside us: it stays ours", () => {
    const random = new Random(runSeed("beside us"));
    using own = Counter.createOrOpen("shared", wait);
    own.data.count = 1;
    const whole = openAndClose("shared", 0);
    expect(whole.outcome).toBe("opened");
    for (let death = 0; death < Math.min(DEATHS, whole.calls.length); death += 1) {
      const dieAt = DEATHS >= whole.calls.length ? death + 1 : 1 + (random.bits() % whole.calls.length);
      openAndClose("shared", dieAt);
      expect([own.isCurrent(), own.data.big, fs.existsSync(own.path)]).toEqual([true, 5n, true]);
      using other = Counter.open("shared", { timeoutMs: 20_000 });
      expect([other.outcome, other.generation]).toEqual(["opened", 1]);
    }
  });
});
