import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { regionDirectory, startProcess, startProcesses } from "../support/processes.js";

const directory = regionDirectory();
const PROCESSES = 16;
const ROUNDS = 100;

it(`N-18 fault 60 ${PROCESSES} processes x ${ROUNDS} simultaneous first opens: exactly one creator each, and nobody fails`, async () => {
  const children = await startProcesses(PROCESSES);
  const outcomes = await Promise.all(
    children.map((child) =>
      child.run(
        ({ Counter }, processes, rounds) => {
          const barrier = Counter.createOrOpen("barrier");
          const sleeper = new Int32Array(new SharedArrayBuffer(4));
          const meet = (wanted: number): void => {
            barrier.data.addCount(1);
            while (barrier.data.count < wanted) Atomics.wait(sleeper, 0, 0, 0.05);
          };
          const seen: string[] = [];
          for (let round = 0; round < rounds; round += 1) {
            meet((round * 2 + 1) * processes);
            const region = Counter.createOrOpen(`r${round}`, {
              initialise: (data) => {
                data.big = 1000n;
              },
              timeoutMs: 60_000,
            });
            // Everybody sees what the one creator wrote, whoever that was.
            const before = region.data.addBig(1n);
            seen.push(before >= 1000n && before < 1000n + BigInt(processes) ? region.outcome : `torn: ${before}`);
            meet((round * 2 + 2) * processes);
            if (region.data.big !== 1000n + BigInt(processes)) seen.push(`lost: ${region.data.big}`);
            region.close();
          }
          barrier.close();
          return seen;
        },
        PROCESSES,
        ROUNDS,
      ),
    ),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    const together = outcomes.map((seen) => seen[round]).sort();
    expect(together, `round ${round}`).toEqual(["created", ...Array<string>(PROCESSES - 1).fill("opened")]);
  }
  expect(outcomes.every((seen) => seen.length === ROUNDS)).toBe(true);
  // The last to close each region removed it.
  expect(readdirSync(directory)).toEqual([]);
  await Promise.all(children.map((child) => child.kill()));
});

it("fault 24 last close and open race without an error, and the file never outlives its last user", async () => {
  const children = await startProcesses(4);
  const outcomes = await Promise.all(
    children.map((child) =>
      child.run(({ Counter }) => {
        const seen: Record<string, number> = {};
        const end = Date.now() + 3000;
        while (Date.now() < end) {
          const region = Counter.createOrOpen("busy");
          seen[region.outcome] = (seen[region.outcome] ?? 0) + 1;
          region.data.addCount(1);
          region.close();
        }
        return seen;
      }),
    ),
  );
  // A region that is closed by its last user is gone: nobody ever finds a left-over.
  for (const seen of outcomes) {
    expect(seen["reinitialised"]).toBeUndefined();
    expect(seen["created"]).toBeGreaterThan(0);
  }
  expect(readdirSync(directory)).toEqual([]);
  await Promise.all(children.map((child) => child.kill()));
});

it("fault 44 a missing directory is made once by many processes", async () => {
  const children = await startProcesses(8);
  const made = await Promise.all(
    children.map((child) =>
      child.run(({ Counter, fs }, base) => {
        const failures: string[] = [];
        for (let round = 0; round < 30; round += 1) {
          const region = Counter.createOrOpen("first", { directory: `${base}/round-${round}` });
          if ((fs.statSync(`${base}/round-${round}`).mode & 0o777) !== 0o700) failures.push("mode");
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
  await expect(failure).rejects.toThrow(/last=ERR_SHM_NOT_FOUND .*path=.*\/never/);
  const aborted = waiter.run(({ Counter }) => Counter.whenReady("never", { signal: AbortSignal.timeout(50) }));
  await expect(aborted).rejects.toMatchObject({ name: "TimeoutError" });
  await Promise.all([waiter.kill(), creator.kill()]);
});
