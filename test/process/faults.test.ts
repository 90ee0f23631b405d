/** Rows of the checklist and of the fault catalogue that concern a whole region and belong to no other file. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type FlyweightClass, MemoryView, rawMemory, snapshot } from "@shmgen/runtime/codegen-v1";
import { libc } from "../../runtime/dist/runtime/os/posix/libc.js";
import { Counter, counterOf, futexOf } from "../support/regions/counter.mjs";
import { importSchema } from "../support/schemas/generated.js";
import { withoutCompilers } from "../support/c/gcc.js";
import { codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { endOfScript } from "../support/processes/scripts.js";
import { straceWorks } from "../support/syscalls/strace.js";

const directory = regionDirectory();
const support = JSON.stringify(`file://${import.meta.dirname}/../support/regions/counter.mjs`);

describe("opening", () => {
  it("create is exclusive: it makes a region or fails, and leaves a live one alone [C-06]", async () => {
    using region = Counter.create("exclusive");
    region.data.count = 5;
    expect(region.outcome).toBe("created");
    expect(codeOf(() => Counter.create("exclusive"))).toBe("ERR_SHM_EXISTS");
    const child = await startProcess();
    const there = await child.run(({ Counter }) => {
      try {
        return Counter.create("exclusive").outcome;
      } catch (error) {
        return (error as { code?: string }).code;
      }
    });
    expect([there, region.data.count]).toEqual(["ERR_SHM_EXISTS", 5]);
    await child.kill();
  });

  it("no name, no text, no length: refused before any file is made [C-12]", () => {
    const before = fs.readdirSync(directory);
    for (const bad of ["", ".", "..", undefined, null, 7, {}, "a/b"]) {
      expect(
        codeOf(() => Counter.createOrOpen(bad as string)),
        String(bad),
      ).toMatch(/^ERR_SHM_(NAME|RANGE)$/);
    }
    const tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000ce" });
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(codeOf(() => tailed.createOrOpen("bad-tail", { tailLength: bad }))).toBe("ERR_SHM_RANGE");
    }
    expect(fs.readdirSync(directory)).toEqual(before);
  });

  it("regions are made read-write, and opened read-write unless somebody asks for less [C-14]", () => {
    using made = Counter.createOrOpen("rights");
    using opened = Counter.open("rights");
    using token = Counter.fromToken(made.token());
    using reader = Counter.fromToken(made.token(), { access: "read-only" });
    expect([made.access, opened.access, token.access, reader.access]).toEqual([
      "read-write",
      "read-write",
      "read-write",
      "read-only",
    ]);
  });

  it("a region of another version: both are named, a live one stays, a left-over one is made anew [fault 50]", () => {
    const versions = [1, 2, 3, 4, 5].map((version) => counterOf({ version, fingerprint: `000000000000000${version}` }));
    for (const [index, mine] of versions.entries()) {
      for (const [other, theirs] of versions.entries()) {
        if (index === other) continue;
        using region = mine.createOrOpen("versions");
        region.data.count = 9;
        expect(() => theirs.createOrOpen("versions")).toThrow(
          new RegExp(`field=version expected=${other + 1} found=${index + 1} .*path=`),
        );
        expect([codeOf(() => theirs.open("versions")), region.data.count]).toEqual(["ERR_SHM_VERSION", 9]);
      }
    }
    versions[0]?.createOrOpen("versions", { cleanup: "keep" }).close();
    using anew = versions[1]!.createOrOpen("versions");
    expect([anew.outcome, anew.header?.version]).toEqual(["reinitialised", 2]);
  });

  it("a header that changes while it is judged: only the copy counts, and nobody crashes [fault 53]", async () => {
    using region = Counter.createOrOpen("flipping");
    const { u32 } = rawMemory(region.memory);
    const child = await startProcess();
    const done = child.run(({ Counter }) => {
      const region = Counter.open("flipping");
      const view = region.memory.dataView;
      region.data.count = 1;
      const end = performance.now() + 3000;
      for (let n = 0; performance.now() < end; n += 1) {
        // Version, payload size, tail length: right, absurd, right again.
        const absurd = n % 2 === 0;
        view.setUint32(20, absurd ? 99 : 1, true);
        view.setBigUint64(32, absurd ? 2n ** 62n : 32n, true);
        view.setBigUint64(72, absurd ? 2n ** 63n : 0n, true);
      }
      view.setUint32(20, 1, true);
      view.setBigUint64(32, 32n, true);
      view.setBigUint64(72, 0n, true);
      region.close();
    });
    await until(() => region.data.count === 1, "the flipper has it open");
    const codes = new Map<string, number>();
    for (let n = 0; n < 3000; n += 1) {
      const reader = ((): { close(): void; size: number } | string => {
        try {
          return Counter.open("flipping", { mapping: "view" });
        } catch (error) {
          return (error as { code?: string }).code ?? String(error);
        }
      })();
      const code = typeof reader === "string" ? reader : "opened";
      codes.set(code, (codes.get(code) ?? 0) + 1);
      if (typeof reader !== "string") {
        expect(reader.size).toBe(4096);
        reader.close();
      }
    }
    await done;
    expect(u32[5]).toBe(1);
    console.log([...codes].map(([code, count]) => `${code} ${count}`).join(", "));
    expect([...codes.keys()].every((code) => /^(opened|ERR_SHM_(VERSION|FORMAT|LAYOUT))$/.test(code))).toBe(true);
    expect(codes.size).toBeGreaterThan(1);
    await child.kill();
  }, 60_000);

  it.skipIf(!straceWorks)(
    `a security module that denies is a typed error with the path${straceWorks ? "" : " (skipped: no strace)"} [fault 90]`,
    () => {
      const script = `import { Counter } from ${support};
        let told = "none";
        try { Counter.createOrOpen("denied").close(); } catch (error) { told = error.code + " " + error.message; }
        console.log(told);`;
      for (const call of ["flock", "fallocate", "unlink", "fchmod"]) {
        const inject = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", `inject=${call}:error=EACCES`];
        const args = [...inject, process.execPath, "--input-type=module", "-e", script];
        const { stdout, status } = spawnSync("strace", args, { encoding: "utf8", timeout: 30_000 });
        // What cannot be removed at close stays, stale, which harms nobody.
        const expected = call === "unlink" ? /^none$/ : /^ERR_SHM_PERMISSION .* errno=EACCES .*path=\/dev\/shm\//;
        expect([status, stdout.trim()], call).toEqual([0, expect.stringMatching(expected)]);
        fs.rmSync(`${directory}/denied`, { force: true });
      }
    },
    60_000,
  );
});

it("Node's permission model: what is allowed is enough, and what is denied is named [fault 86]", () => {
  const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
  const work = `
    try {
      const region = Counter.createOrOpen("permitted");
      region.data.count = 3;
      console.log(region.outcome, Counter.open("permitted").data.count);
    } catch (error) { console.log(error.code, error.message); }`;
  const all = ["--no-warnings", flag, "--allow-fs-read=*", "--allow-fs-write=*", "--allow-addons"];
  expect(endOfScript(work, { flags: all }).stdout.trim()).toBe("created 3");
  const denied = endOfScript(work, { flags: ["--no-warnings", flag, "--allow-fs-read=*", "--allow-addons"] });
  expect(denied.stdout).toMatch(/^ERR_SHM_PERMISSION .*--allow-fs-read\/-write/);
});

describe("the end of a process", () => {
  it("an exception or process.exit inside initialise leaves nothing half-made behind [fault 11]", () => {
    const ends = [
      "throw new Error('mine')",
      "process.exit(3)",
      "process.abort()",
      "process.kill(process.pid, 'SIGKILL')",
    ];
    for (const [index, end] of ends.entries()) {
      const { status, signal } = endOfScript(
        `Counter.createOrOpen("ends", { initialise: (c) => { c.count = 7; ${end}; } });`,
      );
      expect(status === 0 && signal === null, end).toBe(false);
      const region = Counter.createOrOpen("ends", { timeoutMs: 1000 });
      expect([region.data.count, codeOf(() => Counter.create("ends"))], `${index} ${end}`).toEqual([
        0,
        "ERR_SHM_EXISTS",
      ]);
      region.close();
    }
  });

  it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)(
    "%s without a handler is death like any other [fault 12]",
    async (signal) => {
      const child = await startProcess();
      await child.run(({ Counter, kept }) => {
        kept["signalled"] = Counter.createOrOpen("signalled");
      });
      expect(codeOf(() => Counter.create("signalled"))).toBe("ERR_SHM_EXISTS");
      child.signal(signal);
      expect((await child.exited).signal).toBe(signal);
      expect(codeOf(() => Counter.open("signalled"))).toBe("ERR_SHM_STALE");
      using region = Counter.createOrOpen("signalled");
      expect(region.outcome).toBe("reinitialised");
    },
  );
});

describe("data of others", () => {
  it("random bytes in a live region: every field reads as a value or throws a typed error [fault 54]", async () => {
    const seed = runSeed("hostile data");
    const random = new Random(seed);
    const texts = Object.fromEntries(
      ["schema.shm.ts", "parts.shm.ts"].map((name) => [
        name,
        fs.readFileSync(new URL(`../golden/kitchen-sink/${name}`, import.meta.url), "utf8"),
      ]),
    );
    const { Everything, EverythingReader } = await importSchema<{
      readonly Everything: FlyweightClass;
      readonly EverythingReader: FlyweightClass;
    }>(texts, "schema.shm.ts");
    const size = Everything.layout.size + 10 * (Everything.layout.tailStride ?? 0);
    const buffer = new SharedArrayBuffer(Math.ceil(size / 8) * 8);
    const bytes = new Uint8Array(buffer);
    const outcomes = { values: 0, errors: 0 };
    for (let round = 0; round < 2000; round += 1) {
      for (let at = 0; at < bytes.length; at += 1) bytes[at] = random.bits();
      const view = new MemoryView({ buffer, byteLength: size, readOnly: false, tailLength: 10, label: "hostile" });
      const accessor = round % 2 === 0 ? new Everything(view, 0) : new EverythingReader(view, 0);
      for (const { name } of Everything.layout.fields) {
        try {
          void (accessor as unknown as Record<string, unknown>)[name];
          outcomes.values += 1;
        } catch (error) {
          expect((error as { code?: string }).code, `${name} SHMGEN_SEED=${seed}`).toMatch(/^ERR_SHM_/);
          outcomes.errors += 1;
        }
      }
      try {
        snapshot(accessor);
      } catch (error) {
        expect((error as { code?: string }).code, `SHMGEN_SEED=${seed}`).toMatch(/^ERR_SHM_/);
      }
      view.retire();
    }
    console.log(`${outcomes.values} values, ${outcomes.errors} typed errors`);
    expect(outcomes.values).toBeGreaterThan(outcomes.errors);
  }, 60_000);

  it.skipIf(withoutCompilers !== undefined)(
    `a peer of another ABI does not compile, and says which offset differs${withoutCompilers ?? ""} [fault 56]`,
    () => {
      const header = fileURLToPath(new URL("../../examples/telemetry/generated/telemetry.h", import.meta.url));
      const compile = (...flags: string[]) =>
        spawnSync("gcc", [...flags, "-ffreestanding", "-fsyntax-only", "-include", header, "-x", "c", "/dev/null"], {
          encoding: "utf8",
        });
      expect(compile().stderr).toBe("");
      const { status, stderr } = compile("-m32");
      expect([status === 0, stderr.includes("static assertion failed")]).toEqual([false, true]);
    },
  );
});

describe("waiting", () => {
  it("wake-ups are shared between processes, and one without a reason does not end a wait [P-09, fault 67]", async () => {
    using region = Counter.createOrOpen("spurious");
    const child = await startProcess();
    const waiting = child.run(({ Counter, futexOf }) => {
      const region = Counter.open("spurious");
      const futex = futexOf(region);
      let woken = 0;
      // As every waiter does: the value decides, not the wake-up.
      while (region.data.word === 0) if (futex.wait(132, 0, 10_000) === "ok") woken += 1;
      const seen = region.data.word;
      region.close();
      return [seen, woken] as const;
    });
    const futex = futexOf(region);
    let reached = 0;
    await until(() => (reached += futex.notify(132, 1)) === 3, "it was woken three times");
    region.data.word = 7;
    while (futex.notify(132, 1) === 0 && (await Promise.race([waiting, sleep(5)])) === undefined);
    const [seen, woken] = await waiting;
    expect([seen, reached, woken >= 3]).toEqual([7, 3, true]);
    await child.kill();
  });

  it("a field is the doorbell: rings coalesce, cost nothing while nobody listens, and owners() tells of a dead peer [P-10]", async () => {
    using region = Counter.createOrOpen("doorbell");
    const child = await startProcess();
    await child.run(({ Counter, kept }) => {
      kept["doorbell"] = Counter.open("doorbell");
    });
    const futex = futexOf(region);
    // Nobody listens: nobody is woken, and the count has all of it.
    for (let n = 0; n < 1000; n += 1) {
      region.data.addCount(1);
      expect(futex.notify(128, 1)).toBe(0);
    }
    expect(region.data.count).toBe(1000);
    const rung = futex.waitAsync(128, 1000, 10_000);
    await child.run(({ kept }) => {
      for (let n = 0; n < 10; n += 1) kept["doorbell"]!.data.addCount(1);
    });
    const ring = setInterval(() => futex.notify(128, 1), 5);
    expect([await rung, region.data.count]).toEqual(["ok", 1010]);
    clearInterval(ring);
    expect(region.owners().map(({ pid }) => pid)).toContain(child.pid);
    await child.kill();
    expect(region.owners().map(({ pid }) => pid)).toEqual([process.pid]);
  });

  it("a loop that reads an atomic field sees what another process stores [fault 72]", async () => {
    using region = Counter.createOrOpen("loop");
    const child = await startProcess();
    const looping = child.run(({ Counter }) => {
      const region = Counter.open("loop");
      const { data } = region;
      data.word = 1;
      const spin = (): number => {
        let turns = 0;
        while (data.count === 0 && turns < 4_000_000_000) turns += 1;
        return turns;
      };
      const turns = spin();
      region.close();
      return [turns, turns < 4_000_000_000] as const;
    });
    await until(() => region.data.word === 1, "it begins");
    // Long enough for the optimising compiler.
    await sleep(500);
    region.data.count = 1;
    const [turns, ended] = await looping;
    console.log(`${turns} turns`);
    expect([ended, turns > 10_000]).toEqual([true, true]);
    await child.kill();
  }, 60_000);

  it("an error number is that of the call, whatever Node does around it [fault 82]", () => {
    const c = libc();
    const { EBADF, ENOENT } = { EBADF: 9, ENOENT: 2 };
    for (let n = 0; n < 1000; n += 1) {
      expect(fs.existsSync("/no/such/file")).toBe(false);
      expect(c.flock(-1, 1)).toBe(-1);
      // The very next statement.
      const errno = c.errno();
      expect(errno).toBe(EBADF);
      expect(errno).not.toBe(ENOENT);
    }
  });
});
