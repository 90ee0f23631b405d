import { expect, it } from "vitest";
import { byDepth } from "../support/run/depth.js";
import { percentiles } from "../support/run/figures.js";
import { firstOpens } from "../support/processes/first-opens.js";
import { IS_WINDOWS } from "../support/run/system.js";
import { regionDirectory, regionsIn, startProcess, startProcesses } from "../support/processes/processes.js";

const directory = regionDirectory();
const [PROCESSES, ROUNDS] = byDepth([8, 25], [16, 100], [64, 1000]);

it(`${PROCESSES} processes x ${ROUNDS} simultaneous first opens: exactly one creator each, and nobody fails [N-18, faults 25 60, figure 6]`, async () => {
  const children = await startProcesses(PROCESSES);
  const outcomes = await firstOpens(children, ROUNDS);
  console.log(`first open of ${PROCESSES} at once, ms: ${percentiles(outcomes.flatMap(({ took }) => took))}`);
  // The last to close each region removed it.
  expect(regionsIn(directory)).toEqual([]);
  await Promise.all(children.map((child) => child.kill()));
}, 900_000);

it.each(byDepth([4], [4, 8]))(
  "last close and open of %i processes race without an error, the file never outlives its last user, and nobody starves [faults 24 68]",
  async (count) => {
    const children = await startProcesses(count);
    const outcomes = await Promise.all(
      children.map((child) =>
        child.run(({ Counter }) => {
          const sleeper = new Int32Array(new SharedArrayBuffer(4));
          const seen: Record<string, number> = {};
          const took: number[] = [];
          const end = performance.now() + 2000;
          for (let start = performance.now(); start < end; start = performance.now()) {
            const region = Counter.createOrOpen("busy");
            took.push(performance.now() - start);
            seen[region.outcome] = (seen[region.outcome] ?? 0) + 1;
            region.data.addCount(1);
            region.close();
            // So that often nobody has it.
            Atomics.wait(sleeper, 0, 0, Math.random() * 5);
          }
          return { seen, took };
        }),
      ),
    );
    // A region that is closed by its last user is gone: nobody ever finds a left-over.
    const all = outcomes.flatMap(({ took }) => took);
    for (const { seen, took } of outcomes) {
      expect(seen["reinitialised"]).toBeUndefined();
      // The default deadline of 5 s was enough for every one of them, and each had its share.
      expect(took.length).toBeGreaterThan(all.length / outcomes.length / 20);
    }
    // Again and again one of them was the last, and another one the first.
    expect(outcomes.reduce((sum, { seen }) => sum + (seen["created"] ?? 0), 0)).toBeGreaterThan(IS_WINDOWS ? 1 : 10);
    console.log(`${count} processes open and close one region, ms for ${all.length} opens: ${percentiles(all)}`);
    expect(regionsIn(directory)).toEqual([]);
    await Promise.all(children.map((child) => child.kill()));
  },
);

it("a missing directory is made once by many processes [fault 44]", async () => {
  const children = await startProcesses(8);
  const made = await Promise.all(
    children.map((child) =>
      child.run(({ Counter, fs }, base) => {
        const failures: string[] = [];
        for (let round = 0; round < 10; round += 1) {
          const region = Counter.createOrOpen("first", { directory: `${base}/round-${round}` });
          const { mode } = fs.statSync(`${base}/round-${round}`);
          if (process.platform !== "win32" && (mode & 0o777) !== 0o700) failures.push("mode");
          region.close();
        }
        return failures;
      }, directory),
    ),
  );
  expect(made.flat()).toEqual([]);
  await Promise.all(children.map((child) => child.kill()));
});

it("whenReady waits for a region that comes later, and can be given up", async () => {
  const waiter = await startProcess();
  const waiting = waiter.run(async ({ Counter }) => {
    const ticks: number[] = [];
    const ticker = setInterval(() => ticks.push(1), 10);
    const region = await Counter.whenReady("later", { access: "read-only", timeoutMs: 20_000 });
    clearInterval(ticker);
    const seen = [region.data.count, region.readOnly, ticks.length > 5];
    region.close();
    return seen;
  });
  const creator = await startProcess();
  await creator.run(({ Counter, kept }) => {
    const sleeper = new Int32Array(new SharedArrayBuffer(4));
    kept["later"] = Counter.createOrOpen("later", {
      initialise: (data) => {
        data.count = 1;
        Atomics.wait(sleeper, 0, 0, 200);
        data.count = 42;
      },
    });
  });
  expect(await waiting).toEqual([42, true, true]);
  const failure = waiter.run(({ Counter }) => Counter.whenReady("never", { timeoutMs: 50 }));
  await expect(failure).rejects.toMatchObject({ code: "ERR_SHM_NOT_READY" });
  await expect(failure).rejects.toThrow(/last=ERR_SHM_NOT_FOUND .*path=.*[/\\]never/);
  const aborted = waiter.run(({ Counter }) => Counter.whenReady("never", { signal: AbortSignal.timeout(50) }));
  await expect(aborted).rejects.toMatchObject({ name: "TimeoutError" });
  await Promise.all([waiter.kill(), creator.kill()]);
});
