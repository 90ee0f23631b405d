/**
 * Processes of arm64 and of this machine's processor in one region, each side in each role. The others are emulated, by qemu-user: what their
 * system calls and atomic instructions do is this kernel's and this processor's, who orders memory more strictly than theirs.
 * SHMGEN_TEST_ENGINES says where Node for arm64 is; .ci/run installs it.
 */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Platform } from "../../runtime/dist/runtime/os/contract.js";
import { givenEngines } from "../support/environments/given-engines.js";
import { firstOpens } from "../support/processes/first-opens.js";
import { type Child, regionDirectory, startProcess, until } from "../support/processes/processes.js";

const directory = regionDirectory();
const arm64 = givenEngines.get("arm64");
const skipped = arm64 === undefined ? " (skipped: SHMGEN_TEST_ENGINES names no arm64)" : "";
const os = new URL("../../runtime/dist/runtime/os/index.js", import.meta.url).href;

type Processor = "arm64" | "this machine";
const BOTH = [
  ["arm64", "this machine"],
  ["this machine", "arm64"],
] as const;

const started = new Set<{ kill(): Promise<void> }>();
afterEach(async () => {
  await Promise.all([...started].map((one) => one.kill()));
  started.clear();
  for (const name of readdirSync(directory)) rmSync(join(directory, name));
});

async function start(processor: Processor, env: Readonly<Record<string, string>> = {}): Promise<Child> {
  const child = await startProcess([], { ...(processor === "arm64" && { execPath: arm64 ?? "" }), env });
  started.add(child);
  return child;
}

describe.skipIf(arm64 === undefined)(`Node on arm64 and Node here, in one region${skipped}`, () => {
  it("is what it says, and is of another processor", async () => {
    const child = await start("arm64");
    expect(await child.run(() => process.arch)).toBe("arm64");
    expect(process.arch).not.toBe("arm64");
  });

  it("simultaneous first opens have exactly one creator", async () => {
    const children = await Promise.all([start("arm64"), start("this machine"), start("arm64"), start("this machine")]);
    await firstOpens(children, 10);
    expect(readdirSync(directory)).toEqual([]);
  });

  it.each(BOTH)("killed on %s, it is found left over and made anew by %s", async (dying, other) => {
    const [first, second] = await Promise.all([start(dying), start(other)]);
    const made = await first.run(({ Counter, kept }) => {
      const region = Counter.createOrOpen("killed");
      kept["killed"] = region;
      region.data.count = 7;
      region.data.big = 2n ** 63n + 1n;
      return region.outcome;
    });
    expect(made).toBe("created");
    const seen = (mode: "createOrOpen" | "create" | "open"): Promise<unknown> =>
      second.run(({ Counter, kept }, how) => {
        try {
          const region = (kept["killed"] = Counter[how]("killed"));
          const { count, big } = region.data;
          return [region.outcome, region.generation, count, big];
        } catch (error) {
          return (error as { readonly code: string }).code;
        }
      }, mode);
    expect(await seen("create")).toBe("ERR_SHM_EXISTS");
    expect(await seen("open")).toEqual(["opened", 1, 7, 2n ** 63n + 1n]);
    await second.run(({ kept }) => kept["killed"]?.close());
    await first.kill();
    expect(await seen("open")).toBe("ERR_SHM_STALE");
    expect(await seen("createOrOpen")).toEqual(["reinitialised", 2, 0, 0n]);
    await second.run(({ kept }) => kept["killed"]?.close());
    expect(existsSync(join(directory, "killed"))).toBe(false);
  });

  it.each(BOTH)("killed on %s while it makes a region, which %s waited for", async (dying, other) => {
    const [first, second] = await Promise.all([start(dying), start(other)]);
    const marker = join(directory, ".begun");
    void first
      .run(({ Counter, fs }, path) => {
        Counter.createOrOpen("torn", {
          initialise: (data) => {
            data.count = 5;
            fs.writeFileSync(path, "");
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
          },
        });
      }, marker)
      .catch(() => undefined);
    await until(() => existsSync(marker), "the first one initialises");
    const early = second.run(({ Counter }) => void Counter.open("torn", { timeoutMs: 1 }));
    await expect(early).rejects.toMatchObject({ code: "ERR_SHM_NOT_READY" });
    const waiting = second.run(({ Counter }) => {
      const region = Counter.createOrOpen("torn", { timeoutMs: 60_000 });
      const seen = [region.outcome, region.data.count];
      region.close();
      return seen;
    });
    await first.kill();
    expect(await waiting).toEqual(["reinitialised", 0]);
  });

  it("100,000 adds of each, at once, are 200,000, in 32 and in 64 bits", async () => {
    const children = await Promise.all([start("arm64"), start("this machine")]);
    const added = await Promise.all(
      children.map((child) =>
        child.run(
          ({ Counter, futexOf, kept }, count, processes) => {
            const region = (kept["adds"] = Counter.createOrOpen("adds"));
            // They begin together: the last to come wakes the other.
            if (region.data.addBig(1n) + 1n === BigInt(processes)) {
              region.data.word = 1;
              futexOf(region)?.notify(132, processes);
            }
            while (region.data.word === 0) futexOf(region)?.wait(132, 0, 60_000);
            for (let at = 0; at < count; at += 1) {
              region.data.addCount(1);
              region.data.addBig(0x1_0000_0001n);
            }
            region.data.addBig(-1n);
            return process.arch;
          },
          100_000,
          children.length,
        ),
      ),
    );
    expect(added).toEqual(["arm64", process.arch]);
    const counts = await children[0]?.run(({ kept }) => [kept["adds"]?.data.count, kept["adds"]?.data.big]);
    expect(counts).toEqual([200_000, 200_000n * 0x1_0000_0001n]);
  });

  it("a word goes to and fro 1,000 times: no wake-up is lost", async () => {
    const children = await Promise.all([start("arm64"), start("this machine")]);
    const waits = await Promise.all(
      children.map((child, own) =>
        child.run(
          ({ Counter, futexOf, kept }, turn, rounds) => {
            const region = (kept["bounce"] = Counter.createOrOpen("bounce"));
            const futex = futexOf(region);
            let slept = 0;
            for (let round = 0; round < rounds; round += 1) {
              for (let seen = region.data.word; seen % 2 !== turn; seen = region.data.word) {
                const result = futex?.wait(132, seen, 60_000);
                if (result === "timed-out") throw new Error(`lost in round ${round}`);
                if (result === "ok") slept += 1;
              }
              region.data.word += 1;
              futex?.notify(132, 1);
            }
            return slept;
          },
          own,
          1000,
        ),
      ),
    );
    // They did sleep, and were woken by the other.
    for (const slept of waits) expect(slept).toBeGreaterThan(0);
  });

  it.each(BOTH)("waits without blocking on %s are woken on %s", async (sleeping, other) => {
    const [first, second] = await Promise.all([start(sleeping), start(other)]);
    const waiting = first.run(async ({ Counter, futexOf, load, kept }, url) => {
      const region = (kept["pending"] = Counter.createOrOpen("pending"));
      const { openEventWaits } = (await load(url)) as Platform;
      const by = openEventWaits({ ended: () => undefined, lost: () => undefined }) === undefined ? "thread" : "ring";
      const result = await futexOf(region)?.waitAsync(132, 0, 60_000);
      return [result, by];
    }, os);
    const woken = second.run(({ Counter, futexOf }) => {
      const region = Counter.createOrOpen("pending");
      // Nothing is stored: only a wake-up ends the wait.
      while (futexOf(region)?.notify(132, 1) === 0);
      region.close();
    });
    const [result, by] = await waiting;
    await woken;
    expect(result).toBe("ok");
    console.log(`a wait without blocking on ${sleeping}: by a ${by}`);
  });
});

describe.skipIf(arm64 === undefined)(`Node on arm64 with larger pages, and Node here${skipped}`, () => {
  it.each([16_384, 65_536])("of %i bytes: both see one region that grows", async (page) => {
    const env = { QEMU_PAGESIZE: `${page}` };
    const [first, second] = await Promise.all([start("arm64", env), start("this machine")]);
    const said = await first.run(async ({ load }, url) => ((await load(url)) as Platform).pageSize(), os);
    expect(said).toBe(page);
    const definition = { tailStride: 8, fingerprint: "00000000000000cc" };
    const open = (child: Child): Promise<string> =>
      child.run(({ counterOf, kept }, given) => {
        const region = counterOf(given).createOrOpen("grows", { tailLength: 0, mapping: "view" });
        kept["grows"] = region;
        return region.outcome;
      }, definition);
    // This machine makes it and makes it longer: of a file that is mapped before it is as long, the emulator of larger pages has a copy.
    expect([await open(second), await open(first)]).toEqual(["created", "opened"]);
    const grow = (length: number): Promise<void> =>
      second.run(({ kept }, count) => {
        kept["grows"]?.growTail(count);
        kept["grows"]?.memory.u8.set([count % 251], 160 + 8 * (count - 1));
      }, length);
    const lengths = [100, 600, 7000, page / 8, page / 8 + 513, (3 * page) / 8 + 1];
    for (const length of lengths.sort((a, b) => a - b)) {
      await grow(length);
      const seen = await first.run(({ kept }, count) => {
        const region = kept["grows"];
        region?.refresh();
        const value = region?.memory.u8[160 + 8 * (count - 1)];
        region?.memory.u8.set([(count + 1) % 251], 160 + 8 * (count - 1));
        return [region?.tailLength, value];
      }, length);
      expect(seen).toEqual([length, length % 251]);
    }
    const answered = await second.run(
      ({ kept }, all) => all.map((length) => kept["grows"]?.memory.u8[160 + 8 * (length - 1)]),
      lengths,
    );
    expect(answered).toEqual(lengths.map((length) => (length + 1) % 251));
    const [early, late] = await first.run(({ kept }) => {
      const u8 = kept["grows"]?.memory.u8 ?? new Uint8Array();
      const before = u8[160 + 8 * 99];
      kept["grows"]?.close();
      return [before, u8[160 + 8 * 99]];
    });
    expect([early, late]).toEqual([101, 0]);
  });
});
