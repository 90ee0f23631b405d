/** Who takes part in a region: numbers, which the kernel vouches for, and what becomes of those of the dead. */
import { spawn } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import type { Region, ShmError } from "@shmgen/runtime";
import { Board, type BoardData, boardOf } from "../support/containers/board.mjs";
import { BOARD, Sitter, sittingProcess, sittingThread } from "../support/containers/sitters.js";
import { codeOf, regionDirectory, startProcess, stop, until } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { runScript } from "../support/processes/scripts.js";
import type { Thread } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";
import { givenTo } from "../support/threads/given.js";

regionDirectory();
const threads: Sitter<Thread>[] = [];

afterEach(async () => {
  for (const thread of threads.splice(0)) await thread.at.end();
});

async function startThread(region: Region<BoardData>): Promise<Sitter<Thread>> {
  const thread = await sittingThread(givenTo(region));
  threads.push(thread);
  return thread;
}

const port = (region: Pick<Region<BoardData>, "data">) => {
  const { participants } = region.data;
  if (participants === undefined) throw new Error("no port");
  return participants;
};
const numbers = (region: Pick<Region<BoardData>, "participants">): number[] =>
  region.participants().map(({ number }) => number);

describe("a number", () => {
  it("is claimed at the first use, and is the same in all handles, mappings and views of the thread", () => {
    using region = Board.createOrOpen("first");
    expect(region.participants()).toEqual([]);
    expect(port(region).self()).toBe(1);
    using other = Board.createOrOpen("first");
    using mapped = Board.createOrOpen("first", { mapping: "view" });
    const part = Board.definition.accessor;
    const whole = new part(region.view(), 128);
    expect([port(other).self(), port(mapped).self(), whole.participants?.self()]).toEqual([1, 1, 1]);
    expect(region.participants()).toEqual([
      { number: 1, pid: process.pid, thread: expect.any(Number) as number, alive: true, holds: [] },
    ]);
    expect(port(region).describe(1)).toMatch(new RegExp(`^process ${process.pid} \\(.+\\), thread \\d+$`));
  });

  it("is given back with the last handle that has used it, and everything with it", () => {
    using maker = Board.createOrOpen("back", { mapping: "view" });
    using watcher = Board.openReadOnly("back");
    const first = Board.createOrOpen("back", { mapping: "view" });
    const second = Board.createOrOpen("back", { mapping: A_KIND });
    expect([first.data.sit(0), second.data.sit(1)]).toEqual([1, 1]);
    expect(watcher.participants()[0]?.holds).toEqual(["chairs[0]: sits", "chairs[1]: sits"]);
    first.close();
    maker.close();
    expect(watcher.participants()).toMatchObject([{ number: 1, alive: true }]);
    second.close();
    expect([watcher.participants(), watcher.data.whoSits(0), watcher.data.whoSits(1)]).toEqual([[], 0, 0]);
    expect(codeOf(() => first.participants())).toBe("ERR_SHM_CLOSED");
  });

  it("is that of one thread: workers have others, and closing there gives back theirs", async () => {
    using region = Board.createOrOpen("workers", { mapping: A_KIND });
    const worker = await startThread(region);
    expect([region.data.sit(0), await worker.sit(1)]).toEqual([1, 2]);
    expect(region.participants().map(({ thread }) => thread)).toEqual([process.pid, expect.any(Number)]);
    await worker.close();
    expect([numbers(region), region.data.whoSits(0), region.data.whoSits(1)]).toEqual([[1], 1, 0]);
  });

  it.each(["terminated", "at its end"])("of a worker that is %s counts as dead", async (how) => {
    using region = Board.createOrOpen(how.replaceAll(" ", "-"), { mapping: A_KIND });
    const worker = await startThread(region);
    expect([port(region).self(), await worker.sit(1)]).toEqual([1, 2]);
    expect(port(region).isAlive(2)).toBe(true);
    if (how === "terminated") await worker.at.end();
    else {
      void worker.at.run(() => process.exit()).catch(() => undefined);
      await worker.at.exited;
    }
    await until(() => !port(region).isAlive(2), "the lock goes");
    expect(region.participants()).toMatchObject([{ alive: true }, { alive: false, holds: ["chairs[1]: sits"] }]);
    expect([region.recover(), region.data.whoSits(1), numbers(region)]).toEqual([[2], 0, [1]]);
  });

  it("lives until the process is killed, at once, and also while it is stopped", async () => {
    using region = Board.createOrOpen("killed");
    const sitter = await sittingProcess("killed");
    expect([port(region).self(), await sitter.sit(2)]).toEqual([1, 2]);
    await stop(sitter.at);
    expect([port(region).isAlive(2), port(region).recover(2), region.data.whoSits(2)]).toEqual([true, false, 2]);
    expect(port(region).describe(2)).toContain("stopped");
    await sitter.at.kill();
    expect([port(region).isAlive(2), port(region).pidOf(2)]).toEqual([false, sitter.at.pid]);
    expect([port(region).recover(2), region.data.whoSits(2), numbers(region)]).toEqual([true, 0, [1]]);
  });

  it("of the dead goes to the next one only after everything that it had has come back [P-15]", async () => {
    using region = Board.createOrOpen("reused");
    const first = await sittingProcess("reused");
    expect([await first.sit(0), await first.sit(3)]).toEqual([1, 1]);
    await first.at.kill();
    // Whoever takes part by it now is not taken for who sat there.
    expect([port(region).self(), region.data.whoSits(0), region.data.whoSits(3)]).toEqual([1, 0, 0]);
    expect(region.participants()).toMatchObject([{ pid: process.pid, holds: [] }]);
  });

  it("can be had whatever anybody has written into the table", () => {
    const seed = runSeed("bytes in the table");
    const random = new Random(seed);
    for (let round = 0; round < 50; round += 1) {
      using region = Board.createOrOpen(`bytes-${round}`);
      const { u32 } = region.memory;
      for (let word = 32; word < (128 + 64 + 64 * 3 + 16) / 4; word += 1) {
        u32[word] = random.integer(0, 2) === 0 ? random.integer(0, 2 ** 32 - 1) : random.integer(0, 3);
      }
      const before = region.participants();
      expect(before.every(({ alive }) => !alive)).toBe(true);
      for (const { number } of before) expect(port(region).describe(number)).toMatch(/^(participant|process) \d+/);
      expect(port(region).self(), `SHMGEN_SEED=${seed} round ${round}`).toBe(1);
      expect(numbers(region)).toEqual([1]);
      const sitting = [0, 1, 2, 3].map((chair) => region.data.whoSits(chair));
      for (const { number } of before) expect(sitting).not.toContain(number);
    }
  });

  it("that nobody can have is nobody's, and what has it is freed", () => {
    using region = Board.createOrOpen("nobody");
    const { self, isAlive, recover, pidOf, describe: describeOne } = bound(region);
    expect(self()).toBe(1);
    expect([0, -1, 4, 1.5, Number.NaN, 2 ** 32].map((number) => isAlive(number))).toEqual(Array(6).fill(false));
    expect([0, -1, 1.5, 65_535, 1].map((number) => recover(number))).toEqual(Array(5).fill(false));
    Atomics.store(region.memory.u32, (128 + 64 + 64 * 3) / 4, 900);
    expect([region.data.whoSits(0), recover(900), region.data.whoSits(0)]).toEqual([900, true, 0]);
    expect([pidOf(2), pidOf(900), describeOne(900)]).toEqual([undefined, undefined, expect.stringContaining("900")]);
  });
});

function bound(region: Region<BoardData>) {
  const participants = port(region);
  return {
    self: () => participants.self(),
    isAlive: (number: number) => participants.isAlive(number),
    recover: (number: number) => participants.recover(number),
    pidOf: (number: number) => participants.pidOf(number),
    describe: (number: number) => participants.describe(number),
  };
}

describe("a table that is full", () => {
  it("refuses with who has the numbers, and has room when one of them has died or left", async () => {
    using region = Board.createOrOpen("full");
    const sitters = await Promise.all([1, 2, 3].map(() => sittingProcess("full")));
    for (const [chair, sitter] of sitters.entries()) expect(await sitter.sit(chair)).toBe(chair + 1);
    let error: ShmError | undefined;
    try {
      port(region).self();
    } catch (thrown) {
      error = thrown as ShmError;
    }
    expect(error).toMatchObject({ code: "ERR_SHM_BUSY", pid: sitters[0]?.at.pid });
    for (const { at } of sitters) expect(error?.message).toContain(`process ${at.pid}`);
    expect(error?.message).toContain("participants=3");
    await sitters[1]?.at.kill();
    expect([region.data.sit(3), region.data.whoSits(1)]).toEqual([2, 0]);
    await sitters[2]?.close();
    const next = await sittingProcess("full");
    expect(await next.sit(1)).toBe(3);
  });

  it("gives each number to one of those who come at once [P-14]", async () => {
    using region = boardOf({ participants: 6 }).createOrOpen("at-once", { cleanup: "keep" });
    const six = await Promise.all(
      Array.from({ length: 6 }, async () => {
        const child = await startProcess();
        return child.run(async ({ load, kept }, url) => {
          const { boardOf: make } = (await load(url)) as { boardOf: typeof boardOf };
          const board = make({ participants: 6 }).createOrOpen("at-once", { cleanup: "keep" });
          kept["board"] = board as never;
          return board.data.participants?.self();
        }, BOARD);
      }),
    );
    expect(six.sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(region.participants().every(({ alive }) => alive)).toBe(true);
  });
});

describe("wherever a region comes from", () => {
  it("by an inherited descriptor a child has a number of its own, which goes with it", async () => {
    using region = Board.createOrOpen("inherited");
    expect(region.data.sit(0)).toBe(1);
    const source = `const { Board } = await import(${JSON.stringify(BOARD)});
      const region = Board.attachFd(3);
      console.log(region.data.sit(1));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
      stdio: ["ignore", "pipe", "inherit", region.descriptor],
    });
    const said = await new Promise<string>((resolve) => child.stdout?.once("data", (data) => resolve(String(data))));
    expect([said.trim(), port(region).isAlive(2)]).toEqual(["2", true]);
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
    expect([port(region).isAlive(2), region.recover(), numbers(region)]).toEqual([false, [2], [1]]);
  });

  it("in memory without a name participants are those of its file", async () => {
    using region = Board.createAnonymous();
    expect(region.data.sit(0)).toBe(1);
    const sitter = new Sitter(await startProcess());
    await sitter.openToken(region.token());
    expect(await sitter.sit(1)).toBe(2);
    await sitter.at.kill();
    expect([port(region).isAlive(2), region.recover(), region.data.whoSits(1)]).toEqual([false, [2], 0]);
  });

  it.each(KINDS)("a tail that grows leaves numbers as they are (%s)", async (mapping) => {
    const tailed = boardOf({ tail: true });
    using region = tailed.createOrOpen(`grown-${mapping}`, { tailLength: 1, mapping });
    const before = region.data;
    expect(before.sit(0)).toBe(1);
    region.growTail(100_000);
    expect(region.data).not.toBe(before);
    expect([region.data.participants?.self(), before.participants?.self(), region.data.whoSits(0)]).toEqual([1, 1, 1]);
    expect(before.sit(1)).toBe(1);
    using other = tailed.openReadOnly(`grown-${mapping}`);
    region.close();
    expect([other.data.whoSits(0), other.data.whoSits(1), other.participants()]).toEqual([0, 0, []]);
  });

  it("numbers end with a migration, also those by which it was done", () => {
    const five = boardOf({ participants: 5, version: 2 });
    Board.createOrOpen("moved", { cleanup: "keep" }).close();
    let inside: unknown;
    using region = five.createOrOpen("moved", {
      migrate: [
        five.migrateFrom(Board, (old, next) => {
          inside = [codeOf(() => old.sit(0)), next.sit(0), next.participants?.isAlive(1)];
        }),
      ],
    });
    expect([region.outcome, inside]).toEqual(["migrated", ["ERR_SHM_READ_ONLY", 1, true]]);
    expect([region.participants(), region.data.whoSits(0)]).toEqual([[], 0]);
  });

  it("who made it has a number while he initialises, and nothing of it when that fails", () => {
    expect(() =>
      Board.createOrOpen("failing", {
        initialise: (data: BoardData) => {
          expect(data.sit(0)).toBe(1);
          throw new Error("no");
        },
      }),
    ).toThrow("no");
    using region = Board.createOrOpen("failing", { initialise: (data: BoardData) => void data.sit(1) });
    expect([region.data.whoSits(0), region.data.whoSits(1), numbers(region)]).toEqual([0, 1, [1]]);
  });

  it("who may only read has no number, and sees who is alive", async () => {
    using region = Board.createOrOpen("read");
    expect(region.data.sit(0)).toBe(1);
    const sitter = await sittingProcess("read");
    expect(await sitter.sit(1)).toBe(2);
    using reader = Board.openReadOnly("read");
    expect(codeOf(() => reader.data.sit(2))).toBe("ERR_SHM_READ_ONLY");
    expect(reader.participants()).toMatchObject([
      { alive: true, holds: ["chairs[0]: sits"] },
      { alive: true, holds: ["chairs[1]: sits"] },
    ]);
    await sitter.at.kill();
    expect([1, 2, 3].map((number) => reader.data.participants?.isAlive(number))).toEqual([true, false, false]);
    expect([codeOf(() => reader.recover()), codeOf(() => reader.data.participants?.recover(2))]).toEqual([
      "ERR_SHM_READ_ONLY",
      "ERR_SHM_READ_ONLY",
    ]);
  });

  it("in a private map nobody takes part", () => {
    using region = Board.createOrOpen("private");
    using mine = Board.open("private", { access: "private" });
    expect([region.data.sit(0), mine.data.participants, mine.participants(), mine.recover()]).toEqual([
      1,
      undefined,
      [],
      [],
    ]);
    // Nobody recovers anything by it, so it sees deaths by the lock of the file.
    mine.onPeerDeath(() => undefined)();
  });

  it("code that does not know all containers gives back what it knows, and leaves the number to those who do", async () => {
    using region = boardOf({ hasOthers: true }).createOrOpen("others");
    const sitter = await sittingProcess("others");
    expect([await sitter.sit(0), port(region).self()]).toEqual([1, 2]);
    await sitter.at.kill();
    expect([port(region).recover(1), region.data.whoSits(0), numbers(region)]).toEqual([true, 0, [1, 2]]);
    // Its own number cannot be in a container that it does not know.
    region.close();
    using knowing = Board.createOrOpen("others");
    expect([knowing.recover(), numbers(knowing)]).toEqual([[], []]);
  });

  it("a region that was collected without being closed has no participant of that name", () => {
    const report = runScript(
      `const { Board } = await import(${JSON.stringify(BOARD)});
      process.on("warning", () => {});
      const watcher = Board.createOrOpen("collected", { mapping: "view" });
      await (async () => { globalThis.lost = Board.createOrOpen("collected", { mapping: "${A_KIND}" }); globalThis.lost.data.sit(0); globalThis.lost = undefined; })();
      const before = watcher.participants()[0].alive;
      while (watcher.participants()[0].alive) { gc(); await new Promise((resolve) => setTimeout(resolve, 5)); }
      console.log(before, watcher.recover(), watcher.data.whoSits(0));
      watcher.close();`,
      { flags: ["--expose-gc", "--no-warnings"] },
    );
    expect(report).toBe("true [ 1 ] 0");
  });
});

describe("onPeerDeath", () => {
  it("tells of who was killed, when what it had has come back, and of nobody who closes", async () => {
    using region = Board.createOrOpen("told");
    const told: unknown[] = [];
    const end = region.onPeerDeath((death) => told.push([death, region.data.whoSits(0)]));
    const [first, second] = [await sittingProcess("told"), await sittingProcess("told")];
    expect([await first.sit(0), await second.sit(1)]).toEqual([1, 2]);
    await second.close();
    await first.at.kill();
    await until(() => told.length > 0, "the death is told");
    expect(told).toEqual([[{ number: 1, pid: first.at.pid }, 0]]);
    end();
    const third = await sittingProcess("told");
    expect(await third.sit(0)).toBe(1);
    await third.at.kill();
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect([told.length, region.recover()]).toEqual([1, [1]]);
  });

  it("tells also of whom somebody else has recovered", async () => {
    using region = Board.createOrOpen("told-by-others");
    const told: unknown[] = [];
    using reader = Board.openReadOnly("told-by-others");
    reader.onPeerDeath((death) => told.push(death));
    const [first, second] = [await sittingProcess("told-by-others"), await sittingProcess("told-by-others")];
    expect(await first.sit(0)).toBe(1);
    await first.at.kill();
    expect([await second.recover(), await second.sit(0)]).toEqual([[1], 1]);
    await until(() => told.length > 0, "the death is told");
    expect([told, region.data.whoSits(0)]).toEqual([[{ number: 1, pid: expect.any(Number) as number }], 1]);
  });

  it("ends by a signal and with the region, and keeps no process alive", () => {
    const report = runScript(
      `const { Board } = await import(${JSON.stringify(BOARD)});
      const region = Board.createOrOpen("ends");
      const { Worker: W } = await import("node:worker_threads");
      region.onPeerDeath(() => {}, { signal: AbortSignal.abort() });
      const other = Board.createOrOpen("ends");
      other.onPeerDeath(() => {});
      other.close();
      region.onPeerDeath(() => {});
      console.log("end");`,
    );
    expect(report).toBe("end");
  });
});
