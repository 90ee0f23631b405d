/**
 * A death before each call that a change of a region's life makes of the system, by SIGKILL, which is TerminateProcess on Windows:
 * who comes next finds the region as it was, or makes it, and nobody waits for the dead.
 */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { cleanStale, type Region, removeRegion } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { NextCounter, TailedCounter, toNext } from "../support/regions/changes.mjs";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { regionDirectory, regionsIn } from "../support/processes/processes.js";

let directory: string;
beforeEach(() => {
  directory = regionDirectory();
});
const support = join(import.meta.dirname, "../support/syscalls");
/** Of each kind of opening; a process costs a second where tests run in an emulator. */
const [DEATHS] = byDepth([6], [40], [Infinity]);

interface Run {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly outcome: unknown;
  readonly calls: readonly string[];
}

type Kind = "open" | "migrate" | "grow" | "remove" | "clean";

/** A change by another process, which dies before its call of number `dieAt`; 0: it lives. */
function change(kind: Kind, name: string, dieAt: number, options: object = {}): Run {
  const script = ["--require", join(support, "die-at-call.cjs"), join(support, "one-change.mjs")];
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...script, kind, name, JSON.stringify(options)],
    { encoding: "utf8", env: { ...process.env, SHMGEN_DIR: directory, DIE_AT: String(dieAt) } },
  );
  if (status !== 0 && dieAt === 0) throw new Error(`it ended with ${status ?? signal}: ${stderr}`);
  const { outcome = "", calls = [] } = stdout === "" ? {} : (JSON.parse(stdout) as Run);
  return { code: status, signal, outcome, calls };
}

/** Lets a change happen, then lets it die before each of its calls, or before some: `prepare` comes first, `look` after it. */
function die(kind: Kind, prepare: (name: string) => void, look: (name: string, at: string) => void, options = {}): Run {
  const seed = runSeed(`${kind} ${JSON.stringify(options)}`);
  const random = new Random(seed);
  prepare("counted");
  const whole = change(kind, "counted", 0, options);
  expect(whole.calls.length).toBeGreaterThan(10);
  const all = whole.calls.map((_, index) => index + 1);
  const chosen = all.length <= DEATHS ? all : Array.from({ length: DEATHS }, () => random.pick(all));
  for (const dieAt of chosen) {
    const at = `SHMGEN_SEED=${seed}: before call ${dieAt} of ${all.length}, ${whole.calls[dieAt - 1]}`;
    prepare("victim");
    const victim = change(kind, "victim", dieAt, options);
    expect([victim.code, victim.signal], at).not.toEqual([0, null]);
    expect(victim.calls, at).toEqual([]);
    look("victim", at);
  }
  return whole;
}

const wait = { timeoutMs: 20_000, initialise: (data: { big: bigint }) => void (data.big = 5n) };

/** A region that nobody has open, and that is there: its last owner kept it. */
function leave(name: string): void {
  const region = Counter.createOrOpen(name, { ...wait, cleanup: "keep" });
  region.data.count = 70;
  region.close();
}

/** Nothing is there but what the process that lived left on purpose. */
function expectNothingElse(at: string): void {
  const others = regionsIn(directory).filter((name) => name !== "warm" && name !== "counted");
  expect(others, at).toEqual([]);
}

describe("a death before each call of the system", () => {
  it.each([
    ["of who makes a region", "created", () => undefined, {}],
    ["of who makes a stale region anew", "reinitialised", leave, {}],
    ["of who keeps what a stale region has", "opened", leave, { onStale: "keep" }],
  ] as const)("%s: the next one has it, whole", (_, outcome, prepare, options) => {
    const whole = die(
      "open",
      prepare,
      (name, at) => {
        using next = Counter.createOrOpen(name, { ...wait, onStale: "keep" });
        // All of initialise, or none of it: who died in it has left nothing that is taken for a region.
        expect(next.data.big, at).toBe(5n);
        expect([0, 1, 70, 71], at).toContain(next.data.count);
        expect(next.isCurrent(), at).toBe(true);
        next.close();
        expectNothingElse(at);
      },
      options,
    );
    expect(whole.outcome).toBe(outcome);
  });

  it("of who has a region open beside us: it stays ours", () => {
    using own = Counter.createOrOpen("victim", wait);
    own.data.count = 1;
    using counted = Counter.createOrOpen("counted", wait);
    const whole = die(
      "open",
      () => undefined,
      (name, at) => {
        expect([own.isCurrent(), own.data.big, fs.existsSync(own.path)], at).toEqual([true, 5n, true]);
        using other = Counter.open(name, { timeoutMs: 20_000 });
        expect([other.outcome, other.generation], at).toEqual(["opened", 1]);
      },
    );
    expect([whole.outcome, counted.data.count]).toEqual(["opened", 1]);
  });

  it("of who migrates: the old region or the new one is there, and the next one has the new one", () => {
    const seen = { migrated: 0, opened: 0 };
    const whole = die("migrate", leave, (name, at) => {
      using next = NextCounter.createOrOpen(name, { ...wait, onStale: "keep", migrate: [toNext] });
      expect(Object.keys(seen), at).toContain(next.outcome);
      seen[next.outcome as keyof typeof seen] += 1;
      expect([next.data.count, next.data.big], at).toEqual([71, 10n]);
      next.close();
      expectNothingElse(at);
      // Left beside it by who died with the new one in place; removed by the next migration of that name, or by cleaning.
      cleanStale({ timeoutMs: 20_000 });
      expect(
        fs.readdirSync(directory).filter((entry) => entry.startsWith(".migrating-")),
        at,
      ).toEqual([]);
    });
    expect(whole.outcome).toBe("migrated");
    if (DEATHS === Infinity) expect(Math.min(seen.migrated, seen.opened)).toBeGreaterThan(0);
  });

  it.each([
    ["while we have it open", true],
    ["alone", false],
  ])("of who grows a tail %s: it is as long as before or as it was to be, and grows on", (_, beside) => {
    let own: Region<Counter> | undefined;
    const whole = die(
      "grow",
      (name) => {
        const cleanup = beside ? "last-close" : "keep";
        const region = TailedCounter.createOrOpen(name, { tailLength: 4, maxTail: 200_000, cleanup });
        region.data.count = 6;
        own?.close();
        if (beside) own = region;
        else region.close();
      },
      (name, at) => {
        const region = own ?? TailedCounter.createOrOpen(name, { timeoutMs: 20_000, onStale: "keep", tailLength: 4 });
        region.refresh();
        expect([4, 100_000], at).toContain(region.tailLength);
        region.growTail(150_000);
        expect([region.tailLength, region.data.count], at).toEqual([150_000, 6]);
        region.close();
        expectNothingElse(at);
      },
    );
    expect(whole.outcome).toBe("opened");
    own?.close();
  });

  it.each(["remove", "clean"] as const)(
    "of who would %s what is left: it is there, or gone, and may be made",
    (kind) => {
      die(kind, leave, (name, at) => {
        if (regionsIn(directory).includes(name)) removeRegion(name, { timeoutMs: 20_000 });
        expectNothingElse(at);
        Counter.create(name, wait).close();
        expectNothingElse(at);
      });
    },
  );
});
