import { spawnSync } from "node:child_process";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Counter, futexOf } from "../support/regions/counter.mjs";
import { regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { BY_THREAD, endOfScript } from "../support/processes/scripts.js";
import { straceWorks } from "../support/syscalls/strace.js";
import { KINDS } from "../support/run/system.js";

regionDirectory();
/** Byte offset of `word` from the start of the mapping. */
const WORD = 132;

describe.each(KINDS)("waits over a mapping of kind %s", (mapping) => {
  it("wait and notify between processes lose no wake-up in 5,000 ping-pongs [fault 66]", async () => {
    const region = Counter.createOrOpen(`ping-${mapping}`, { mapping });
    const other = await startProcess();
    const rounds = 5000;
    const playing = other.run(
      ({ Counter, futexOf }, name, mapping, rounds, word) => {
        const region = Counter.open(name, { mapping });
        const futex = futexOf(region);
        for (let n = 0; n < rounds; n += 1) {
          while (region.data.word !== 2 * n + 1) {
            if (futex.wait(word, 2 * n, 10_000) === "timed-out") return `lost at ${n}`;
          }
          region.data.word = 2 * n + 2;
          futex.notify(word, 1);
        }
        region.close();
        return "complete";
      },
      region.name,
      mapping,
      rounds,
      WORD,
    );
    const futex = futexOf(region);
    for (let n = 0; n < rounds; n += 1) {
      region.data.word = 2 * n + 1;
      futex.notify(WORD, 1);
      while (region.data.word !== 2 * n + 2) expect(futex.wait(WORD, 2 * n + 1, 10_000)).not.toBe("timed-out");
    }
    expect(await playing).toBe("complete");
    region.close();
    await other.kill();
  });

  it("waitAsync resolves when another process notifies, and the process lives for it", async () => {
    const region = Counter.createOrOpen(`async-${mapping}`, { mapping });
    const waiter = await startProcess();
    const waiting = waiter.run(
      async ({ Counter, futexOf }, name, mapping, word) => {
        const region = Counter.open(name, { mapping });
        const first = futexOf(region).waitAsync(word, 0, 10_000);
        region.data.count = 1;
        const result = await first;
        const seen = [result, region.data.word, await futexOf(region).waitAsync(word, 0, 10_000)];
        region.close();
        return seen;
      },
      region.name,
      mapping,
      WORD,
    );
    await until(() => region.data.count === 1, "the other process has its wait");
    region.data.word = 7;
    futexOf(region).notify(WORD, 1);
    expect(await waiting).toEqual(["ok", 7, "not-equal"]);
    region.close();
    await waiter.kill();
  });
});

it("wait: results, timeouts and offsets that are no words", () => {
  const region = Counter.createOrOpen("results");
  const futex = futexOf(region);
  expect(futex.wait(WORD, 1, 1000)).toBe("not-equal");
  const start = performance.now();
  expect(futex.wait(WORD, 0, 250)).toBe("timed-out");
  expect(performance.now() - start).toBeGreaterThan(245);
  expect(futex.wait(WORD, 0, 0)).toBe("timed-out");
  expect(futex.notify(WORD, 1)).toBe(0);
  for (const offset of [-4, 2, 4096, Number.NaN, 1e9]) expect(() => futex.wait(offset, 0, 0)).toThrow(RangeError);
  region.close();
  expect(() => futex.wait(WORD, 0, 0)).toThrow(expect.objectContaining({ code: "ERR_SHM_CLOSED" }));
});

// Under wine a stat alone may take as long.
it.skipIf(process.platform === "win32")(
  "fs.stat takes less than 20 ms while 8 waits are pending [fault 81]",
  async () => {
    const region = Counter.createOrOpen("busy");
    const futex = futexOf(region);
    const waits = Array.from({ length: 8 }, () => futex.waitAsync(WORD, 0, 60_000));
    const times: number[] = [];
    for (let round = 0; round < 100; round += 1) {
      const start = performance.now();
      await stat("/dev/shm");
      times.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    region.data.word = 1;
    // All see that the word has changed, also those that are between two slices.
    futex.notify(WORD, 100);
    expect(await Promise.all(waits)).toEqual(Array<string>(8).fill("ok"));
    const sorted = times.toSorted((left, right) => left - right);
    console.log(`fs.stat: median ${sorted[50]?.toFixed(2)} ms, slowest ${sorted[99]?.toFixed(2)} ms`);
    // Were the pool blocked, all would wait; the slow ones belong to a machine that is busy otherwise.
    expect(sorted[50]).toBeLessThan(20);
    region.close();
  },
);

it("a notification without a change of value wakes everybody who waits for the word", async () => {
  const region = Counter.createOrOpen("unchanged");
  const futex = futexOf(region);
  const waits = Array.from({ length: 3 }, () => futex.waitAsync(WORD, 0, 10_000));
  await new Promise((resolve) => setTimeout(resolve, 300));
  // Between two slices of the thread that sleeps nobody can be woken.
  while (futex.notify(WORD, 100) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect(await Promise.all(waits)).toEqual(["ok", "ok", "ok"]);
  region.close();
});

it("a notification at the edge of a slice, where words are looked at one by one, wakes everybody as well [fault 66]", async () => {
  const seed = runSeed("edge of a slice");
  const random = new Random(seed);
  const region = Counter.createOrOpen("edge");
  const futex = futexOf(region);
  const lost: number[] = [];
  for (let round = 0; round < 60; round += 1) {
    const waits = Array.from({ length: 3 }, () => futex.waitAsync(WORD, 0, 1500));
    await new Promise((resolve) => setTimeout(resolve, random.integer(90, 115)));
    const end = performance.now() + 500;
    while (futex.notify(WORD, 100) === 0 && performance.now() < end);
    if ((await Promise.all(waits)).some((result) => result !== "ok")) lost.push(round);
  }
  expect(lost, `SHMGEN_SEED=${seed}`).toEqual([]);
  region.close();
}, 120_000);

it("1,000 pending waits cost one thread or none, time out and wake all the same", async () => {
  const region = Counter.createOrOpen("many");
  const futex = futexOf(region);
  const late = Array.from({ length: 500 }, () => futex.waitAsync(WORD, 0, 300));
  const woken = Array.from({ length: 500 }, () => futex.waitAsync(WORD + 4, 0, 20_000));
  expect(new Set(await Promise.all(late))).toEqual(new Set(["timed-out"]));
  region.data.big = 1n;
  futex.notify(WORD + 4, 1000);
  expect(new Set(await Promise.all(woken))).toEqual(new Set(["ok"]));
  region.close();
});

// On Windows there is none: a pipe is listened to.
it.skipIf(process.platform === "win32")(
  "where Node may not start threads, waitAsync says which flag allows it, and wait works",
  () => {
    const script = `
    const region = Counter.createOrOpen("permitted");
    console.log(futexOf(region).wait(132, 0, 1));
    for (let n = 0; n < 2; n += 1) {
      await futexOf(region).waitAsync(132, 0, 1).catch(({ code, message }) => console.log(code, message));
    }`;
    const permission = Number(process.versions.node.split(".")[0]) < 23 ? "--experimental-permission" : "--permission";
    const flags = [permission, "--allow-addons", "--allow-fs-read=*", "--allow-fs-write=*", "--no-warnings"];
    const { stdout, stderr } = endOfScript(script, { flags, env: BY_THREAD });
    const refused =
      /^ERR_SHM_UNSUPPORTED the thread for waits cannot be started: reason="Access to this API .*; .*--allow-worker/;
    const [waited, ...refusals] = stdout.trim().split("\n");
    expect([waited, refusals.length, stderr]).toEqual(["timed-out", 2, ""]);
    for (const text of refusals) expect(text).toMatch(refused);
  },
);

it.skipIf(!straceWorks)("waits work without futex_waitv, which older kernels lack and sandboxes forbid", () => {
  const script = `
    import { Counter, futexOf } from ${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))};
    const region = Counter.createOrOpen("fallback");
    const futex = futexOf(region);
    const all = [futex.waitAsync(132, 0, 150), futex.waitAsync(128, 0, 10000), futex.waitAsync(136, 0, 10000)];
    setTimeout(() => {
      region.data.count = 1;
      futex.notify(128, 1);
      region.data.big = 1n;
      futex.notify(136, 1);
    }, 300);
    console.log(...(await Promise.all(all)));`;
  for (const errno of ["ENOSYS", "EPERM"]) {
    const inject = [
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-e",
      "trace=futex_waitv",
      "-e",
      `inject=futex_waitv:error=${errno}`,
    ];
    const args = [...inject, process.execPath, "--input-type=module", "-e", script];
    const { stdout, stderr } = spawnSync("strace", args, { encoding: "utf8", env: { ...process.env, ...BY_THREAD } });
    expect(stdout + stderr, errno).toBe("timed-out ok ok\n");
  }
});

it("close rejects what is pending with ERR_SHM_CLOSED, before the memory goes", async () => {
  const region = Counter.createOrOpen("closing");
  const pending = [
    futexOf(region).waitAsync(WORD, 0, 60_000),
    futexOf(region).waitAsync(WORD, 0, Number.POSITIVE_INFINITY),
  ];
  await new Promise((resolve) => setTimeout(resolve, 150));
  const settled = Promise.allSettled(pending);
  region.close();
  for (const result of await settled) {
    expect(result).toMatchObject({ status: "rejected", reason: { code: "ERR_SHM_CLOSED" } });
  }
});

it("a wait that was settled keeps no process alive, a pending one does; process.exit is not held up", async () => {
  const child = await startProcess();
  await child.run(async ({ Counter, futexOf, kept }, word) => {
    kept["it"] = Counter.createOrOpen("leaving");
    const futex = futexOf(kept["it"]);
    await futex.waitAsync(word, 0, 50);
    void futex.waitAsync(word, 0, 60_000).catch(() => undefined);
    setTimeout(() => process.exit(7), 200);
  }, WORD);
  const start = performance.now();
  expect(await child.exited).toEqual({ code: 7, signal: null });
  // The pending one would have kept it for a minute.
  expect(performance.now() - start).toBeLessThan(30_000);
});
