/** Named memory of Windows that programs in C have made: attached, followed over their ends and starts, read while they write. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import type { RegionRemoval, Region } from "@shmgen/runtime";
import { RacePage, type RacePageReader } from "../../examples/dist/foreign/generated/race-page.js";
import { lines, readAttached, readPage } from "../../examples/dist/foreign/race-page.js";
import { codeOf } from "../support/processes/processes.js";
import { importPages, type Pages } from "../support/regions/pages.js";
import { programOf, withoutPrograms } from "../support/windows/programs-beside.js";

const LONG = { timeoutMs: 60_000 };
const NAME = `shmgen-test-${process.pid}`;
const running = new Set<ChildProcess>();

function start(program: "game" | "mapping-owner", argv: readonly string[]): ChildProcess {
  const child = spawn(programOf(program), argv, { stdio: ["pipe", "pipe", "inherit"] });
  running.add(child);
  return child;
}
async function end(child: ChildProcess): Promise<void> {
  running.delete(child);
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
}
afterEach(async () => {
  for (const child of running) await end(child);
});

interface Owner {
  readonly child: ChildProcess;
  /** Whether there was memory of the name before. */
  readonly existed: boolean;
  /** Gives the page's count. */
  ask(what: "commit" | "add" | "close" | "count"): Promise<number>;
}

async function owner(name: string, size = 100, kind = "plain"): Promise<Owner> {
  const child = start("mapping-owner", [name, String(size), kind]);
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const next = async (): Promise<number> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error("the owner has ended");
    return Number(value);
  };
  return {
    child,
    existed: (await next()) === 1,
    ask: (what) => {
      child.stdin!.write(`${what}\n`);
      return next();
    },
  };
}

/** The command in the repository's folder, and what it has printed when it ends. */
function shmgen(...argv: string[]): { readonly child: ChildProcess; readonly ended: Promise<string> } {
  const root = join(import.meta.dirname, "../..");
  const child = spawn(process.execPath, [join(root, "generator/dist/cli.js"), ...argv], { cwd: root });
  running.add(child);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
  return { child, ended: once(child, "close").then(() => text) };
}

/** What onRemoved says. It keeps nobody alive, which the test does. */
const removalOf = (region: Region<never> | Region<RacePageReader>): Promise<RegionRemoval> =>
  new Promise((told) => region.onRemoved(told));

describe.skipIf(withoutPrograms !== undefined)("named memory of Windows", () => {
  let pages: Pages;
  beforeAll(async () => {
    pages = await importPages();
  });
  const local = { mapping: `Local\\${NAME}` };

  it("is found by its name with and without Local, in whole pages, read-only unless asked otherwise", async () => {
    const { ask } = await owner(local.mapping);
    using region = pages.Page.attach(local);
    using writer = pages.Page.attach({ mapping: NAME }, { access: "read-write" });
    expect([region.size, region.kind, region.readOnly, region.outcome, region.path]).toEqual([
      4096,
      "view",
      true,
      "attached",
      `mapping:${local.mapping}`,
    ]);
    expect([region.data.count, region.data.big, region.memory.text(0)]).toEqual([7, 1n, "FOREIGN"]);
    expect(() => ((region.data as { count: number }).count = 1)).toThrow(/opened read-only/);
    writer.data.count = 40;
    expect([await ask("add"), region.data.count, region.refresh(), region.isCurrent()]).toEqual([41, 41, false, true]);
    using window = pages.Log.attach(local, { offset: 16, length: 32 });
    expect([window.data.count, window.tailLength]).toEqual([1n, 3]);
    using all = pages.Log.attach(local, { offset: 16 });
    expect([all.tailLength, all.isCurrent()]).toEqual([(4096 - 24) / 8, true]);
    for (const call of [() => region.token(), () => region.descriptor])
      expect(codeOf(call)).toBe("ERR_SHM_UNSUPPORTED");
    expect(region.owners()).toEqual([]);
    region.close();
    expect(codeOf(() => region.data.count)).toBe("ERR_SHM_CLOSED");
  });

  it("that is missing, or called otherwise, too short or closed to us is refused with what to do", async () => {
    expect(() => pages.Page.attach(local)).toThrow(
      expect.objectContaining({
        code: "ERR_SHM_NOT_FOUND",
        message: expect.stringMatching(/program that makes it has to run.*try "Global\\shmgen-test-/) as unknown,
      }),
    );
    expect(() => pages.Page.attach({ mapping: `Global\\${NAME}` })).toThrow(/try "Local\\shmgen-test-/);
    await owner(local.mapping);
    expect(() => pages.Page.attach(local, { length: 4104 })).toThrow(
      /too short for Page.*at least 4104 bytes" found=4096/,
    );
    await expect(pages.Page.whenAttached(local, { ...LONG, offset: 4096 })).rejects.toThrow(/its size never changes/);
    await owner(`${NAME}-event`, 100, "event");
    await expect(pages.Page.whenAttached({ mapping: `${NAME}-event` }, LONG)).rejects.toMatchObject({
      code: "ERR_SHM_FOREIGN",
    });
    await owner(`${NAME}-denied`, 100, "denied");
    await expect(pages.Page.whenAttached({ mapping: `${NAME}-denied` }, LONG)).rejects.toThrow(
      expect.objectContaining({
        code: "ERR_SHM_PERMISSION",
        message: expect.stringMatching(/run this program as that one runs.*SeCreateGlobalPrivilege/) as unknown,
      }),
    );
  });

  it("of all sessions has Global in its name", async () => {
    const global = { mapping: `Global\\${NAME}` };
    await owner(global.mapping);
    using region = pages.Page.attach(global);
    expect([region.data.count, region.path, region.isCurrent()]).toEqual([7, `mapping:${global.mapping}`, true]);
  });

  it("that is only reserved is waited for until its maker commits it", async () => {
    const { ask } = await owner(local.mapping, 1 << 20, "reserved");
    expect(codeOf(() => pages.Page.attach(local))).toBe("ERR_SHM_BUSY");
    const waiting = pages.Page.whenAttached(local, LONG);
    await ask("commit");
    using region = await waiting;
    expect([region.size, region.data.count]).toEqual([4096, 7]);
  });

  it("stays readable when its owner has ended; its name goes, and nothing of us meets who makes it anew", async () => {
    const first = await owner(local.mapping);
    using region = pages.Page.attach(local);
    await first.ask("add");
    await end(first.child);
    expect([region.data.count, region.isCurrent()]).toEqual([8, false]);
    expect(codeOf(() => pages.Page.attach(local))).toBe("ERR_SHM_NOT_FOUND");
    const second = await owner(local.mapping);
    expect(second.existed).toBe(false);
    using next = await pages.Page.whenAttached(local, LONG);
    expect([region.isCurrent(), region.data.count, next.isCurrent(), next.data.count]).toEqual([false, 8, true, 7]);
    expect(await removalOf(region as never)).toEqual({ path: `mapping:${local.mapping}`, replaced: true });
    // Its owner has it mapped, and has closed the last handle.
    const removed = removalOf(next as never);
    await second.ask("close");
    expect(await removed).toEqual({ path: `mapping:${local.mapping}`, replaced: false });
    expect([await second.ask("add"), next.data.count]).toEqual([8, 8]);
  });
});

describe.skipIf(withoutPrograms !== undefined)("a racing game of Windows", () => {
  const page = `Local\\${NAME}-race`;
  const where = { mapping: page };

  it("shows what it has written, with text in UTF-16 of more than 16 bits", async () => {
    const waiting = RacePage.whenAttached(where, LONG);
    start("game", [page, "3"]);
    using region = await waiting;
    while (region.data.lap < 3) await new Promise((done) => setTimeout(done, 2));
    expect(readAttached(region, 60_000)).toMatchObject({ tyrePressure: [3, 3, 3, 3], updateBegin: 3, updateEnd: 3 });
    expect([...lines(page)]).toEqual(["live: Zoë🏎 on Nordschleife", "lap 3, last lap 400.003 s, 3 km/h"]);
  });

  it("is never half of one lap and half of another in 100,000 reads, nor taken for another one while it writes", async () => {
    start("game", [page, "2000000000"]);
    using region = await RacePage.whenAttached(where, LONG);
    const laps = new Set<number>();
    let torn = 0;
    for (let reads = 0; reads < 100_000; reads += 1) {
      const { lap, lastLapMs, speedKmh, tyrePressure, isInPit, updateBegin, updateEnd } = readAttached(region, 60_000);
      const whole = Math.fround(lap);
      const isWhole =
        lastLapMs === (lap === 0 ? -1 : 400_000 + lap) &&
        [speedKmh, ...tyrePressure].every((value) => value === whole) &&
        isInPit === (lap % 2 === 1) &&
        updateBegin === lap &&
        updateEnd === lap;
      if (!isWhole) torn += 1;
      if (reads % 1000 === 0) expect(region.isCurrent()).toBe(true);
      laps.add(lap);
    }
    expect(torn).toBe(0);
    expect(laps.size).toBeGreaterThan(10);
    console.log(`100000 reads of a game that writes: ${torn} torn, of ${laps.size} laps`);
  });

  it("is shown by shmgen inspect and followed by shmgen watch, until it has gone", async () => {
    const game = start("game", [page, "3"]);
    using region = await RacePage.whenAttached(where, LONG);
    while (region.data.lap < 3) await new Promise((done) => setTimeout(done, 2));
    region.close();
    const schema = ["--schema", "examples/foreign/race-page.shm.ts#RacePage", "--mapping", page];
    const shown = await shmgen("inspect", ...schema).ended;
    expect(shown).toContain("4096 bytes at mapping:");
    expect(shown).toMatch(/lastLapMs = 400003\n[^]*driver = "Zoë🏎"/);
    const watch = shmgen("watch", ...schema, "--fields", "lap", "--interval", "50");
    await once(watch.child.stdout!, "data");
    await end(game);
    expect(await watch.ended).toMatch(/lap = 3\n[^]*: the memory has gone away\n$/);
    expect(await shmgen("inspect", ...schema).ended).toMatch(
      /there is no memory of that name.*\n {2}hint: the program/,
    );
  });

  it("that is killed and started again is told, and attached again", async () => {
    for (let round = 1; round <= 3; round += 1) {
      const game = start("game", [page, "2000000000"]);
      using region = await RacePage.whenAttached(where, LONG);
      while (region.data.lap < 5) await new Promise((done) => setTimeout(done, 2));
      const removed = removalOf(region);
      await end(game);
      expect(await removed).toEqual({ path: `mapping:${page}`, replaced: false });
      expect(region.data.lap).toBeGreaterThanOrEqual(5);
      expect(codeOf(() => readPage(page))).toBe("ERR_SHM_NOT_FOUND");
    }
  });
});
