import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { byDepth } from "../support/run/depth.js";
import { HAS_SIGNALS, IS_WINDOWS } from "../support/run/system.js";
import {
  type Child,
  codeOf,
  regionDirectory,
  startProcess,
  stateOf,
  stop,
  until,
} from "../support/processes/processes.js";
import { resume, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();

const PAUSES = byDepth(150, 1000);

/** A process that has the region open. */
async function holder(name: string): Promise<Child> {
  const child = await startProcess();
  await child.run(({ Counter, kept }, name) => {
    kept["it"] = Counter.createOrOpen(name);
    kept["it"].data.count = 11;
  }, name);
  return child;
}

describe("who is alive", () => {
  it("a killed owner is dead: stale for open, made anew by createOrOpen, generation 2 [N-12]", async () => {
    const owner = await holder("killed");
    await owner.kill();
    expect(codeOf(() => Counter.open("killed"))).toBe("ERR_SHM_STALE");
    expect(codeOf(() => Counter.openReadOnly("killed"))).toBe("ERR_SHM_STALE");
    expect(codeOf(() => Counter.createOrOpen("killed", { onStale: "throw" }))).toBe("ERR_SHM_STALE");
    const region = Counter.createOrOpen("killed");
    expect([region.outcome, region.generation, region.data.count]).toEqual(["reinitialised", 2, 0]);
    region.close();
  });

  it('state survives with onStale: "keep", also a kill', async () => {
    const owner = await holder("kept");
    await owner.kill();
    const region = Counter.createOrOpen("kept", {
      onStale: "keep",
      cleanup: "keep",
      initialise: () => expect.unreachable(),
    });
    expect([region.outcome, region.generation, region.data.count]).toEqual(["opened", 1, 11]);
    // It is live again for everybody else.
    const second = Counter.open("kept", { cleanup: "keep" });
    expect(second.data.count).toBe(11);
    region.close();
    second.close();
    expect(fs.existsSync(join(directory, "kept"))).toBe(true);
    const other = counterOf({ version: 2 });
    expect(codeOf(() => other.createOrOpen("kept", { onStale: "keep" }))).toBe("ERR_SHM_VERSION");
    expect(codeOf(() => counterOf({ typeId: 9 }).createOrOpen("kept"))).toBe("ERR_SHM_FORMAT");
    const last = Counter.createOrOpen("kept", { onStale: "keep" });
    expect(last.data.count).toBe(11);
    last.close();
  });

  it.runIf(HAS_SIGNALS)("a stopped owner is not dead [fault 14]", async () => {
    const owner = await holder("stopped");
    await stop(owner);
    const region = Counter.createOrOpen("stopped");
    expect([region.outcome, region.data.count]).toEqual(["opened", 11]);
    region.close();
    expect(fs.existsSync(join(directory, "stopped"))).toBe(true);
    resume(owner);
    expect(await owner.run(({ kept }) => kept["it"]?.data.count)).toBe(11);
    await owner.kill();
  });

  it.runIf(HAS_SIGNALS)(
    `${PAUSES} pauses of an owner by SIGSTOP: its region is never taken, moved or removed [fault 14, figure 4]`,
    async () => {
      const owner = await holder("storm");
      const path = join(directory, "storm");
      const { ino } = fs.statSync(path);
      const stolen: string[] = [];
      for (let pause = 0; pause < PAUSES; pause += 1) {
        suspend(owner);
        while (stateOf(owner.pid) !== "T") await new Promise((resolve) => setImmediate(resolve));
        const region = Counter.createOrOpen("storm", {
          onStale: pause % 2 === 0 ? "reinitialise" : "keep",
          initialise: () => stolen.push(`initialised in pause ${pause}`),
        });
        if (region.outcome !== "opened" || region.generation !== 1) stolen.push(`${region.outcome} in pause ${pause}`);
        if (region.data.addBig(1n) !== BigInt(pause)) stolen.push(`content in pause ${pause}`);
        region.close();
        const code = codeOf(() => Counter.create("storm"));
        if (code !== "ERR_SHM_EXISTS") stolen.push(`create says ${code} in pause ${pause}`);
        if (fs.statSync(path).ino !== ino) stolen.push(`another file in pause ${pause}`);
        resume(owner);
      }
      expect(stolen).toEqual([]);
      const seen = await owner.run(({ kept }) => [
        kept["it"]?.data.count,
        kept["it"]?.data.big,
        kept["it"]?.isCurrent(),
      ]);
      expect(seen).toEqual([11, BigInt(PAUSES), true]);
      await owner.kill();
    },
  );
});

describe("who stands still, or is no more than a process id", () => {
  it.runIf(HAS_SIGNALS)("a stopped initialiser is waited for, then named [N-22]", async () => {
    const child = await startProcess();
    const running = child.run(({ Counter, fs }, directory) => {
      Counter.createOrOpen("slow", {
        initialise: () => {
          fs.writeFileSync(`${directory}/.inside`, "");
          process.kill(process.pid, "SIGSTOP");
        },
      });
    }, directory);
    running.catch(() => undefined);
    await until(() => stateOf(child.pid) === "T", "stopped in initialise");
    const start = performance.now();
    let message = "";
    try {
      Counter.createOrOpen("slow", { timeoutMs: 200 });
    } catch (error) {
      message = `${(error as { code: string }).code} ${(error as Error).message}`;
    }
    expect(performance.now() - start).toBeGreaterThan(190);
    expect(message).toMatch(
      new RegExp(`^ERR_SHM_NOT_READY .*pid=${child.pid} initialiser="node child.mjs, stopped" waitedMs=200 path=`),
    );
    // Others are not held up by it.
    const other = Counter.createOrOpen("other", { timeoutMs: 100 });
    other.close();
    expect(codeOf(() => Counter.create("slow"))).toBe("ERR_SHM_EXISTS");
    await child.kill();
    const region = Counter.createOrOpen("slow");
    expect(region.outcome).toBe("reinitialised");
    region.close();
    fs.rmSync(join(directory, ".inside"));
  });

  it.runIf(HAS_SIGNALS)(
    "the lifecycle lock: the wait for a stopped holder ends with its name, and a killed one holds nobody up [fault 8]",
    async () => {
      const child = await startProcess();
      await child.run(
        ({ tryExclusive, fs }, directory) => tryExclusive(fs.openSync(directory, "r"), directory),
        directory,
      );
      await stop(child);
      let message = "";
      try {
        Counter.createOrOpen("any", { timeoutMs: 100 });
      } catch (error) {
        message = `${(error as { code: string }).code} ${(error as Error).message}`;
      }
      expect(message).toMatch(
        new RegExp(`^ERR_SHM_BUSY .*pid=${child.pid} holder="node child.mjs, stopped" waitedMs=100 path=`),
      );
      await child.kill();
      // At once: the dead holds nothing.
      Counter.createOrOpen("any", { timeoutMs: 0 }).close();
    },
  );

  // Windows has none.
  it.skipIf(IS_WINDOWS)("a zombie is dead, although its process id still answers [fault 15]", async () => {
    const script = `
      const { Counter } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
      Counter.createOrOpen("zombie").data.count = 11;
      console.log("open");
      setInterval(() => {}, 1000);`;
    // The shell starts it and never waits for it.
    const shell = spawn("sh", [
      "-c",
      '"$0" --input-type=module -e "$1" & echo $!; exec sleep 60',
      process.execPath,
      script,
    ]);
    let output = "";
    shell.stdout.on("data", (text: Buffer) => (output += text.toString()));
    await until(() => output.includes("open"), "the owner's start");
    const pid = Number(/\d+/.exec(output)?.[0]);
    expect(codeOf(() => Counter.create("zombie"))).toBe("ERR_SHM_EXISTS");
    process.kill(pid, "SIGKILL");
    // Its first thread is one before the others have ended.
    await until(() => stateOf(pid) === "Z" && fs.readdirSync(`/proc/${pid}/task`).length === 1, "a zombie");
    expect(process.kill(pid, 0)).toBe(true);
    const region = Counter.createOrOpen("zombie");
    expect([region.outcome, region.data.count]).toEqual(["reinitialised", 0]);
    region.close();
    shell.kill("SIGKILL");
  });
});

describe("what a live region is kept from", () => {
  it("a live region is never truncated, shrunk, zeroed or grown, whoever opens it [N-14 C-19]", async () => {
    const owner = await startProcess();
    await owner.run(({ counterOf, kept }) => {
      const wide = counterOf({ tailStride: 8, fingerprint: "00000000000000aa" });
      kept["it"] = wide.createOrOpen("live", { tailLength: 10_000 });
      kept["it"].data.count = 11;
    });
    const path = join(directory, "live");
    const before = { size: fs.statSync(path).size, ino: fs.statSync(path).ino, bytes: fs.readFileSync(path) };
    expect(before.size).toBeGreaterThan(80_000);
    const wide = counterOf({ tailStride: 8, fingerprint: "00000000000000aa" });
    const others: readonly [string, () => unknown][] = [
      ["ERR_SHM_LAYOUT", () => Counter.createOrOpen("live")],
      ["ERR_SHM_VERSION", () => counterOf({ version: 9 }).createOrOpen("live", { onStale: "reinitialise" })],
      ["ERR_SHM_FORMAT", () => counterOf({ typeId: 9 }).open("live")],
      ["ERR_SHM_FOREIGN", () => counterOf({ header: "dotnet" }).createOrOpen("live")],
      ["ERR_SHM_EXISTS", () => wide.create("live")],
      ["none", () => wide.createOrOpen("live", { tailLength: 0 }).close()],
      ["none", () => wide.createOrOpen("live", { tailLength: 50_000 }).close()],
      ["none", () => wide.openReadOnly("live").close()],
    ];
    for (const [code, attempt] of others) {
      expect(codeOf(attempt)).toBe(code);
      expect(fs.statSync(path)).toMatchObject({ size: before.size, ino: before.ino });
      expect(fs.readFileSync(path).equals(before.bytes)).toBe(true);
    }
    const region = wide.open("live");
    expect([region.tailLength, region.size, region.data.count]).toEqual([10_000, before.size, 11]);
    region.close();
    await owner.kill();
    // Made anew with a smaller tail, the file does not shrink, and what is mapped is zero.
    const anew = wide.createOrOpen("live", { tailLength: 1 });
    expect([anew.outcome, anew.tailLength, anew.size, fs.statSync(path).size]).toEqual([
      "reinitialised",
      1,
      4096,
      before.size,
    ]);
    anew.close();
  });

  it("two layouts under one version: refused, and the first differing field is named [fault 49]", async () => {
    const owner = await holder("layout");
    const fields = Counter.definition.accessor.layout.fields.map((field) =>
      field.name === "big" ? { ...field, type: "atomic<i64>" } : field,
    );
    let error: { code?: string; message?: string; field?: string } = {};
    try {
      counterOf({ fingerprint: "00000000000000bb", fields }).createOrOpen("layout");
    } catch (thrown) {
      error = thrown as typeof error;
    }
    expect(error.code).toBe("ERR_SHM_LAYOUT");
    expect(error.field).toBe("Counter.big");
    expect(error.message).toContain('difference="Counter.big changed from atomic<u64> at 8 to atomic<i64> at 8: ');
    expect(error.message).toMatch(/ writtenBy="pid \d+ \(node(?: child\.mjs)?\)" path=/);
    await owner.kill();
  });

  it("an orderly exit removes the regions of which the process was the last user [fault 85]", async () => {
    const child = await holder("exit");
    const exiting = child.run(() => process.exit(0));
    await expect(exiting).rejects.toThrow("code=0");
    expect(fs.existsSync(join(directory, "exit"))).toBe(false);
  });

  it("when initialise throws nothing of the region remains and the error is passed on [C-20]", () => {
    const boom = new Error("boom");
    const failing = {
      initialise: () => {
        throw boom;
      },
    };
    expect(() => Counter.createOrOpen("boom", failing)).toThrow(boom);
    expect(fs.existsSync(join(directory, "boom"))).toBe(false);
    const promising = { initialise: (async () => undefined) as unknown as () => void };
    expect(codeOf(() => Counter.createOrOpen("boom", promising))).toBe("ERR_SHM_UNSUPPORTED");
    expect(fs.existsSync(join(directory, "boom"))).toBe(false);
    Counter.createOrOpen("boom").close();
  });

  it("a region cannot be opened in its own initialise, and says so instead of hanging", () => {
    const nested = { initialise: () => void Counter.createOrOpen("nested", { timeoutMs: 50 }) };
    expect(() => Counter.createOrOpen("nested", nested)).toThrow(/cannot be opened in its own initialise/);
    expect(fs.existsSync(join(directory, "nested"))).toBe(false);
  });

  it("a file removed or replaced under a mapping: the mapping works on, isCurrent says no [faults 23 40]", () => {
    const region = Counter.createOrOpen("gone");
    const path = join(directory, "gone");
    expect(region.isCurrent()).toBe(true);
    fs.renameSync(path, `${path}.old`);
    region.data.count = 5;
    expect([region.data.count, region.isCurrent()]).toEqual([5, false]);
    const other = Counter.createOrOpen("gone");
    expect([other.outcome, other.isCurrent(), region.isCurrent()]).toEqual(["created", true, false]);
    // Closing the old one does not remove the new one's file.
    region.close();
    expect(fs.existsSync(path)).toBe(true);
    other.close();
    expect(fs.existsSync(path)).toBe(false);
    fs.rmSync(`${path}.old`);
  });
});

describe("dotnet header", () => {
  it("type and version in the first two bytes, payload at 8, stored when all else is complete [N-06 N-16]", () => {
    const shared = counterOf({ header: "dotnet", typeId: 1, version: 3 });
    const region = shared.createOrOpen("net", {
      initialise: (data) => {
        expect(fs.readFileSync(join(directory, "net")).readBigUInt64LE(0)).toBe(0n);
        data.count = 5;
      },
    });
    const bytes = fs.readFileSync(join(directory, "net"));
    expect([...bytes.subarray(0, 12)]).toEqual([1, 3, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0]);
    expect([region.outcome, region.generation, region.header, bytes.length]).toEqual(["created", 0, undefined, 4096]);
    const second = shared.open("net");
    expect(second.data.count).toBe(5);
    second.close();
    expect(codeOf(() => counterOf({ header: "dotnet", typeId: 1, version: 4 }).open("net"))).toBe("ERR_SHM_VERSION");
    expect(codeOf(() => counterOf({ header: "dotnet", typeId: 2, version: 3 }).open("net"))).toBe("ERR_SHM_FORMAT");
    expect(codeOf(() => Counter.open("net"))).toBe("ERR_SHM_FOREIGN");
    region.close();
  });

  it("a left-over or half-made one is made anew [N-12]", async () => {
    const owner = await startProcess();
    const killed = owner.run(({ counterOf }) => {
      counterOf({ header: "dotnet" }).createOrOpen("half", {
        initialise: (data) => {
          data.count = 9;
          process.kill(process.pid, "SIGKILL");
        },
      });
    });
    await expect(killed).rejects.toThrow(IS_WINDOWS ? "code=1" : "SIGKILL");
    const region = counterOf({ header: "dotnet" }).createOrOpen("half");
    expect(region.data.count).toBe(0);
    region.close();
  });
});
