/** Who puts zero pages over memory that threads share, when some of them are ended and others go on. */
import * as fs from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { SharedRegion } from "@shmgen/runtime";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { mayRun, threadStamp } from "../../runtime/dist/runtime/os/linux/threads.js";
import { claimSlot, releaseSlot, newSlots } from "../../runtime/dist/runtime/mapping/thread-slots.js";
import { Counter } from "../support/regions/counter.mjs";
import { regionDirectory } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { runScript } from "../support/processes/scripts.js";
import { type Thread, startThread, startThreads } from "../support/threads/threads.mjs";
import { byDepth } from "../support/run/depth.js";

regionDirectory();
const threads: Thread[] = [];
const WASM = { mapping: "wasm" } as const;
const COUNT = 128;

afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.end();
});

async function start(count: number): Promise<Thread[]> {
  const started = await startThreads(count);
  threads.push(...started);
  return started;
}

const adopt = (thread: Thread, shared: SharedRegion): Promise<number> =>
  thread.run(({ Counter, kept }, posted) => {
    kept["region"] = Counter.fromShared(posted);
    return kept["region"].data.count;
  }, shared);
const add = (thread: Thread): Promise<number> =>
  thread.run(({ kept }) => {
    kept["region"]?.data.addCount(1);
    return kept["region"]?.data.count ?? -1;
  });
const closeThere = (thread: Thread): Promise<void> => thread.run(({ kept }) => kept["region"]?.close());

/** An open region whose bytes somebody has kept. */
function leaking(name: string) {
  const region = Counter.createOrOpen(name, WASM);
  region.data.count = 7;
  const { u8 } = rawMemory(region.memory);
  // Another name of the file, to see that it is not this one that was zeroed.
  const file = fs.openSync(region.path, "r");
  const inFile = (): number => {
    const bytes = Buffer.alloc(4);
    fs.readSync(file, bytes, 0, 4, COUNT);
    return bytes.readUInt32LE();
  };
  return { region, u8, inFile, [Symbol.dispose]: () => fs.closeSync(file) };
}

describe("what was kept of a region", () => {
  it("reads zeros after close when the worker that had it open was terminated before", async () => {
    using leaked = leaking("terminated");
    const [worker] = (await start(1)) as [Thread];
    await adopt(worker, leaked.region.share());
    await worker.end();
    expect(leaked.u8[COUNT]).toBe(7);
    leaked.region.close();
    expect([leaked.u8.every((byte) => byte === 0), leaked.inFile()]).toEqual([true, 7]);
    leaked.u8.fill(9);
    expect(leaked.inFile()).toBe(7);
  });

  it("reads zeros after close when the worker has ended by itself, without closing it", async () => {
    const report = runScript(`
      const source = \`import { parentPort, workerData } from "node:worker_threads";
        import { Counter } from ${JSON.stringify(new URL("../support/regions/counter.mjs", import.meta.url).href)};
        globalThis.kept = Counter.fromShared(workerData);
        globalThis.kept.data.addCount(1);\`;
      const region = Counter.createOrOpen("ended", { mapping: "wasm" });
      const words = region.memory.u32;
      const worker = new Worker(new URL("data:text/javascript," + encodeURIComponent(source)), { workerData: region.share() });
      await new Promise((resolve, reject) => { worker.once("exit", resolve); worker.once("error", reject); });
      const before = words[32];
      region.close();
      console.log(before, words[32]);`);
    expect(report).toBe("1 0");
  });

  it("stays as it is while a live worker goes on with it, and reads zeros when that one has closed it", async () => {
    using leaked = leaking("goes-on");
    const [ended, alive] = (await start(2)) as [Thread, Thread];
    const shared = leaked.region.share();
    await adopt(ended, shared);
    expect(await adopt(alive, shared)).toBe(7);
    await ended.end();
    leaked.region.close();
    expect([await add(alive), leaked.u8[COUNT], leaked.inFile()]).toEqual([8, 8, 8]);
    await closeThere(alive);
    expect([leaked.u8[COUNT], leaked.inFile()]).toEqual([0, 8]);
  });

  it("reads zeros in the end, in whatever order workers end, close and are terminated, and never before", async () => {
    const seed = runSeed("ends of threads");
    const random = new Random(seed);
    for (let round = 0; round < byDepth(2, 6); round += 1) {
      using leaked = leaking(`order-${round}`);
      const where = `SHMGEN_SEED=${seed} round ${round}`;
      const alive = await start(4);
      const shared = leaked.region.share();
      for (const worker of alive) await adopt(worker, shared);
      let expected = 7;
      let isOpenHere = true;
      while (alive.length > 0) {
        const at = random.integer(0, alive.length - 1);
        const [worker] = alive.splice(at, 1) as [Thread];
        if (random.integer(0, 1) === 0) await worker.end();
        else await closeThere(worker);
        // This thread somewhere between them, but not as the one that leaves when only the terminated are left.
        if (isOpenHere && alive.length > 0 && random.integer(0, 3) === 0) {
          leaked.region.close();
          isOpenHere = false;
        }
        for (const other of alive) expect(await add(other), where).toBe((expected += 1));
        if (alive.length > 0 || isOpenHere) expect(leaked.u8[COUNT], where).toBe(expected);
      }
      // Whoever is ended leaves nothing behind him that could do it.
      if (isOpenHere) {
        leaked.region.close();
        expect([leaked.u8[COUNT], leaked.inFile()], where).toEqual([0, expected]);
      }
    }
  }, 120_000);

  const ENDED = byDepth(15, 40, 80);

  it("reads zeros after many workers were started and terminated one after the other", () => {
    const report = runScript(
      `
      const source = \`import { parentPort, workerData } from "node:worker_threads";
        import { Counter } from ${JSON.stringify(`file://${join(import.meta.dirname, "../support/regions/counter.mjs")}`)};
        globalThis.kept = Counter.fromShared(workerData);
        globalThis.kept.data.addCount(1);
        parentPort.postMessage("open");
        setInterval(() => {}, 1000);\`;
      const region = Counter.createOrOpen("restarted", { mapping: "wasm" });
      const words = region.memory.u32;
      const shared = region.share();
      const url = new URL("data:text/javascript," + encodeURIComponent(source));
      for (let n = 0; n < ${ENDED}; n += 1) {
        const worker = new Worker(url, { workerData: shared });
        await new Promise((resolve, reject) => { worker.once("message", resolve); worker.once("error", reject); });
        await worker.terminate();
      }
      // Slots are used again: none is counted that no slot tells.
      const before = [words[32], Number(shared.threads[1])];
      region.close();
      console.log(JSON.stringify([...before, words[32]]));`,
      { timeoutMs: 110_000 },
    );
    expect(JSON.parse(report)).toEqual([ENDED, 0, 0]);
  }, 120_000);
});

describe("the slots of threads", () => {
  /** A slot taken in a worker, which keeps it. */
  const takeThere = (thread: Thread, slots: BigUint64Array): Promise<boolean> =>
    thread.run(
      async ({ load }, words, url) => {
        const { claimSlot: takes } = (await load(url)) as { claimSlot: typeof claimSlot };
        return takes(words) !== undefined;
      },
      slots,
      new URL("../../runtime/dist/runtime/mapping/thread-slots.js", import.meta.url).href,
    );

  it("are told apart by number and start, and a thread that has ended does not count", async () => {
    const own = threadStamp();
    if (own === undefined) throw new Error("there is no /proc");
    expect([mayRun(own, own), threadStamp()]).toEqual([true, own]);
    // Another thread of our number, from another time.
    expect(mayRun(own + (1n << 32n), own)).toBe(false);
    const worker = await startThread();
    const there = await worker.run(
      async ({ load }, url) => ((await load(url)) as { threadStamp: typeof threadStamp }).threadStamp(),
      new URL("../../runtime/dist/runtime/os/linux/threads.js", import.meta.url).href,
    );
    expect([there !== own, mayRun(there ?? 0n, own)]).toEqual([true, true]);
    await worker.end();
    expect(mayRun(there ?? 0n, own)).toBe(false);
    // Who does not find himself either believes nothing.
    expect([mayRun(there ?? 0n, undefined), mayRun(there ?? 0n, own + 1n)]).toEqual([true, true]);
  });

  it("refuse whoever comes after the last one has left, and the last one is one", async () => {
    const first = newSlots();
    const second = claimSlot(first.slots);
    if (second === undefined) throw new Error("refused");
    expect([releaseSlot(first), releaseSlot(second), claimSlot(first.slots)]).toEqual([false, true, undefined]);
    expect([releaseSlot(first), releaseSlot(second)]).toEqual([false, false]);
  });

  it("that are all taken are followed by a count, which a thread that ends does not lower", async () => {
    const first = newSlots();
    const slots = Array.from({ length: first.slots.length - 3 }, () => claimSlot(first.slots));
    const beyond = [claimSlot(first.slots), claimSlot(first.slots)];
    expect([first.slots[1], [...slots, ...beyond].includes(undefined)]).toEqual([2n, false]);
    const worker = await startThread();
    expect(await takeThere(worker, first.slots)).toBe(true);
    await worker.end();
    for (const slot of [first, ...slots, ...beyond]) expect(slot && releaseSlot(slot)).toBe(false);
    expect(first.slots[1]).toBe(1n);
    // Nobody can tell that it has ended, so whoever comes is let in.
    expect(claimSlot(first.slots)).toBeDefined();
  });

  it("that the dead have left are used again", async () => {
    const first = newSlots();
    for (let n = 0; n < 2; n += 1) {
      const worker = await startThread();
      expect(await takeThere(worker, first.slots)).toBe(true);
      await worker.end();
    }
    const slots = Array.from({ length: first.slots.length - 3 }, () => claimSlot(first.slots));
    expect(first.slots[1]).toBe(0n);
    for (const slot of slots) expect(slot && releaseSlot(slot)).toBe(false);
    expect(releaseSlot(first)).toBe(true);
  });

  it("let just one put zero pages there, and nobody come in after that, however many come and go at once", () => {
    const report = runScript(
      `
      const url = ${JSON.stringify(new URL("../../runtime/dist/runtime/mapping/thread-slots.js", import.meta.url).href)};
      const source = \`
        import { parentPort, workerData } from "node:worker_threads";
        const { claimSlot, releaseSlot } = await import(workerData.url);
        const { slots, facts, rounds } = workerData;
        // facts, for each round: who is inside, how many have closed it, mistakes, who is ready, who is done
        for (let round = 0; round < rounds; round += 1) {
          const at = 5 * round;
          Atomics.add(facts, at + 3, 1);
          while (Atomics.load(facts, at + 3) < workerData.count);
          for (let n = 0; n < 20; n += 1) {
            const slot = claimSlot(slots[round]);
            if (slot === undefined) break;
            Atomics.add(facts, at, 1);
            if (Atomics.load(facts, at + 1) > 0) Atomics.add(facts, at + 2, 1);
            Atomics.sub(facts, at, 1);
            if (!releaseSlot(slot)) continue;
            Atomics.add(facts, at + 1, 1);
            if (Atomics.load(facts, at) > 0) Atomics.add(facts, at + 2, 1);
          }
          Atomics.add(facts, at + 4, 1);
          while (Atomics.load(facts, at + 4) < workerData.count);
        }\`;
      const { SLOT_WORDS } = await import(url);
      const rounds = 200;
      const count = 3;
      const facts = new Int32Array(new SharedArrayBuffer(4 * 5 * rounds));
      const slots = Array.from({ length: rounds }, () => new BigUint64Array(new SharedArrayBuffer(8 * SLOT_WORDS)));
      const module = new URL("data:text/javascript," + encodeURIComponent(source));
      const workers = Array.from({ length: count }, () => new Worker(module, { workerData: { url, slots, facts, rounds, count } }));
      await Promise.all(workers.map((worker) => new Promise((resolve, reject) => { worker.once("exit", resolve); worker.once("error", reject); })));
      const sums = [0, 1, 2].map((word) => Array.from({ length: rounds }, (_, round) => facts[5 * round + word]));
      console.log(JSON.stringify([sums[0].every((n) => n === 0), sums[1].every((n) => n === 1), sums[2].every((n) => n === 0)]));`,
      { timeoutMs: 110_000 },
    );
    expect(JSON.parse(report)).toEqual([true, true, true]);
  }, 120_000);
});
