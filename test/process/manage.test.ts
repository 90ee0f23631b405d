import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { cleanStale, listRegions, removeRegion } from "@shmgen/runtime";
import { crc32c } from "../../schema/dist/crc32c.js";
import { tryShared } from "../../runtime/dist/runtime/os/posix/flock.js";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import {
  codeOf,
  holder,
  initialiser,
  regionDirectory,
  startProcess,
  startProcesses,
  stop,
} from "../support/processes/processes.js";
import { left } from "../support/regions/left-over.js";
import { DEAD, FOREIGN, make, own } from "../support/regions/exhibits.js";

const base = regionDirectory();
const isRoot = process.geteuid?.() === 0;
const asRoot = isRoot ? "" : " (skipped: only root can give files away)";
let directories = 0;

/** A directory of its own for one test, and for what it opens. */
function ownDirectory(): string {
  directories += 1;
  const directory = join(base, `dir-${directories}`);
  fs.mkdirSync(directory, { mode: 0o700 });
  process.env["SHMGEN_DIR"] = directory;
  onTestFinished(() => void (process.env["SHMGEN_DIR"] = base));
  return directory;
}

/** Names, and everything about the files but what other names they have. */
function snapshotOf(directory: string): unknown {
  return fs.readdirSync(directory).map((name) => {
    const path = join(directory, name);
    const { ino, size, mode, mtimeMs, ctimeMs, uid } = fs.lstatSync(path);
    const checksum = fs.lstatSync(path).isFile() ? crc32c(fs.readFileSync(path)) : 0;
    return { name, ino, size, mode, mtimeMs, ctimeMs, uid, checksum };
  });
}

describe("listRegions", () => {
  it("every state by its name, sorted, with what the header says; a missing directory is an empty list [C-22]", async () => {
    const directory = ownDirectory();
    expect(listRegions({ directory: join(directory, "none") })).toEqual([]);
    expect(listRegions()).toEqual([]);
    make(directory, { ...DEAD, ...FOREIGN });
    const wide = counterOf({ typeId: 9, version: 4, tailStride: 8, fingerprint: "00000000000000aa" });
    const mine = wide.createOrOpen("live", { tailLength: 3 });
    const child = await initialiser("new");
    const listed = listRegions();
    expect(listed.map(({ name }) => name)).toEqual([...Object.keys({ ...DEAD, ...FOREIGN }), "live", "new"].sort());
    for (const [name, { state, why }] of Object.entries({ ...DEAD, ...FOREIGN })) {
      const entry = listed.find((region) => region.name === name);
      expect(entry, name).toMatchObject({ state, path: join(directory, name), owners: [], unseen: false });
      if (why !== undefined) expect(entry?.why, name).toMatch(why);
    }
    const live = listed.find(({ name }) => name === "live");
    expect(live).toEqual({
      name: "live",
      logicalName: "live",
      path: join(directory, "live"),
      size: 4096,
      state: "live",
      owners: [expect.objectContaining({ pid: process.pid, state: "running", exclusive: false })],
      unseen: false,
      typeId: 9,
      version: 4,
      fingerprint: "00000000000000aa",
      generation: 1,
      tailLength: 3,
      kept: false,
      creator: { pid: process.pid, isRunning: true },
      initialisedAt: expect.any(Date) as Date,
    });
    expect(Math.abs(Number(live?.initialisedAt) - Date.now())).toBeLessThan(60_000);
    expect(listed.find(({ name }) => name === "new")).toMatchObject({
      state: "initialising",
      owners: [{ pid: child.pid, state: "stopped", exclusive: true }],
    });
    mine.close();
    await child.kill();
  });

  it.skipIf(!isRoot)(`what may not be looked at is unknown, and stays${asRoot} [C-22]`, () => {
    const directory = ownDirectory();
    fs.chmodSync(base, 0o711);
    fs.chmodSync(directory, 0o1777);
    const options = { directory, scope: "machine" } as const;
    for (const [name, mode] of [
      ["closed", 0o600],
      ["readable", 0o644],
    ] as const) {
      Counter.createOrOpen(name, { ...options, cleanup: "keep" }).close();
      fs.chmodSync(join(directory, name), mode);
    }
    const nobody = 65534;
    const [uid, gid] = [process.geteuid?.() ?? 0, process.getegid?.() ?? 0];
    process.setegid?.(nobody);
    process.seteuid?.(nobody);
    try {
      expect(listRegions(options)).toMatchObject([
        { name: "closed", state: "unknown", why: "access is denied" },
        { name: "readable", state: "stale", version: 1 },
      ]);
      expect(cleanStale(options).kept.map(({ why }) => why)).toEqual(["access is denied", "it belongs to user 0"]);
      expect(codeOf(() => removeRegion("closed", options))).toBe("ERR_SHM_PERMISSION");
      expect(codeOf(() => removeRegion("readable", options))).toBe("ERR_SHM_PERMISSION");
    } finally {
      process.seteuid?.(uid);
      process.setegid?.(gid);
    }
    expect(fs.readdirSync(directory)).toEqual(["closed", "readable"]);
  });

  it("looking changes nothing, not even a time of access [C-22]", () => {
    const directory = ownDirectory();
    make(directory, DEAD);
    const region = Counter.createOrOpen("live");
    // Reading would set times of access that are as old as these.
    for (const name of fs.readdirSync(directory)) fs.utimesSync(join(directory, name), 1000, 2000);
    const accesses = (): number[] =>
      fs.readdirSync(directory).map((name) => fs.statSync(join(directory, name)).atime.getTime());
    const times = fs.readdirSync(directory).map((name) => fs.statSync(join(directory, name)).ctimeMs);
    listRegions();
    cleanStale({ dryRun: true });
    expect(new Set(accesses())).toEqual(new Set([1_000_000]));
    expect(fs.readdirSync(directory).map((name) => fs.statSync(join(directory, name)).ctimeMs)).toEqual(times);
    const before = snapshotOf(directory);
    listRegions();
    cleanStale({ dryRun: true });
    expect(snapshotOf(directory)).toEqual(before);
    region.close();
  });
});

describe("listRegions beside others", () => {
  it("nobody who looks is ever taken for a user, and no opener is disturbed [C-22]", async () => {
    const directory = ownDirectory();
    const lookers = await startProcesses(2);
    const looking = lookers.map((child) =>
      child.run(({ fs, runtime: { listRegions, cleanStale } }, directory) => {
        for (let rounds = 0; !fs.existsSync(`${directory}/.stop`); rounds += 1) {
          listRegions();
          cleanStale({ dryRun: true });
          if (rounds === 5) fs.writeFileSync(`${directory}/.looked-${process.pid}`, "");
        }
      }, directory),
    );
    const outcomes = new Set<string>();
    const looked = (): boolean => lookers.every(({ pid }) => fs.existsSync(join(directory, `.looked-${pid}`)));
    // On a busy machine the lookers may come late.
    for (let round = 0; round < 300 || !looked(); round += 1) {
      // A looker's lock would make this ERR_SHM_EXISTS, or keep the file at close.
      const region = Counter.create("mine");
      outcomes.add(region.outcome);
      region.close();
      expect(fs.existsSync(region.path)).toBe(false);
    }
    fs.writeFileSync(join(directory, ".stop"), "");
    await Promise.all(looking);
    expect([...outcomes]).toEqual(["created"]);
    await Promise.all(lookers.map((child) => child.kill()));
  });

  it("the lifecycle lock kept by a stopped process: list answers, and says unknown where it cannot tell [fault 14]", async () => {
    const directory = ownDirectory();
    left("old");
    fs.writeFileSync(join(directory, "text"), "hello", own);
    const owner = await holder("live");
    const keeper = await startProcess();
    await keeper.run(({ tryExclusive, fs }, path) => tryExclusive(fs.openSync(path, "r"), path), directory);
    await stop(keeper);
    const why = `${keeper.pid} (node child.mjs, stopped) keeps the directory locked`;
    expect(listRegions({ timeoutMs: 50 })).toMatchObject([
      { name: "live", state: "live", owners: [{ pid: owner.pid }] },
      { name: "old", state: "unknown", why, owners: [], version: 1 },
      { name: "text", state: "foreign" },
    ]);
    expect(codeOf(() => cleanStale({ timeoutMs: 50 }))).toBe("ERR_SHM_BUSY");
    expect(codeOf(() => removeRegion("old", { timeoutMs: 50 }))).toBe("ERR_SHM_BUSY");
    await keeper.kill();
    expect(listRegions().map(({ state }) => state)).toEqual(["live", "stale", "foreign"]);
    await owner.kill();
  });

  it("the lock of a stopped looker is not taken for a user's [fault 14]", async () => {
    const directory = ownDirectory();
    left("old");
    // As a looker has it between two calls: the lifecycle lock, and the lock that it tries.
    const looker = await startProcess();
    await looker.run(({ tryExclusive, fs }, path) => {
      tryExclusive(fs.openSync(path, "r"), path);
      tryExclusive(fs.openSync(`${path}/old`, "r"), path);
    }, directory);
    await stop(looker);
    expect(listRegions({ timeoutMs: 50 })).toMatchObject([{ name: "old", state: "unknown" }]);
    await looker.kill();
  });

  it("a list of 1,000 regions, half of them live, has them all [figure C]", () => {
    ownDirectory();
    const regions = Array.from({ length: 500 }, (_, index) => {
      left(`left-${index}`);
      return Counter.createOrOpen(`live-${index}`);
    });
    // How long it takes is a matter of test/bench/list.bench.mjs.
    const listed = listRegions();
    expect(listed.filter(({ state, owners }) => state === "live" && owners.length === 1)).toHaveLength(500);
    expect(listed.filter(({ state }) => state === "stale")).toHaveLength(500);
    for (const region of regions) region.close();
  });
});

describe("removeRegion", () => {
  it("removes what is dead and ours, says what it was, and nothing else [I-03]", () => {
    const directory = ownDirectory();
    make(directory, { ...DEAD, ...FOREIGN });
    for (const [name, { state }] of Object.entries(DEAD)) {
      const path = join(directory, name);
      const { size } = fs.statSync(path);
      const was = name === "large-zeros" ? "stale" : state;
      expect(removeRegion(name), name).toEqual({ name, path, size, state: was });
      expect(fs.existsSync(path), name).toBe(false);
      expect(
        codeOf(() => removeRegion(name)),
        name,
      ).toBe("ERR_SHM_NOT_FOUND");
    }
    const before = snapshotOf(directory);
    for (const [name, { state }] of Object.entries(FOREIGN)) {
      const expected =
        name === ".hidden"
          ? "ERR_SHM_NAME"
          : state === "unknown" && !name.startsWith("large")
            ? "ERR_SHM_PERMISSION"
            : "ERR_SHM_FOREIGN";
      for (const force of [false, true])
        expect(
          codeOf(() => removeRegion(name, { force })),
          name,
        ).toBe(expected);
    }
    expect(snapshotOf(directory)).toEqual(before);
    for (const name of ["../dir-1", "a/b", ""])
      expect(codeOf(() => removeRegion(name, { force: true }))).toBe("ERR_SHM_NAME");
  });

  it("a live region is refused, and its owners are named [I-03]", async () => {
    const directory = ownDirectory();
    const [user, maker] = [await holder("used"), await initialiser("new")];
    const messageOf = (name: string): string => {
      try {
        return `removed ${removeRegion(name).name}`;
      } catch (error) {
        return `${(error as { code: string }).code} ${(error as Error).message}`;
      }
    };
    expect(messageOf("used")).toMatch(
      new RegExp(
        `^ERR_SHM_BUSY the region is in use: pid=${user.pid} owners="${user.pid} \\(node child.mjs\\)" path=${directory}/used; end`,
      ),
    );
    expect(messageOf("new")).toMatch(
      new RegExp(
        `^ERR_SHM_BUSY the region is being initialised: pid=${maker.pid} owners="${maker.pid} \\(node child.mjs, stopped\\)" path=`,
      ),
    );
    // What the user has was not touched.
    expect(await user.run(({ kept }) => kept["it"]?.isCurrent())).toBe(true);
    await Promise.all([user.kill(), maker.kill()]);
    expect(removeRegion("used").state).toBe("stale");
    expect(removeRegion("new").state).toBe("stale");
  });

  it("force takes the name of a live region away: its users keep their memory, the next opener makes a new one [C-29]", async () => {
    ownDirectory();
    const user = await holder("used");
    expect(removeRegion("used", { force: true })).toMatchObject({ name: "used", state: "live" });
    expect(
      await user.run(({ kept }) => [
        kept["it"]?.isCurrent(),
        (kept["it"] as NonNullable<(typeof kept)[string]>).data.addCount(5),
      ]),
    ).toEqual([false, 0]);
    const next = Counter.createOrOpen("used");
    expect([next.outcome, next.data.count]).toEqual(["created", 0]);
    // The old user leaves; the new name stays.
    await user.run(({ kept }) => kept["it"]?.close());
    expect(next.isCurrent()).toBe(true);
    next.close();
    await user.kill();
  });

  it("force never takes an empty file that somebody else has locked [C-29]", () => {
    const directory = ownDirectory();
    const path = join(directory, "pidfile");
    const fd = fs.openSync(path, "w", 0o600);
    tryShared(fd, path);
    expect(codeOf(() => removeRegion("pidfile", { force: true }))).toBe("ERR_SHM_BUSY");
    expect(fs.existsSync(path)).toBe(true);
    fs.closeSync(fd);
  });
});

describe("cleanStale", () => {
  it("what is dead and ours goes, whatever its header; a dry run says the same and removes nothing [faults 7 97]", async () => {
    const directory = ownDirectory();
    make(directory, DEAD);
    const [user, maker] = [await holder("used"), await initialiser("new")];
    const before = snapshotOf(directory);
    const dry = cleanStale({ dryRun: true });
    expect(snapshotOf(directory)).toEqual(before);
    const done = cleanStale();
    expect(done).toEqual({ ...dry, dryRun: false });
    expect(done.removed.map(({ name }) => name)).toEqual(Object.keys(DEAD).sort());
    expect(done.kept).toMatchObject([
      {
        name: "new",
        path: join(directory, "new"),
        size: expect.any(Number) as number,
        state: "initialising",
        why: `in use by ${maker.pid} (node child.mjs, stopped)`,
      },
      {
        name: "used",
        path: join(directory, "used"),
        size: 4096,
        state: "live",
        why: `in use by ${user.pid} (node child.mjs)`,
      },
    ]);
    expect(fs.readdirSync(directory).sort()).toEqual(["new", "used"]);
    expect(await user.run(({ kept }) => kept["it"]?.isCurrent())).toBe(true);
    await Promise.all([user.kill(), maker.kill()]);
    expect(cleanStale().removed.map(({ name, state }) => `${name} ${state}`)).toEqual(["new stale", "used stale"]);
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(cleanStale()).toEqual({ dryRun: false, removed: [], kept: [] });
    expect(cleanStale({ directory: join(directory, "none") })).toEqual({ dryRun: false, removed: [], kept: [] });
  });

  it("files that do not show that they are ours stay as they are, and empty ones among them [fault 97]", () => {
    const directory = ownDirectory();
    make(directory, { ...DEAD, ...FOREIGN });
    fs.writeFileSync(join(directory, "empty-644"), "", { mode: 0o644 });
    const marked = ["complete", "damaged-crc", "damaged-length", "torn-magic"];
    const before = snapshotOf(directory) as readonly { readonly name: string }[];
    const { removed, kept } = cleanStale();
    expect(removed.map(({ name }) => name)).toEqual(marked);
    expect(kept.map(({ name }) => name)).toEqual(
      before
        .map(({ name }) => name)
        .filter((name) => !marked.includes(name))
        .sort(),
    );
    expect(kept.find(({ name }) => name === "empty")?.why).toMatch(/among files of other programs/);
    expect(kept.find(({ name }) => name === "text")?.why).toBe("the file is not a shmgen region");
    expect(kept.find(({ name }) => name === "dotnet")?.why).toBe("the file is not a shmgen region");
    expect(snapshotOf(directory)).toEqual(before.filter(({ name }) => !marked.includes(name)));
  });

  it("one readable file of another program is enough for empty files to stay [fault 97]", () => {
    const directory = ownDirectory();
    fs.writeFileSync(join(directory, "readme"), "hello", { mode: 0o644 });
    fs.writeFileSync(join(directory, "lock"), "", own);
    left("mine");
    expect(cleanStale().removed.map(({ name }) => name)).toEqual(["mine"]);
    expect(fs.readdirSync(directory)).toEqual(["lock", "readme"]);
    fs.rmSync(join(directory, "readme"));
    // One that does not show what it is will do as well.
    fs.writeFileSync(join(directory, "empty-644"), "", { mode: 0o644 });
    expect(cleanStale().removed).toEqual([]);
    fs.rmSync(join(directory, "empty-644"));
    expect(cleanStale().removed.map(({ name }) => name)).toEqual(["lock"]);
  });

  it.skipIf(!isRoot)(`regions of other users stay, where they may be${asRoot} [fault 97]`, () => {
    const directory = ownDirectory();
    fs.chmodSync(directory, 0o1777);
    const options = { directory, scope: "machine" } as const;
    for (const name of ["mine", "theirs"]) Counter.createOrOpen(name, { ...options, cleanup: "keep" }).close();
    fs.chownSync(join(directory, "theirs"), 1234, 1234);
    const { removed, kept } = cleanStale({ ...options, includeKept: true });
    expect(removed.map(({ name }) => name)).toEqual(["mine"]);
    expect(kept).toMatchObject([{ name: "theirs", state: "stale", why: "it belongs to user 1234" }]);
  });

  it("a session's folder goes with its last region, also from the user's scope, which lists none of it", () => {
    const directory = ownDirectory();
    Counter.createOrOpen("mine", { scope: "session", cleanup: "keep" }).close();
    expect(listRegions()).toEqual([]);
    expect(listRegions({ scope: "session" })).toMatchObject([{ name: "mine", state: "stale" }]);
    expect(cleanStale({ scope: "session", includeKept: true }).removed).toHaveLength(1);
    expect(fs.readdirSync(directory)).toEqual([]);
    // Of a session that has ended, of one whose maker died early, of one that is being made, and of one in use.
    const mine = Counter.createOrOpen("mine", { scope: "session" });
    const folder = fs.readdirSync(directory)[0] ?? "";
    const dead = join(directory, "session-4000000");
    fs.mkdirSync(dead, { mode: 0o700 });
    left("old", dead);
    fs.writeFileSync(join(dead, "empty"), "", own);
    fs.mkdirSync(join(directory, "session-4000001"), { mode: 0o700 });
    fs.mkdirSync(join(directory, ".session-4000002-abcdef"), { mode: 0o700 });
    left("user");
    const dry = cleanStale({ dryRun: true });
    const paths = ["user", "session-4000000/empty", "session-4000000/old"].map((name) => join(directory, name));
    expect(dry.removed.map(({ path }) => path)).toEqual(paths);
    expect(dry.kept.map(({ path }) => path)).toEqual([join(directory, folder, "mine")]);
    expect(cleanStale()).toEqual({ ...dry, dryRun: false });
    expect(fs.readdirSync(directory).sort()).toEqual([".session-4000002-abcdef", folder]);
    expect(mine.isCurrent()).toBe(true);
    mine.close();
  });

  it("cleaning while others open and close: no live region loses its name, and nobody sees an error [fault 96]", async () => {
    const directory = ownDirectory();
    const enough = join(directory, ".enough");
    const users = await startProcesses(3);
    const using = users.map((child, index) =>
      child.run(
        ({ Counter, fs }, index, enough) => {
          const outcomes: Record<string, number> = {};
          for (let round = 0; round < 300 || !fs.existsSync(enough); round += 1) {
            const region = Counter.createOrOpen(`r${(round + index) % 4}`, { cleanup: "keep" });
            outcomes[region.outcome] = (outcomes[region.outcome] ?? 0) + 1;
            const before = region.data.addCount(1);
            for (let look = 0; look < 3; look += 1) {
              if (!region.isCurrent()) throw new Error(`round ${round}: a live region lost its name`);
              if (region.data.count <= before) throw new Error(`round ${round}: a live region was made anew`);
            }
            region.close();
          }
          return outcomes;
        },
        index,
        enough,
      ),
    );
    let cleaned = 0;
    const over = new AbortController();
    const all = Promise.all(using).finally(() => over.abort());
    while (!over.signal.aborted) {
      const { removed } = cleanStale({ includeKept: true });
      cleaned += removed.length;
      if (cleaned > 10) fs.writeFileSync(enough, "");
      await new Promise((resolve) => setImmediate(resolve));
    }
    const created = (await all).reduce((sum, outcomes) => sum + (outcomes["created"] ?? 0), 0);
    fs.rmSync(enough);
    // Every region that was cleaned was made, and the last ones may be there still.
    expect(created - cleaned).toBe(fs.readdirSync(directory).length);
    await Promise.all(users.map((child) => child.kill()));
  });
});
