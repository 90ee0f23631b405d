/** How many may wait, how long, and what their waiting costs. No verdict here depends on how fast the machine is. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { byDepth, isFull } from "../support/run/depth.js";
import { percentiles } from "../support/run/figures.js";
import { type Child, regionDirectory, startProcess, startProcesses, until } from "../support/processes/processes.js";
import { straceWorks } from "../support/syscalls/strace.js";

const directory = regionDirectory();
const COUNTER = JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"));
let children: Child[] = [];
/** Files by which processes tell each other how far they are. */
let signs = "";
beforeEach(() => {
  signs = fs.mkdtempSync(join(tmpdir(), "shmgen-test-"));
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
  fs.rmSync(signs, { recursive: true, force: true });
  for (const name of fs.readdirSync(directory)) fs.rmSync(join(directory, name), { force: true });
});

async function started(): Promise<Child> {
  const child = await startProcess();
  children.push(child);
  return child;
}

/** Locks the directory of regions, as somebody does who is stopped at the wrong moment. */
async function lockDirectory(child: Child): Promise<void> {
  await child.run(({ fs, tryExclusive }, where) => void tryExclusive(fs.openSync(where, "r"), where), directory);
}

describe("the deadline of a call is one for all that it waits for", () => {
  /** How a call ends whose own work is going on while the directory gets locked, for good. */
  async function lockedMeanwhile(
    call: (context: Parameters<Parameters<Child["run"]>[0]>[0], signs: string) => string,
  ): Promise<string> {
    const [holder, caller] = [await started(), await started()];
    const outcome = caller.run(call, signs);
    await until(() => fs.existsSync(`${signs}/at-work`), "the call's own work");
    await lockDirectory(holder);
    fs.writeFileSync(`${signs}/locked`, "");
    const seen = await outcome;
    await holder.kill();
    return seen;
  }

  it("initialising, what comes after initialise waits as long as the call may, and not for five seconds more", async () => {
    const outcome = await lockedMeanwhile(({ Counter, fs }, signs) => {
      const never = new Int32Array(new SharedArrayBuffer(4));
      try {
        const initialise = (): void => {
          fs.writeFileSync(`${signs}/at-work`, "");
          while (!fs.existsSync(`${signs}/locked`)) Atomics.wait(never, 0, 0, 2);
        };
        return Counter.createOrOpen("it", { timeoutMs: 200, initialise }).outcome;
      } catch (error) {
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    });
    expect(outcome).toMatch(/^ERR_SHM_BUSY .* waitedMs=200 /);
    // What it had made is a region that nobody has open.
    const next = await started();
    expect(await next.run(({ Counter }) => Counter.createOrOpen("it").outcome)).toBe("reinitialised");
  });

  it("a migration waits as long as the call may, and not for five seconds more", async () => {
    const outcome = await lockedMeanwhile(({ Counter, counterOf, fs, runtime }, signs) => {
      const never = new Int32Array(new SharedArrayBuffer(4));
      Counter.createOrOpen("it", { cleanup: "keep" }).close();
      const New = counterOf({ version: 2, fingerprint: "2222222222222222" });
      const move = (): void => {
        fs.writeFileSync(`${signs}/at-work`, "");
        while (!fs.existsSync(`${signs}/locked`)) Atomics.wait(never, 0, 0, 2);
      };
      try {
        return New.createOrOpen("it", { timeoutMs: 200, migrate: [runtime.migration(Counter as never, move)] }).outcome;
      } catch (error) {
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    });
    expect(outcome).toMatch(/^ERR_SHM_BUSY .* waitedMs=200 /);
    const next = await started();
    // The old one is there as it was.
    expect(await next.run(({ Counter }) => Counter.createOrOpen("it", { onStale: "keep" }).outcome)).toBe("opened");
  });

  it("what initialise takes does not count", async () => {
    const child = await started();
    const outcome = await child.run(({ Counter }) => {
      const never = new Int32Array(new SharedArrayBuffer(4));
      const initialise = (): void => void Atomics.wait(never, 0, 0, 400);
      return Counter.createOrOpen("it", { timeoutMs: 100, initialise }).outcome;
    });
    expect(outcome).toBe("created");
  });

  it("who closes many regions waits once where the directory is locked, and what he leaves is made anew", async () => {
    const [holder, closer] = [await started(), await started()];
    const count = 8;
    const closing = closer.run(
      ({ Counter, fs }, signs, count) => {
        const never = new Int32Array(new SharedArrayBuffer(4));
        const regions = Array.from({ length: count }, (_, n) => Counter.createOrOpen(`many-${n}`));
        fs.writeFileSync(`${signs}/open`, "");
        while (!fs.existsSync(`${signs}/locked`)) Atomics.wait(never, 0, 0, 2);
        // What it means to sleep, which is less than it sleeps on a busy machine.
        let sleptMs = 0;
        const { wait } = Atomics;
        Atomics.wait = ((array: Int32Array, index: number, value: number, ms: number) => {
          sleptMs += ms;
          return wait(array, index, value, ms);
        }) as typeof wait;
        for (const region of regions) region.close();
        Atomics.wait = wait;
        return sleptMs;
      },
      signs,
      count,
    );
    await until(() => fs.existsSync(`${signs}/open`), "the regions");
    await lockDirectory(holder);
    fs.writeFileSync(`${signs}/locked`, "");
    const sleptMs = await closing;
    expect(sleptMs).toBeGreaterThan(0);
    // A second, not one for each of them.
    expect(sleptMs).toBeLessThan(1100);
    expect(fs.readdirSync(directory)).toHaveLength(count);
    await holder.kill();
    expect(await closer.run(({ Counter }) => Counter.createOrOpen("many-0").outcome)).toBe("reinitialised");
    // It can be had again, so the last to close takes the file away as always.
    await closer.run(({ Counter }) => Counter.createOrOpen("many-1").close());
    expect(fs.existsSync(`${directory}/many-1`)).toBe(false);
  });
});

describe.skipIf(!straceWorks)("a wait is cheap for everybody else", () => {
  /** The calls of a process that waits for the lock of the directory in vain, for four seconds. */
  async function callsOfWaiter(flags: readonly string[]): Promise<{ calls: string[]; holder: number }> {
    const holder = await started();
    await lockDirectory(holder);
    const log = join(signs, "calls");
    const script = `
      const { Counter } = await import(${COUNTER});
      try { Counter.createOrOpen("it", { timeoutMs: 4000 }); } catch ({ code }) { console.log(code); }`;
    const args = ["-qq", "-o", log, "-e", "trace=flock,openat", process.execPath, ...flags];
    const { stdout } = spawnSync("strace", [...args, "--input-type=module", "-e", script], { encoding: "utf8" });
    expect(stdout).toBe("ERR_SHM_BUSY\n");
    const lines = fs.readFileSync(log, "utf8").split("\n");
    const from = lines.findIndex((line) => line.startsWith("flock("));
    return { calls: lines.slice(from), holder: holder.pid };
  }

  it("it looks less than a hundred times in four seconds, and at the descriptors of the holder alone", async () => {
    const { calls, holder } = await callsOfWaiter([]);
    const looks = calls.filter((line) => line.startsWith("flock("));
    // A slow machine looks less often, never more.
    expect(looks.length).toBeGreaterThan(1);
    expect(looks.length).toBeLessThan(200);
    const looked = calls.flatMap((line) => /"\/proc\/(\d+)\/fd"/.exec(line)?.[1] ?? []);
    expect(new Set(looked)).toEqual(new Set([String(holder)]));
  });

  it("where nobody would hear of it, nobody looks for the holder until the deadline", async () => {
    const { calls } = await callsOfWaiter(["--no-warnings"]);
    const last = calls.findLastIndex((line) => line.startsWith("flock("));
    expect(calls.slice(0, last).filter((line) => line.includes("/proc/"))).toEqual([]);
  });
});

const STARTS = byDepth(16, 40, 200);

it(`${STARTS} processes that start at once all get the region, and one of them has made it [figure 6]`, async () => {
  const count = STARTS;
  children = [];
  for (let at = 0; at < count; at += 8) children.push(...(await startProcesses(Math.min(8, count - at))));
  const barrier = join(signs, "barrier");
  spawnSync("mkfifo", [barrier]);
  const opened = children.map((child) =>
    child.run(
      ({ Counter, fs, kept }, barrier, timeoutMs) => {
        fs.writeFileSync(`${barrier}-${process.pid}`, "");
        // All who open it for reading go on when somebody opens it for writing.
        fs.closeSync(fs.openSync(barrier, "r"));
        const begun = performance.now();
        kept["it"] = Counter.createOrOpen("bomb", timeoutMs === undefined ? {} : { timeoutMs });
        return [kept["it"].outcome, performance.now() - begun] as const;
      },
      barrier,
      // With the default deadline where the machine is left alone.
      isFull ? undefined : 120_000,
    ),
  );
  await until(() => fs.readdirSync(signs).length === count + 1, "all of them at the barrier");
  const writer = fs.openSync(barrier, "r+");
  const outcomes = await Promise.all(opened);
  fs.closeSync(writer);
  expect(outcomes.map(([outcome]) => outcome).sort()).toEqual(["created", ...Array<string>(count - 1).fill("opened")]);
  console.log(`${count} processes that start at once, ms: ${percentiles(outcomes.map(([, ms]) => ms))}`);
}, 300_000);
