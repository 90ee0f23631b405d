/** Regions in several threads of one process: `share()` and `fromShared()` with real workers, judged by the kernel. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { SharedRegion } from "@shmgen/runtime";
import type * as Runtime from "@shmgen/runtime/codegen-v1";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { locksOn } from "../support/regions/locks.mjs";
import { codeOf } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { runScript } from "../support/processes/scripts.js";
import { straceWorks } from "../support/syscalls/strace.js";
import { type Thread } from "../support/threads/threads.mjs";
import { byDepth } from "../support/run/depth.js";
import {
  add,
  adopt,
  closeThere,
  descriptors,
  directory,
  lookers,
  mappings,
  start,
  startOne,
  support,
  WASM,
} from "../support/threads/shared-regions.js";

describe("a region that threads share", () => {
  it("is one mapping for all of them, with a lock of each thread's own", async () => {
    using region = Counter.createOrOpen("sums", WASM);
    const workers = await start(4);
    const shared = region.share();
    for (const worker of workers) expect(await adopt(worker, shared)).toBe("opened sums 1 wasm 0");
    expect(mappings("sums")).toBe(1);
    expect(locksOn(fs.statSync(region.path))).toEqual(["READ", "READ", "READ", "READ", "READ"]);
    const sums = workers.map((worker) => add(worker, 50_000));
    for (let n = 0; n < 50_000; n += 1) region.data.addCount(1);
    await Promise.all(sums);
    expect(region.data.count).toBe(250_000);
    expect(lookers(shared)).toBe(5);
    for (const worker of workers) await closeThere(worker);
    expect(lookers(shared)).toBe(1);
    expect(locksOn(fs.statSync(region.path))).toEqual(["READ"]);
    expect(region.data.count).toBe(250_000);
  });

  const orders = [
    ["main", "first", "second"],
    ["main", "second", "first"],
    ["first", "main", "second"],
    ["second", "main", "first"],
    ["first", "second", "main"],
    ["second", "first", "main"],
  ] as const;
  it.each(orders.flatMap((order) => [[...order, "last-close"] as const, [...order, "keep"] as const]))(
    "is closed by %s, %s, %s with cleanup %s: who has it goes on, the last one lets go [C-33, fault 77]",
    async (first, second, third, cleanup) => {
      const region = Counter.createOrOpen("order", { ...WASM, cleanup, onStale: "reinitialise" });
      const file = fs.statSync(region.path);
      const [one, two] = (await start(2)) as [Thread, Thread];
      const shared = region.share();
      await adopt(one, shared);
      await adopt(two, shared);
      const { data, memory } = region;
      const { u32 } = memory;
      const close = { main: () => region.close(), first: () => closeThere(one), second: () => closeThere(two) };
      const use = {
        main: async () => data.addCount(1) + 1,
        first: () => add(one, 1),
        second: () => add(two, 1),
      };
      data.count = 10;
      await close[first]();
      expect([await use[second](), await use[third]()]).toEqual([11, 12]);
      await close[second]();
      expect(await use[third]()).toBe(13);
      expect([locksOn(file), mappings("order"), descriptors("order")]).toEqual([["READ"], 1, 1]);
      await close[third]();
      // Before any garbage collection.
      expect([locksOn(file), mappings("order"), descriptors("order")]).toEqual([[], 0, 0]);
      expect(fs.existsSync(region.path)).toBe(cleanup === "keep");
      expect(codeOf(() => data.count)).toBe("ERR_SHM_CLOSED");
      expect(u32.every((word) => word === 0)).toBe(true);
      expect(codeOf(() => Counter.open("order"))).toBe(cleanup === "keep" ? "ERR_SHM_STALE" : "ERR_SHM_NOT_FOUND");
      if (cleanup === "keep") Counter.createOrOpen("order").close();
    },
  );
});

describe("a region whose threads end", () => {
  it("is closed by main while a worker is writing: no signal, and nothing of it is lost [fault 77]", async () => {
    const region = Counter.createOrOpen("busy", WASM);
    const file = fs.statSync(region.path);
    const worker = await startOne();
    await adopt(worker, region.share());
    const sum = add(worker, 2_000_000);
    while (region.data.count < 100_000) await new Promise((resolve) => setTimeout(resolve, 1));
    region.close();
    expect(await sum).toBe(2_000_000);
    expect(locksOn(file)).toEqual(["READ"]);
    await closeThere(worker);
    expect([locksOn(file), fs.existsSync(region.path)]).toEqual([[], false]);
  });

  it("loses the lock of a worker that is terminated, and no other; the last one to leave leaves no lock [fault 19]", async () => {
    for (const cleanup of ["last-close", "keep"] as const) {
      const region = Counter.createOrOpen(`ended-${cleanup}`, { ...WASM, cleanup });
      const file = fs.statSync(region.path);
      const shared = region.share();
      const [one, two] = (await start(2)) as [Thread, Thread];
      await adopt(one, shared);
      await adopt(two, shared);
      await one.end();
      expect([locksOn(file), lookers(shared)]).toEqual([["READ", "READ"], 3]);
      expect(await add(two, 1)).toBe(1);
      region.close();
      expect(locksOn(file)).toEqual(["READ"]);
      expect(codeOf(() => Counter.create(`ended-${cleanup}`))).toBe("ERR_SHM_EXISTS");
      await two.end();
      // The mapping is still there, because a worker that is terminated does nothing any more, but no lock depends on it.
      expect(locksOn(file)).toEqual([]);
      expect(codeOf(() => Counter.open(`ended-${cleanup}`))).toBe("ERR_SHM_STALE");
      Counter.createOrOpen(`ended-${cleanup}`).close();
    }
  });

  it("survives the termination of the worker that opened it [fault 19]", async () => {
    const [owner, other] = (await start(2)) as [Thread, Thread];
    const shared = await owner.run(({ Counter, kept }) => {
      kept["own"] = Counter.createOrOpen("orphan", { mapping: "wasm", initialise: (data) => void (data.count = 5) });
      return kept["own"].share();
    });
    const region = Counter.fromShared(shared);
    await owner.end();
    const file = fs.statSync(region.path);
    expect([locksOn(file), region.data.count]).toEqual([["READ"], 5]);
    // The descriptor's number is free again: the next one comes by the name.
    expect(await adopt(other, region.share())).toBe("opened orphan 1 wasm 0");
    expect(await adopt(other, shared, "again")).toBe("opened orphan 1 wasm 0");
    region.close();
    expect(await add(other, 1)).toBe(6);
    await closeThere(other);
    expect(locksOn(file)).toEqual(["READ"]);
    await closeThere(other, "again");
    expect([locksOn(file), fs.existsSync(region.path)]).toEqual([[], false]);
  });

  const TERMINATED = byDepth(10, 50, 100);

  it(`${TERMINATED} workers are terminated at random moments: no lock, descriptor or mapping stays [faults 19 77]`, () => {
    const seed = runSeed("terminated workers");
    const random = new Random(seed);
    const moments = Array.from({ length: TERMINATED }, () => random.integer(0, 4000) / 1000);
    const output = runScript(
      `
      const moments = ${JSON.stringify(moments)};
      const source = \`
        import { parentPort, workerData } from "node:worker_threads";
        import { Counter } from ${JSON.stringify(`file://${join(support, "regions/counter.mjs")}`)};
        parentPort.postMessage("begins");
        for (;;) {
          const first = Counter.fromShared(workerData);
          const second = Counter.open("random");
          first.data.addCount(1);
          const third = Counter.fromShared(first.share());
          third.data.addBig(1n);
          first.close();
          third.close();
          second.close();
        }\`;
      const problems = [];
      let file;
      await (async () => {
        const region = Counter.createOrOpen("random", { mapping: "wasm" });
        file = fs.statSync(region.path);
        // On a busy machine none may get so far as to do something: then some get more time.
        for (let n = 0; n < ${TERMINATED / 2} || (region.data.count === 0 && n < 500); n += 1) {
          const workers = [0, 1].map(() => new Worker(new URL("data:text/javascript," + encodeURIComponent(source)), { workerData: region.share() }));
          await Promise.all(workers.map(async (worker) => {
            await new Promise((resolve, reject) => { worker.once("message", resolve); worker.once("error", reject); });
            const until = performance.now() + (moments.pop() ?? 50);
            while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
            await worker.terminate();
          }));
          // The thread's descriptors are closed after it has told its end.
          let locks = locksOn(file);
          for (let look = 0; look < 100 && locks.length !== 1; look += 1) {
            await new Promise((resolve) => setTimeout(resolve, 20));
            locks = locksOn(file);
          }
          if (locks.length !== 1) problems.push(\`\${locks.length} locks\`);
          // So is that of the directory, which it may have had locked.
          const refused = code(() => Counter.create("random", { timeoutMs: 2000 }));
          if (refused !== "ERR_SHM_EXISTS") problems.push(refused);
        }
        if (region.data.count === 0) problems.push("nothing was done");
        region.close();
        if (fs.existsSync(region.path)) problems.push("file");
      })();
      for (let round = 0; round < 100 && mapped() > 0; round += 1) {
        gc();
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      console.log(JSON.stringify(problems), mapped(), descriptorsThere(), locksOn(file).length);
    `,
      { flags: ["--expose-gc"], timeoutMs: 110_000 },
    );
    expect(output, `SHMGEN_SEED=${seed}`).toBe("[] 0 0 0");
  });
});

describe("a region that threads share and grow", () => {
  it("grows: in the same buffer where address space was kept, else by a further mapping; others see it by refresh()", async () => {
    const tailed = { tailStride: 24, fingerprint: "00000000000000cc" };
    for (const maxTail of [100_000, undefined]) {
      const Tailed = counterOf(tailed);
      const region = Tailed.createOrOpen("grows", { ...WASM, tailLength: 10, ...(maxTail && { maxTail }) });
      const file = fs.statSync(region.path);
      const worker = await startOne();
      const shared = region.share();
      const refresh = (): Promise<unknown> =>
        worker.run(
          ({ counterOf, kept }, posted, change) => {
            kept["tail"] ??= counterOf(change).fromShared(posted);
            const before = kept["tail"].memory.buffer;
            const grown = kept["tail"].refresh();
            const { u8, buffer, byteLength } = kept["tail"].memory;
            return [grown, before === buffer, kept["tail"].tailLength, u8[byteLength - 4096], kept["tail"].data.count];
          },
          shared,
          tailed,
        );
      expect(await refresh()).toEqual([false, true, 10, 83, 0]);
      region.growTail(50_000);
      region.data.count = 7;
      region.memory.u8[region.size - 4096] = 99;
      expect(await refresh()).toEqual([true, maxTail !== undefined, 50_000, 99, 7]);
      const old = region.memory.buffer;
      await worker.run(({ kept }) => kept["tail"]?.growTail(90_000));
      expect([region.refresh(), region.memory.buffer === old, region.tailLength]).toEqual([
        true,
        maxTail !== undefined,
        90_000,
      ]);
      // Shared again after it has grown, and from where it has grown.
      const again = await startOne();
      const posted = await worker.run(({ kept }) => kept["tail"]?.share());
      const seen = await again.run(
        ({ counterOf, kept }, given, change) => {
          const opened = (kept["tail"] = counterOf(change).fromShared(given as SharedRegion));
          return [opened.tailLength, opened.data.count, opened.memory.u8[opened.size - 1]];
        },
        posted,
        tailed,
      );
      expect(seen).toEqual([90_000, 7, 0]);
      await again.run(({ kept }) => kept["tail"]?.close());
      region.close();
      // What the worker grew does not keep its lock.
      expect(locksOn(file)).toEqual(["READ"]);
      await worker.end();
      expect(locksOn(file)).toEqual([]);
      Tailed.createOrOpen("grows", { tailLength: 0 }).close();
    }
  });

  it("goes on from worker to worker, and to several at once", async () => {
    const region = Counter.createOrOpen("nested", WASM);
    const file = fs.statSync(region.path);
    const outer = await startOne();
    await adopt(outer, region.share());
    const seen = await outer.run(async ({ kept, startThread: begin }) => {
      const inner = [await begin(), await begin()];
      const shared = kept["region"]?.share();
      for (const thread of inner) {
        await thread.run(({ Counter: Own, kept: own }, posted) => {
          own["region"] = Own.fromShared(posted as SharedRegion);
          own["region"].data.addCount(1);
        }, shared);
      }
      return kept["region"]?.data.count;
    });
    expect(seen).toBe(2);
    expect([locksOn(file).length, region.data.count, mappings("nested")]).toEqual([4, 2, 1]);
    // Workers of a worker end with it.
    await outer.end();
    await expect.poll(() => locksOn(file), { timeout: 30_000 }).toEqual(["READ"]);
    region.close();
    expect([locksOn(file), fs.existsSync(region.path)]).toEqual([[], false]);
  });
});

describe("a handle of what threads share", () => {
  it("is seen by this thread as what it has already: one lock, counted by handles", () => {
    const region = Counter.createOrOpen("same", WASM);
    const file = fs.statSync(region.path);
    const second = Counter.fromShared(region.share());
    const third = Counter.open("same");
    expect([locksOn(file), descriptors("same"), mappings("same")]).toEqual([["READ"], 1, 1]);
    second.data.count = 8;
    region.close();
    second.close();
    expect([third.data.count, locksOn(file)]).toEqual([8, ["READ"]]);
    third.close();
    expect([locksOn(file), fs.existsSync(region.path), mappings("same")]).toEqual([[], false, 0]);
  });

  it("twice in one process and in two workers, by name and by what was shared: no lock is in another's way [fault 79]", async () => {
    const region = Counter.createOrOpen("twice", WASM);
    const again = Counter.createOrOpen("twice", WASM);
    const file = fs.statSync(region.path);
    const workers = await start(2);
    for (const worker of workers) {
      await adopt(worker, region.share());
      await worker.run(({ Counter: Own, kept }) => {
        kept["named"] = Own.open("twice");
        kept["viewed"] = Own.open("twice", { mapping: "view" });
      });
      await Promise.all([add(worker, 10), add(worker, 10, "named"), add(worker, 10, "viewed")]);
    }
    expect([region.data.count, again.data.count]).toEqual([60, 60]);
    region.close();
    again.close();
    // The named one shares the hold of the shared one; the view has its own.
    expect(locksOn(file)).toEqual(["READ", "READ", "READ", "READ"]);
    for (const worker of workers) for (const key of ["region", "viewed", "named"]) await closeThere(worker, key);
    expect([locksOn(file), fs.existsSync(region.path)]).toEqual([[], false]);
  });

  it("of a region that was opened read-only hands out readers, whatever is wished", async () => {
    using region = Counter.createOrOpen("readers", { ...WASM, initialise: (data) => void (data.count = 3) });
    using reader = Counter.openReadOnly("readers", WASM);
    const worker = await startOne();
    const seen = await worker.run(
      ({ Counter: Own }, readable, writable) => {
        const tell = (call: () => unknown): unknown => {
          try {
            return call();
          } catch (error) {
            return (error as { code: string }).code;
          }
        };
        const opened = Own.fromShared(readable, { access: "read-only" });
        return [
          opened.access,
          opened.data.count,
          tell(() => opened.memory.u8),
          tell(() => Own.fromShared(readable)),
          tell(() => Own.fromShared(writable, { access: "read-only" })),
          tell(() => Own.fromShared(writable, { access: "execute" as "read-only" })),
        ];
      },
      reader.share(),
      region.share(),
    );
    expect(seen).toEqual([
      "read-only",
      3,
      "ERR_SHM_READ_ONLY",
      "ERR_SHM_READ_ONLY",
      "ERR_SHM_UNSUPPORTED",
      "ERR_SHM_UNSUPPORTED",
    ]);
    await worker.end();
    expect(codeOf(() => Counter.fromShared(reader.share()))).toBe("ERR_SHM_READ_ONLY");
  });

  it("has a dotnet header as well", async () => {
    const change = { header: "dotnet" } as const;
    using region = counterOf(change).createOrOpen("dotnet", WASM);
    const worker = await startOne();
    const generation = await worker.run(
      ({ counterOf: of, kept }, shared, changed) => {
        kept["dotnet"] = of(changed).fromShared(shared);
        kept["dotnet"].data.count = 12;
        return kept["dotnet"].generation;
      },
      region.share(),
      change,
    );
    expect([generation, region.data.count]).toEqual([0, 12]);
    await closeThere(worker, "dotnet");
  });
});

describe("two copies of the package in one process", () => {
  it("do not harm each other: each has its own lock, and one opens what the other shares [fault 80]", async () => {
    const copy = fs.mkdtempSync("/dev/shm/shmgen-copy-");
    try {
      fs.cpSync(join(support, "../../runtime/lib"), join(copy, "lib"), { recursive: true });
      fs.writeFileSync(join(copy, "package.json"), '{ "type": "module" }');
      fs.mkdirSync(join(copy, "node_modules"));
      fs.symlinkSync(join(support, "../../node_modules/koffi"), join(copy, "node_modules/koffi"));
      const other = (await import(join(copy, "lib/codegen-v1.js"))) as typeof Runtime;
      class OtherCounter extends other.Flyweight {
        static readonly layout = Counter.definition.accessor.layout;
        readonly memory = other.memoryOf(this);
        get count(): number {
          return Atomics.load(this.memory.u32, 32);
        }
      }
      const definition = { ...Counter.definition, accessor: OtherCounter, reader: OtherCounter };
      const region = Counter.createOrOpen("copies", { ...WASM, initialise: (data) => void (data.count = 4) });
      const file = fs.statSync(region.path);
      const named = other.openRegion(definition, "copies");
      const shared = other.regionFromShared(definition, region.share());
      expect([named.data.count, shared.data.count, locksOn(file).length]).toEqual([4, 4, 3]);
      region.close();
      expect([named.data.count, shared.data.count, locksOn(file).length]).toEqual([4, 4, 2]);
      named.close();
      expect([shared.data.count, fs.existsSync(region.path)]).toEqual([4, true]);
      const back = Counter.fromShared(shared.share());
      shared.close();
      expect(back.data.addCount(1)).toBe(4);
      back.close();
      expect([locksOn(file), fs.existsSync(region.path), mappings("copies")]).toEqual([[], false, 0]);
      // Errors are known across copies, too.
      expect(codeOf(() => other.openRegion(definition, "copies"))).toBe("ERR_SHM_NOT_FOUND");
    } finally {
      fs.rmSync(copy, { recursive: true });
    }
  });
});

describe.skipIf(!straceWorks)(
  `system calls that fail${straceWorks ? "" : " (skipped: strace is missing or may not trace here)"}`,
  () => {
    const script = `
      const { Counter } = await import(${JSON.stringify(join(support, "regions/counter.mjs"))});
      const code = (call) => { try { call(); return "shared"; } catch (error) { return error.code + " " + error.syscall; } };
      const region = Counter.createOrOpen("failing", { mapping: "wasm" });
      region.data.count = 6;
      console.log(code(() => region.share()), region.data.count, code(() => region.share()));
      region.close();`;
    it("share() leaves the region as it is when the mapping cannot be made anew", () => {
      // The first mmap of the file is that of the opening.
      const inject = "inject=mmap:error=ENOMEM:when=2";
      const args = ["-f", "-qq", "-o", "/dev/null", "-P", join(directory, "failing"), "-e", "trace=mmap", "-e", inject];
      const { stdout } = spawnSync("strace", [...args, process.execPath, "--input-type=module", "-e", script], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(stdout.trim()).toBe("ERR_SHM_SYSCALL mmap 6 shared");
    });
  },
);

it("the example: workers count into one region, and nothing of it remains [S-10]", () => {
  const example = join(import.meta.dirname, "../../examples/dist/workers/main.js");
  const run = spawnSync(process.execPath, [example, "3", "20000", "tally-of-test"], {
    encoding: "utf8",
    timeout: 60_000,
  });
  expect(run.stderr).toBe("");
  expect(run.stdout.split("\n").slice(0, 3)).toEqual([
    `created: ${directory}/tally-of-test, shared as wasm`,
    "3 workers: 2262 primes below 20000, 20000 numbers looked at",
    "all of them had work: true",
  ]);
  expect(fs.existsSync(`${directory}/tally-of-test`)).toBe(false);
});
