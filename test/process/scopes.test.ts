import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dotnetLocation, type CreateOptions } from "@shmgen/runtime";
import { placeOf } from "../../runtime/dist/runtime/place/place.js";
import { Counter } from "../support/regions/counter.mjs";
import { canIsolate, isolated } from "../support/users/isolated.js";
import { type Child, codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { inPairs, straceWorks } from "../support/syscalls/strace.js";

const base = regionDirectory();
// Where other users are at work in it.
fs.chmodSync(base, 0o1777);
const support = join(import.meta.dirname, "../support");
const asAnother = ["--reuid=64011", "--regid=64011", "--clear-groups"];
/** Whether processes of other users can run what is in this checkout. */
const hasUsers =
  process.geteuid?.() === 0 &&
  spawnSync("setpriv", [...asAnother, "test", "-r", join(support, "regions/counter.mjs"), "-a", "-x", process.execPath])
    .status === 0;
const asUsers = hasUsers ? "" : " (skipped: needs root, setpriv, and a checkout that other users can read)";
const isolation = canIsolate ? "" : " (skipped: needs root, unshare and setpriv)";
const TEAM = 64010;
const ANNE = { uid: 64011, gid: TEAM };
const BERT = { uid: 64012, gid: TEAM };
const CARL = { uid: 64013, gid: 64013 };

let directory = "";
let rounds = 0;
const children: Child[] = [];
const start = async (user = {}): Promise<Child> => {
  const child = await startProcess([], user);
  children.push(child);
  return child;
};
beforeEach(() => {
  rounds += 1;
  directory = join(base, `d${rounds}`);
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

const modeOf = (path: string): string => (fs.statSync(path).mode & 0o7777).toString(8);

/** Opens in another process, counts, and keeps the region there; the outcome, or the error's code and message. */
const open = (child: Child, options: CreateOptions<unknown>): Promise<string> =>
  child.run(({ Counter, kept }, given) => {
    try {
      const region = Counter.createOrOpen("x", { timeoutMs: 20_000, ...given });
      region.data.addCount(1);
      kept["x"] = region;
      return region.outcome;
    } catch (error) {
      return `${(error as { code: string }).code} ${(error as Error).message}`;
    }
  }, options);
const close = (child: Child): Promise<void> => child.run(({ kept }) => kept["x"]?.close());

describe("scopes", () => {
  it("one name is three regions: the user's, the session's and the machine's [N-01 N-03]", () => {
    const before = process.env["SHMGEN_DIR"];
    delete process.env["SHMGEN_DIR"];
    try {
      const own = `/dev/shm/shmgen-${process.geteuid?.()}`;
      const session = fs.readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[3];
      expect(placeOf("x", {}).path).toBe(`${own}/x`);
      expect(placeOf("x", { scope: "user" }).path).toBe(`${own}/x`);
      expect(placeOf("x", { scope: "session" }).path).toBe(`${own}/session-${session}/x`);
      expect(placeOf("x", { scope: "machine" }).path).toBe("/dev/shm/shmgen/x");
    } finally {
      process.env["SHMGEN_DIR"] = before;
    }
    const regions = (["user", "session"] as const).map((scope) => Counter.createOrOpen("x", { directory, scope }));
    const shared = Counter.createOrOpen("x", { directory: `${directory}-machine`, scope: "machine" });
    expect([...regions, shared].map(({ outcome }) => outcome)).toEqual(["created", "created", "created"]);
    expect([
      modeOf(directory),
      modeOf(regions[1]?.path ?? ""),
      modeOf(`${directory}-machine`),
      modeOf(shared.path),
    ]).toEqual(["700", "600", "1777", "666"]);
    expect(modeOf(join(regions[1]?.path ?? "", ".."))).toBe("700");
    for (const region of [...regions, shared]) region.close();
    // The session's folder goes with its last region, and its name is no name of a region.
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(codeOf(() => Counter.createOrOpen("session-1", { directory }))).toBe("ERR_SHM_NAME");
  });

  it("another session has another region [N-03]", () => {
    using region = Counter.createOrOpen("x", { directory, scope: "session" });
    const script = `
      const { Counter } = await import(${JSON.stringify(join(support, "regions/counter.mjs"))});
      const options = { directory: process.argv[1], scope: "session" };
      const region = Counter.createOrOpen("x", options);
      console.log(region.outcome, region.path);
      region.close();`;
    const args = [process.execPath, "--input-type=module", "-e", script, directory];
    const same = spawnSync(args[0] ?? "", args.slice(1), { encoding: "utf8" });
    expect(same.stdout + same.stderr).toBe(`opened ${region.path}\n`);
    const other = spawnSync("setsid", ["-w", ...args], { encoding: "utf8" });
    expect(other.stdout + other.stderr).toMatch(/^created .*\/session-\d+\/x\n$/);
    expect(other.stdout).not.toContain(region.path);
    expect(fs.readdirSync(directory)).toHaveLength(1);
  });

  it("a session's folder that comes and goes never gets in anybody's way [N-23, fault 44]", async () => {
    const racers = await Promise.all([start(), start(), start(), start()]);
    const seen = await Promise.all(
      racers.map((child, index) =>
        child.run(
          ({ Counter }, where, name) => {
            const codes: Record<string, number> = {};
            for (let round = 0; round < 300; round += 1) {
              let code = "none";
              try {
                Counter.createOrOpen(name, { directory: where, scope: "session" }).close();
              } catch (error) {
                code = (error as { code: string }).code;
              }
              codes[code] = (codes[code] ?? 0) + 1;
            }
            return codes;
          },
          directory,
          `r${index % 2}`,
        ),
      ),
    );
    expect(seen).toEqual(racers.map(() => ({ none: 300 })));
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it("threads of one process open and close one region, each with a lock of its own [N-20]", async () => {
    const script = `
      const { workerData, parentPort } = require("node:worker_threads");
      import(workerData.counter).then(({ Counter }) => {
        let sum = 0;
        for (let round = 0; round < 200; round += 1) {
          const region = Counter.createOrOpen("x", { directory: workerData.directory, scope: "session" });
          region.data.addCount(1);
          sum += region.outcome === "created" ? 0 : 1;
          region.close();
        }
        parentPort.postMessage(sum);
      });`;
    using region = Counter.createOrOpen("x", { directory, scope: "session" });
    const counter = join(support, "regions/counter.mjs");
    const workers = [1, 2, 3].map(() => new Worker(script, { eval: true, workerData: { counter, directory } }));
    const opened = await Promise.all(
      workers.map((worker) => new Promise((resolve) => worker.once("message", resolve))),
    );
    await Promise.all(workers.map((worker) => worker.terminate()));
    expect(opened).toEqual([200, 200, 200]);
    expect(region.data.count).toBe(600);
  });
});

describe("rights", () => {
  it.skipIf(!hasUsers)(
    `modes are those that were asked for under every umask${asUsers} [N-24 C-18, fault 32]`,
    async () => {
      const wishes = [
        [{ scope: "machine" }, "1777", "666"],
        [{ scope: "machine", mode: 0o644 }, "1777", "644"],
        [{ scope: "machine", mode: 0o600 }, "1777", "600"],
        [{ mode: 0o660, group: TEAM }, "1770", "660"],
        [{ mode: 0o640 }, "750", "640"],
        [{ mode: 0o664, group: TEAM }, "1775", "664"],
      ] as const;
      for (const mask of [0o000, 0o022, 0o077, 0o277, 0o777]) {
        for (const user of [{}, ANNE]) {
          const child = await start(user);
          for (const [index, [options, folder, file]] of wishes.entries()) {
            const where = join(base, `m${mask}-${"uid" in user ? user.uid : 0}-${index}`);
            const seen = await child.run(
              ({ Counter, fs }, umask, given) => {
                process.umask(umask);
                const region = Counter.createOrOpen("x", given);
                const stats = [given.directory, region.path].map((path) => fs.statSync(path));
                region.close();
                return stats.map(({ mode, gid }) => [(mode & 0o7777).toString(8), gid]);
              },
              mask,
              { ...options, directory: where },
            );
            const label = `${mask.toString(8)} ${JSON.stringify(options)}`;
            expect(
              seen.map(([mode]) => mode),
              label,
            ).toEqual([folder, file]);
            if ("group" in options)
              expect(
                seen.map(([, gid]) => gid),
                label,
              ).toEqual([TEAM, TEAM]);
          }
          await child.kill();
        }
      }
    },
  );

  it.skipIf(!hasUsers)(
    `the machine's region is everybody's: a stranger makes anew what he may not remove${asUsers} [N-12 N-23]`,
    async () => {
      const [anne, carl] = [await start(ANNE), await start(CARL)];
      const shared = { directory, scope: "machine" } as const;
      expect(await open(anne, shared)).toBe("created");
      expect(await open(carl, shared)).toBe("opened");
      expect(await anne.run(({ kept }) => kept["x"]?.data.count)).toBe(2);
      await anne.kill();
      // The last one to leave is not the owner: the kernel refuses to remove it, and nobody is told.
      await close(carl);
      const { ino, uid } = fs.statSync(`${directory}/x`);
      expect(uid).toBe(ANNE.uid);
      expect(await open(carl, { ...shared, onStale: "throw" })).toMatch(/^ERR_SHM_STALE /);
      expect(await open(carl, shared)).toBe("reinitialised");
      expect(fs.statSync(`${directory}/x`).ino).toBe(ino);
      await close(carl);
      const again = await start(ANNE);
      expect(await open(again, shared)).toBe("reinitialised");
      await close(again);
      expect(fs.readdirSync(directory)).toEqual([]);
    },
  );

  it.skipIf(!hasUsers)(`a group shares a region, and nobody else${asUsers}`, async () => {
    const [anne, bert, carl] = [await start(ANNE), await start(BERT), await start(CARL)];
    const shared = { directory, mode: 0o660 };
    expect(await open(anne, shared)).toBe("created");
    expect(await open(bert, shared)).toBe("opened");
    expect(await open(carl, shared)).toMatch(/^ERR_SHM_PERMISSION /);
    // A member that asks for nothing but his own does not get what the group can write.
    expect(await open(await start(BERT), { directory })).toMatch(/^ERR_SHM_PERMISSION .*expected=64012 found=64011/);
    await anne.kill();
    await close(bert);
    expect(await open(bert, shared)).toBe("reinitialised");
    await close(bert);
    // Who is not in the group cannot share with it, and leaves nothing behind.
    const alien = { directory: `${directory}-alien`, scope: "machine", mode: 0o660, group: TEAM } as const;
    expect(await open(carl, alien)).toMatch(/^ERR_SHM_PERMISSION .*not in the group.*found=64010/);
    expect(fs.readdirSync(`${directory}-alien`)).toEqual([]);
    // By its name, as /etc/group has it.
    const [name, , gid] = fs.readFileSync("/etc/group", "utf8").split("\n")[1]?.split(":") ?? [];
    using region = Counter.createOrOpen("x", { directory: `${directory}-named`, mode: 0o660, group: name ?? "" });
    expect(fs.statSync(region.path).gid).toBe(Number(gid));
  });

  it.skipIf(!hasUsers)(`what one user publishes, others read whom it is named to${asUsers}`, async () => {
    const anne = await start(ANNE);
    const published = { directory, scope: "machine", mode: 0o644 } as const;
    expect(await open(anne, published)).toBe("created");
    const read = (child: Child, owner?: number): Promise<string | number> =>
      child.run(
        ({ Counter }, options) => {
          try {
            const region = Counter.openReadOnly("x", options);
            const { count } = region.data;
            region.close();
            return count;
          } catch (error) {
            return (error as { code: string }).code;
          }
        },
        { ...published, ...(owner === undefined ? {} : { owner }) },
      );
    const carl = await start(CARL);
    expect(await read(carl, ANNE.uid)).toBe(1);
    expect(await read(carl)).toBe("ERR_SHM_PERMISSION");
    expect(await read(carl, BERT.uid)).toBe("ERR_SHM_PERMISSION");
    expect(await open(carl, { ...published, owner: ANNE.uid })).toMatch(/^ERR_SHM_PERMISSION /);
  });
});

describe("rights that are asked for", () => {
  it("fewer rights are accepted while the region lives, and given when its owner makes it anew", () => {
    const shared = { directory, scope: "machine" } as const;
    const strict = Counter.createOrOpen("x", { ...shared, mode: 0o600, cleanup: "keep" });
    // What this thread has open with other rights is looked at again.
    const wide = Counter.open("x", shared);
    expect(modeOf(strict.path)).toBe("600");
    wide.close();
    strict.close();
    const again = Counter.createOrOpen("x", shared);
    expect(modeOf(again.path)).toBe("666");
    expect(codeOf(() => Counter.open("x", { ...shared, mode: 0o600 }))).toBe("ERR_SHM_PERMISSION");
    again.close();
  });

  it("options that contradict each other are refused before any system call", () => {
    const wrong: readonly (readonly [Record<string, unknown>, string, string])[] = [
      [{ scope: "global" }, "scope", "user, session, machine"],
      [{ mode: 0o400, directory }, "mode", "at least 0o600"],
      [{ mode: 0o700, directory }, "mode", "at least 0o600"],
      [{ mode: 0o4600, directory }, "mode", "at least 0o600"],
      [{ mode: 0o622, directory }, "mode", "no write without read"],
      [{ mode: "660", directory }, "mode", "at least 0o600"],
      [{ mode: 0o660, directory, group: "no-such-group" }, "group", "/etc/group"],
      [{ mode: 0o660, directory, group: -1 }, "group", "/etc/group"],
      [{ mode: 0o600, directory, group: TEAM }, "mode", "a mode whose group has rights"],
      [{ mode: 0o666, directory, group: TEAM }, "mode", "a mode whose group has rights"],
      [{ scope: "machine", owner: "no-such-user" }, "owner", "/etc/passwd"],
    ];
    for (const [options, field, message] of wrong) {
      let error: unknown;
      try {
        Counter.createOrOpen("x", options);
      } catch (caught) {
        error = caught;
      }
      expect(error, JSON.stringify(options)).toMatchObject({ code: "ERR_SHM_RANGE", field });
      expect((error as Error).message).toContain(message);
    }
    expect(fs.existsSync(directory)).toBe(false);
    const before = process.env["SHMGEN_DIR"];
    delete process.env["SHMGEN_DIR"];
    try {
      for (const scope of ["user", "session"] as const) {
        expect(() => Counter.createOrOpen("x", { scope, mode: 0o660 })).toThrow(
          /nobody else can reach.*scope: "machine"/,
        );
      }
    } finally {
      process.env["SHMGEN_DIR"] = before;
    }
    // A directory that keeps out whom the mode lets in would be a region that works for nobody but its maker.
    fs.mkdirSync(directory, { mode: 0o700 });
    expect(() => Counter.createOrOpen("x", { directory, scope: "machine" })).toThrow(
      /keeps out.*found=0700.*chmod 1777/,
    );
  });
});

describe("names", () => {
  it("a name over the limit is an error, and is never cut [C-15]", () => {
    const longest = "n".repeat(200);
    using region = Counter.createOrOpen(longest, { directory });
    expect(fs.readdirSync(directory)).toEqual([longest]);
    for (const name of [`${longest}n`, `${longest}${longest}`]) {
      expect(codeOf(() => Counter.open(name, { directory }))).toBe("ERR_SHM_NAME");
    }
    expect(region.name).toHaveLength(200);
    const umlauts = "ü".repeat(127);
    expect(dotnetLocation(`Global\\${umlauts}n`).path).toBe(`/tmp/.dotnet/shm/global/${umlauts}n`);
    for (const name of [`Global\\${umlauts}ü`, "n".repeat(256)]) {
      expect(codeOf(() => dotnetLocation(name))).toBe("ERR_SHM_NAME");
    }
  });

  it("a location of .NET is plain data, and no name of it leads elsewhere [N-02 N-04 N-05]", () => {
    const uid = process.geteuid?.();
    const session = fs.readFileSync("/proc/self/stat", "utf8").split(") ")[1]?.split(" ")[3];
    expect(dotnetLocation("Global\\a b")).toEqual({
      kind: "dotnet",
      name: "a b",
      scope: "machine",
      userScope: false,
      path: "/tmp/.dotnet/shm/global/a b",
    });
    expect(dotnetLocation("Local\\a").path).toBe(`/tmp/.dotnet/shm/session${session}/a`);
    expect(dotnetLocation("a")).toEqual(dotnetLocation("Local\\a", { scope: "session" }));
    expect(dotnetLocation("a", { scope: "machine", userScope: true }).path).toBe(`/tmp/.dotnet-uid${uid}/shm/global/a`);
    expect(Object.isFrozen(dotnetLocation("a"))).toBe(true);
    const wrong = [
      "",
      "Global\\",
      "Local\\",
      "a/b",
      "a\\b",
      "Global\\Local\\a",
      ".",
      "..",
      "Global\\..",
      "a\0b",
      "a\ud800",
    ];
    for (const name of wrong)
      expect(
        codeOf(() => dotnetLocation(name)),
        JSON.stringify(name),
      ).toBe("ERR_SHM_NAME");
    expect(codeOf(() => dotnetLocation("Global\\a", { scope: "session" }))).toBe("ERR_SHM_NAME");
    expect(codeOf(() => dotnetLocation(7 as unknown as string))).toBe("ERR_SHM_NAME");
    expect(codeOf(() => dotnetLocation("a", { scope: "user" as "machine" }))).toBe("ERR_SHM_RANGE");
    // It may come from anywhere, so its parts are looked at again and its path is not believed.
    const location = dotnetLocation("Global\\a");
    for (const forged of [
      { ...location, name: "../../a" },
      { ...location, kind: "file" },
      { ...location, scope: "user" },
      { ...location, userScope: 1 },
      {},
      null,
    ]) {
      expect(
        codeOf(() => Counter.open(forged as typeof location)),
        JSON.stringify(forged),
      ).toBe("ERR_SHM_NAME");
    }
    expect(placeOf({ ...location, path: "/etc/passwd" }, {}).path).toBe("/tmp/.dotnet/shm/global/a");
    expect(codeOf(() => Counter.open(location, { directory }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Counter.open(location, { mode: 0o600 }))).toBe("ERR_SHM_RANGE");
  });
});

describe("directories", () => {
  it.skipIf(!canIsolate)(`what .NET asks of /tmp and of the user's own directory there${isolation} [N-27 N-28]`, () => {
    const script = `
      const { dotnetLocation } = await import("/mnt/checkout/runtime/lib/index.js");
      const { NamedMutex } = await import("/mnt/checkout/test/support/dotnet/named-mutex.mjs");
      const fs = await import("node:fs");
      const attempt = (options) => {
        try {
          NamedMutex.createOrOpen(dotnetLocation("Global\\\\x", options)).close();
          return "none";
        } catch (error) {
          return error.code;
        }
      };
      const seen = [attempt({}), attempt({ userScope: true })];
      fs.mkdirSync("/tmp/.dotnet-uid" + process.geteuid(), { recursive: true });
      fs.chmodSync("/tmp/.dotnet-uid" + process.geteuid(), 0o755);
      seen.push(attempt({ userScope: true }));
      fs.chownSync("/tmp/.dotnet-uid" + process.geteuid(), 64011, 64011);
      seen.push(attempt({ userScope: true }));
      console.log(seen.join(" "));`;
    const tried = (mode: string): string => {
      const { stdout, stderr } = isolated('exec "$1" --input-type=module -e "$2"', [script], mode);
      return stdout + stderr;
    };
    // Of another user last of all.
    expect(tried("1777")).toBe("none none none ERR_SHM_PERMISSION\n");
    expect(tried("0777")).toBe("none ERR_SHM_PERMISSION ERR_SHM_PERMISSION ERR_SHM_PERMISSION\n");
    expect(tried("0755")).toBe("none none none ERR_SHM_PERMISSION\n");
    expect(tried("0300")).toBe("ERR_SHM_PERMISSION ERR_SHM_PERMISSION ERR_SHM_PERMISSION ERR_SHM_PERMISSION\n");
  });

  it.skipIf(!hasUsers)(
    `sixteen processes of four users make one directory: all of them get it${asUsers} [N-25, fault 44]`,
    async () => {
      const users = [ANNE, BERT, CARL, {}];
      const racers = await Promise.all([...users, ...users, ...users, ...users].map((user) => start(user)));
      for (let round = 0; round < 5; round += 1) {
        const shared = { directory: `${directory}-${round}`, scope: "machine" } as const;
        const outcomes = await Promise.all(racers.map((child) => open(child, shared)));
        expect(
          outcomes.filter((outcome) => outcome !== "opened"),
          `round ${round}`,
        ).toEqual(["created"]);
        expect(modeOf(shared.directory)).toBe("1777");
        expect(await racers[0]?.run(({ kept }) => kept["x"]?.data.count)).toBe(16);
        await Promise.all(racers.map(close));
      }
      expect(fs.readdirSync(base).filter((name) => name.startsWith("."))).toEqual([]);
    },
  );

  const traced = hasUsers && straceWorks;
  it.skipIf(!traced)(
    `death while a shared directory or region is made holds up no other user${traced ? "" : " (skipped: needs strace, and users as above)"} [N-25 C-18]`,
    async () => {
      const script = `
        const { Counter } = await import(process.argv[1]);
        process.umask(0o077);
        Counter.createOrOpen("x", { directory: process.argv[2], scope: "machine" }).close();
        console.log("lived");`;
      const counter = join(support, "regions/counter.mjs");
      const life = (where: string, injection: readonly string[]): string => {
        const node = [process.execPath, "--input-type=module", "-e", script, counter, where];
        const args = [...asAnother, "strace", "-f", "-qq", "-o", "/dev/null"];
        return spawnSync("setpriv", [...args, ...injection, ...node], { encoding: "utf8" }).stdout;
      };
      const points = [
        ...["mkdir", "renameat2", "linkat"].map((call) => [call, 1] as const),
        ...[1, 2].map((when) => ["fchmod", when] as const),
        ...[1, 2, 3, 4, 5, 6].map((when) => ["flock", when] as const),
        ...[1, 2].map((when) => ["fallocate", when] as const),
      ];
      let killed = 0;
      await inPairs(points, async ([call, when]) => {
        const where = `${directory}-${call}-${when}`;
        const signal = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${when}`];
        const lived = life(where, signal) !== "";
        if (!lived) killed += 1;
        const carl = await start(CARL);
        const outcome = await open(carl, { directory: where, scope: "machine" });
        expect(outcome, `${call} ${when}`).toMatch(/^(created|reinitialised)$/);
        expect(modeOf(where)).toBe("1777");
        expect(modeOf(`${where}/x`)).toBe("666");
        await carl.kill();
      });
      console.log(`${killed} deaths`);
      expect(killed).toBeGreaterThanOrEqual(8);
    },
  );
});
