/**
 * .NET's own shared memory manager is the judge: its processes hold named mutexes, and what we open, make, keep and remove has
 * to be right in their eyes. Everything has names of its own and is removed again.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import * as fs from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { dotnetLocation, type RegionLocation } from "@shmgen/runtime";
import { importSchema } from "../support/schemas/generated.js";
import { buildJudge, dotnetMajor, endPeers, type Judge, type Peer, startPeer } from "../support/dotnet/dotnet.js";
import { NamedMutex, ROBUST_SHARED_RECURSIVE } from "../support/dotnet/named-mutex.mjs";
import { codeOf, stateOf, until } from "../support/processes/processes.js";
import { Random } from "../support/run/random.js";
import { straceWorks } from "../support/syscalls/strace.js";
import { byDepth } from "../support/run/depth.js";

const hasDotnet = dotnetMajor !== undefined;
/** .NET 11 gave its mutex another layout, and kept the version. */
const knowsLayout = dotnetMajor !== undefined && dotnetMajor >= 8 && dotnetMajor <= 10;
const isRoot = process.geteuid?.() === 0;
const title = hasDotnet ? "" : " (skipped: no .NET SDK)";
const seed = Number(process.env["SHMGEN_SEED"] ?? Date.now() % 2 ** 32);

const prefix = `shmgen-test-${process.pid}-${seed}`;
const places: RegionLocation[] = [];
let names = 0;

/** The place of a name that nobody else has. */
function place(scope: "Global" | "Local"): { readonly full: string; readonly location: RegionLocation } {
  names += 1;
  const full = `${scope}\\${prefix}-${names}`;
  const location = dotnetLocation(full);
  places.push(location);
  return { full, location };
}

let judge: Judge;
const peers: Peer[] = [];
const start = async (kind: Peer["kind"], inside?: readonly string[]): Promise<Peer> => {
  const peer = await startPeer(judge, kind, inside);
  peers.push(peer);
  return peer;
};

beforeAll(() => {
  if (hasDotnet) judge = buildJudge();
}, 300_000);
afterEach(async () => {
  await Promise.all(peers.splice(0).map((peer) => peer.kill()));
  // As the last user, so that the folder goes as well if it is empty.
  for (const location of places.splice(0)) {
    if (fs.existsSync(location.path)) NamedMutex.createOrOpen(location).close();
  }
});
afterAll(() => {
  endPeers();
  if (hasDotnet) fs.rmSync(judge.folder, { recursive: true, force: true });
});

const isolated =
  hasDotnet && isRoot && spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "tmpfs", "/tmp"]).status === 0;
const why = isolated ? "" : " (skipped: a /tmp of its own needs root)";

/** Peers see a /tmp that is empty; the test sees it below the path it gets. */
async function withOwnTmp(work: (inside: readonly string[], tmp: string) => Promise<void>): Promise<void> {
  // Wherever the checkout is, perhaps below /tmp, it is seen beside the judge.
  const checkout = join(judge.folder, "checkout");
  fs.mkdirSync(checkout, { recursive: true });
  const bound = `mount --bind '${join(import.meta.dirname, "../..")}' '${checkout}'`;
  const script = `${bound} && mount -t tmpfs -o mode=1777 tmpfs /tmp && echo mounted && exec sleep 600`;
  const holder = spawn("unshare", ["-m", "sh", "-c", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    await work(["nsenter", "-t", String(holder.pid), "-m", "--"], `/proc/${holder.pid}/root/tmp`);
  } finally {
    await Promise.all(peers.splice(0).map((peer) => peer.kill()));
    holder.kill("SIGKILL");
  }
}

const modesBelow = (directory: string): Record<string, string> =>
  Object.fromEntries(
    (fs.readdirSync(directory, { recursive: true }) as string[])
      .toSorted()
      .map((path) => [path, (fs.statSync(`${directory}/${path}`).mode & 0o7777).toString(8)]),
  );

const traced = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";

describe.skipIf(!hasDotnet)(`with processes of .NET ${dotnetMajor ?? ""}${title}`, () => {
  it.skipIf(!knowsLayout).each(["Global", "Local"] as const)(
    "the file of a mutex %s\\ is found, its header is judged, and a schema reads its owner [N-05 N-06]",
    async (scope) => {
      const { Mutex } = await importSchema<{ Mutex: typeof NamedMutex }>(
        {
          "mutex.shm.ts": `import type { Region, bool, u32, u64 } from "@shmgen/schema";
export interface Mutex extends Region<{ type: 0; version: 1; header: "dotnet" }> {
  word: u32; count: u32; owner: u32; users: u32; kind: u32; spins: u32; previous: u64; next: u64;
  processId: u32; threadId: u64; abandoned: bool;
}`,
        },
        "mutex.shm.ts",
      );
      const { full, location } = place(scope);
      const dotnet = await start("dotnet");
      expect(codeOf(() => Mutex.open(location))).toBe("ERR_SHM_NOT_FOUND");
      expect(await dotnet.ask(`open ${full}`)).toBe("created");
      expect([...fs.readFileSync(location.path).subarray(0, 2)]).toEqual([0, 1]);
      using region = Mutex.openReadOnly(location);
      expect(region).toMatchObject({ outcome: "opened", path: location.path, name: location.name });
      expect(region.data).toMatchObject({ kind: ROBUST_SHARED_RECURSIVE, word: 0, processId: 0xffff_ffff });
      expect(await dotnet.ask(`lock ${full}`)).toBe("locked");
      expect(region.data.processId).toBe(dotnet.pid);
      expect(region.data.word).not.toBe(0);
      expect(await dotnet.ask(`unlock ${full}`)).toBe("unlocked");
      expect(region.data.processId).toBe(0xffff_ffff);
      // It is live, so nobody makes it anew, and another type or version is refused.
      expect(codeOf(() => Mutex.create(location))).toBe("ERR_SHM_EXISTS");
      // The last of both sides to leave removes the file, whoever it is.
      expect(await dotnet.ask(`close ${full}`)).toBe("closed");
      expect(fs.existsSync(location.path)).toBe(true);
      region.close();
      expect(fs.existsSync(location.path)).toBe(false);
    },
  );

  it("what .NET holds is live, and stale once it was killed [N-12]", async () => {
    const { full, location } = place("Global");
    const dotnet = await start("dotnet");
    await dotnet.ask(`open ${full}`);
    NamedMutex.open(location, { cleanup: "keep" }).close();
    const { ino } = fs.statSync(location.path);
    await dotnet.kill();
    expect(codeOf(() => NamedMutex.open(location))).toBe("ERR_SHM_STALE");
    expect(codeOf(() => NamedMutex.createOrOpen(location, { onStale: "throw" }))).toBe("ERR_SHM_STALE");
    const region = NamedMutex.createOrOpen(location);
    expect(region.outcome).toBe("reinitialised");
    expect(fs.statSync(location.path)).toMatchObject({ ino, size: 4096 });
    // And the other way round: what we leave behind is made anew by .NET.
    const node = await start("node");
    expect(await node.ask(`open ${full}`)).toBe("opened");
    region.close();
    await node.kill();
    const next = await start("dotnet");
    expect(await next.ask(`open ${full}`)).toBe("created");
    expect(codeOf(() => NamedMutex.create(location))).toBe("ERR_SHM_EXISTS");
  });

  it.skipIf(!knowsLayout)(".NET takes, shares and inherits a mutex that we made [N-16]", async () => {
    const { full, location } = place("Global");
    const node = await start("node");
    expect(await node.ask(`open ${full}`)).toBe("created");
    const [one, two] = [await start("dotnet"), await start("dotnet")];
    expect(await one.ask(`open ${full}`)).toBe("opened");
    expect(await two.ask(`open ${full}`)).toBe("opened");
    expect(await one.ask(`lock ${full}`)).toBe("locked");
    expect(await two.ask(`lock ${full}`)).toBe("timeout");
    using region = NamedMutex.openReadOnly(location);
    expect(region.data.processId).toBe(one.pid);
    await one.kill();
    expect(await two.ask(`lock ${full}`)).toBe("abandoned");
    expect(region.data.processId).toBe(two.pid);
  });

  it(".NET waits while we initialise, and finds it complete [N-17 N-21]", async () => {
    const { full } = place("Global");
    const other = place("Global");
    const [node, dotnet] = [await start("node"), await start("dotnet")];
    const made = node.ask(`open-slowly ${full}`);
    expect(await made).toBe("initialising");
    const opened = dotnet.ask(`open ${full}`);
    const early = await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, 150, "waiting"))]);
    expect(early).toBe("waiting");
    expect(await node.ask("")).toBe("created");
    expect(await opened).toBe("opened");
    expect(await dotnet.ask(`lock ${full}`)).toBe("locked");
    // Regions may be opened and closed meanwhile, but not the region itself.
    const seen: string[] = [];
    const region = NamedMutex.createOrOpen(other.location, {
      initialise: () => {
        const third = place("Global");
        NamedMutex.createOrOpen(third.location).close();
        seen.push(fs.existsSync(third.location.path) ? "left" : "removed");
        seen.push(codeOf(() => NamedMutex.createOrOpen(other.location)));
      },
    });
    expect(seen).toEqual(["removed", "ERR_SHM_NOT_READY"]);
    expect(await dotnet.ask(`open ${other.full}`)).toBe("opened");
    region.close();
    // When it throws, nothing remains, the lock least of all.
    const failed = place("Global");
    const boom = (): never => {
      throw new Error("boom");
    };
    expect(() => NamedMutex.createOrOpen(failed.location, { initialise: boom })).toThrow("boom");
    expect(fs.existsSync(failed.location.path)).toBe(false);
    expect(await dotnet.ask(`open ${failed.full}`)).toBe("created");
  });

  it("a live file that is longer than ours is never made shorter [N-14 C-19]", async () => {
    const { full, location } = place("Global");
    const dotnet = await start("dotnet");
    await dotnet.ask(`open ${full}`);
    fs.truncateSync(location.path, 3 * 4096);
    NamedMutex.createOrOpen(location).close();
    expect(fs.statSync(location.path).size).toBe(3 * 4096);
  });
});

describe.skipIf(!hasDotnet)(`files and descriptors beside .NET ${dotnetMajor ?? ""}${title}`, () => {
  it("neither the directory's lock nor the region's is inherited by children [fault 18]", async () => {
    const { full, location } = place("Global");
    let child: ChildProcess | undefined;
    try {
      const region = NamedMutex.createOrOpen(location, {
        initialise: () => {
          child = spawn("sleep", ["60"], { stdio: "ignore" });
        },
      });
      // Until then its loader opens and closes files.
      await until(() => stateOf(child?.pid ?? 0) === "S", "a child that sleeps");
      const links = fs
        .readdirSync(`/proc/${child?.pid}/fd`)
        .map((fd) => fs.readlinkSync(`/proc/${child?.pid}/fd/${fd}`));
      expect(links.filter((link) => link.includes(".dotnet"))).toEqual([]);
      region.close();
      expect(fs.existsSync(location.path)).toBe(false);
      const dotnet = await start("dotnet");
      expect(await dotnet.ask(`open ${full}`)).toBe("created");
    } finally {
      child?.kill("SIGKILL");
    }
  });

  it.skipIf(!isolated)(
    `directories, files and header that we make are those that .NET makes, under every umask${why} [N-24 N-25 N-29]`,
    async () => {
      const seen: Record<string, string>[] = [];
      for (const kind of ["dotnet", "node"] as const) {
        await withOwnTmp(async (inside, tmp) => {
          const [maker, dotnet, node] = [
            await start(kind, inside),
            await start("dotnet", inside),
            await start("node", inside),
          ];
          if (kind === "node") expect(await maker.ask("umask 63")).toBe("masked");
          expect(await maker.ask("open Global\\one")).toBe("created");
          const owns = dotnetMajor !== undefined && dotnetMajor >= 10;
          if (owns) expect(await maker.ask("open-own two")).toBe("created");
          // Pipes for its debuggers, which .NET also puts there, are its own affair.
          const entries = Object.entries(modesBelow(tmp)).filter(([path]) => path.startsWith(".dotnet"));
          seen.push(Object.fromEntries(entries));
          for (const peer of [dotnet, node]) {
            expect(await peer.ask("open Global\\one"), peer.kind).toBe("opened");
            if (owns) expect(await peer.ask("open-own two"), peer.kind).toBe("opened");
          }
          await maker.kill();
          expect(await dotnet.ask("close Global\\one")).toBe("closed");
          expect(fs.existsSync(`${tmp}/.dotnet/shm/global/one`)).toBe(true);
          expect(await node.ask("close Global\\one")).toBe("closed");
          expect(fs.existsSync(`${tmp}/.dotnet/shm/global`)).toBe(false);
        });
      }
      expect(seen[1]).toEqual(seen[0]);
      expect(seen[0]).toMatchObject({ ".dotnet": "777", ".dotnet/shm/global": "777", ".dotnet/shm/global/one": "666" });
    },
  );

  it.skipIf(!isolated)(
    `a link in the place of .NET's directories or files, which .NET follows, leads us nowhere${why} [N-26 N-29, fault 26]`,
    async () => {
      for (const step of [".dotnet", ".dotnet/shm", ".dotnet/shm/global", ".dotnet/shm/global/one"]) {
        await withOwnTmp(async (inside, tmp) => {
          const isFile = step.endsWith("one");
          const elsewhere = `${tmp}/elsewhere`;
          fs.mkdirSync(dirname(`${tmp}/${step}`), { recursive: true });
          if (isFile) fs.writeFileSync(elsewhere, "precious");
          else fs.mkdirSync(elsewhere);
          fs.symlinkSync("/tmp/elsewhere", `${tmp}/${step}`);
          const [node, dotnet] = [await start("node", inside), await start("dotnet", inside)];
          expect(await node.ask("open Global\\one"), step).toMatch(/^error ERR_SHM_(FOREIGN|PERMISSION)/);
          if (isFile) expect(fs.readFileSync(elsewhere, "utf8")).toBe("precious");
          else expect(fs.readdirSync(elsewhere)).toEqual([]);
          expect(await dotnet.ask("open Global\\one"), step).toBe("created");
          if (isFile) expect(fs.readFileSync(elsewhere, "utf8")).not.toBe("precious");
        });
      }
    },
  );
});

describe.skipIf(!hasDotnet)(`openings and deaths beside .NET ${dotnetMajor ?? ""}${title}`, () => {
  it.skipIf(!straceWorks)(
    `our death at any call leaves .NET a mutex that it can make${traced} [N-17 N-19]`,
    async () => {
      const dotnet = await start("dotnet");
      const script = `
      const { dotnetLocation } = await import(process.argv[1] + "/../../../runtime/lib/index.js");
      const { NamedMutex } = await import(process.argv[1] + "/named-mutex.mjs");
      NamedMutex.createOrOpen(dotnetLocation(process.argv[2])).close();`;
      const support = join(import.meta.dirname, "../support/dotnet");
      const points = [
        ...["mkdir", "renameat2", "linkat", "fallocate", "unlink", "rmdir"].map((call) => [call, 1] as const),
        ...[1, 2].map((when) => ["fchmod", when] as const),
        ...[1, 2, 3, 4, 5, 6].map((when) => ["flock", when] as const),
      ];
      let killed = 0;
      for (const [call, when] of points) {
        const { full, location } = place("Local");
        const injection = ["-e", `trace=${call}`, "-e", `inject=${call}:signal=KILL:when=${when}`];
        const node = [process.execPath, "--input-type=module", "-e", script, support, full];
        const { stderr } = spawnSync("strace", ["-f", "-qq", "-o", "/dev/null", ...injection, ...node], {
          encoding: "utf8",
        });
        expect(stderr, `${call} ${when}`).toBe("");
        if (fs.existsSync(location.path)) {
          killed += 1;
          expect(
            codeOf(() => NamedMutex.open(location)),
            `${call} ${when}`,
          ).toBe("ERR_SHM_STALE");
        }
        expect(await dotnet.ask(`open ${full}`), `${call} ${when}`).toBe("created");
        expect(await dotnet.ask(`lock ${full}`), `${call} ${when}`).toBe("locked");
        expect(await dotnet.ask(`unlock ${full}`), `${call} ${when}`).toBe("unlocked");
        expect(await dotnet.ask(`close ${full}`), `${call} ${when}`).toBe("closed");
        expect(fs.existsSync(location.path), `${call} ${when}`).toBe(false);
      }
      expect(killed).toBeGreaterThanOrEqual(4);
      // What was half made goes when the next of us makes the folder.
      NamedMutex.createOrOpen(place("Local").location).close();
      const session = basename(dirname(place("Local").location.path));
      const left = fs.readdirSync("/tmp/.dotnet/shm").filter((name) => name.startsWith(`.${session}-`));
      expect(left).toEqual([]);
    },
  );

  const ROUNDS = byDepth(15, 100, 200);

  it(`nobody removes what somebody still uses: ${ROUNDS} rounds of openings, closings and kills, seed ${seed} [N-21 N-23]`, async () => {
    const random = new Random(seed);
    const { full, location } = place("Local");
    const kinds: readonly Peer["kind"][] = ["dotnet", "dotnet", "dotnet", "node", "node"];
    const seats = await Promise.all(kinds.map(async (kind) => ({ peer: await start(kind), holds: false })));
    const tally: Record<string, number> = {};
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = seats.filter(({ holds }) => holds).length;
      const chosen = seats.filter(() => random.chance(0.5));
      let undecided = false;
      const answers = await Promise.all(
        chosen.map(async (seat) => {
          const { peer, holds } = seat;
          if (random.chance(0.12)) {
            // In the midst of whatever it is told to do.
            undecided = true;
            const answer = peer.ask(`${holds ? "close" : "open"} ${full}`);
            await new Promise((resolve) => setTimeout(resolve, random.integer(0, 3)));
            await Promise.all([peer.kill(), answer]);
            seat.peer = await start(peer.kind);
            seat.holds = false;
            return `${peer.kind} killed`;
          }
          if (holds) undecided = true;
          seat.holds = !holds;
          return `${peer.kind} ${await peer.ask(`${holds ? "close" : "open"} ${full}`)}`;
        }),
      );
      const where = `round ${round}: ${answers.join(", ")}`;
      for (const answer of answers) {
        expect(answer, where).toMatch(/ (created|opened|closed|killed)$/);
        tally[answer] = (tally[answer] ?? 0) + 1;
      }
      const created = answers.filter((answer) => answer.endsWith("created")).length;
      const opened = answers.filter((answer) => answer.endsWith("opened")).length;
      if (!undecided && created + opened > 0) expect(created, where).toBe(before === 0 ? 1 : 0);
      const holders = seats.filter(({ holds }) => holds);
      if (holders.length === 0) continue;
      const { ino } = fs.statSync(location.path);
      for (const { peer } of holders) {
        const maps = fs.readFileSync(`/proc/${peer.pid}/maps`, "utf8").split("\n");
        const mine = maps.filter((line) => line.includes(location.path)).map((line) => line.split(/\s+/).slice(4));
        expect(mine, `${where}: ${peer.kind}`).toContainEqual([String(ino), location.path]);
        expect(mine.length, where).toBeLessThanOrEqual(1);
      }
      expect([...fs.readFileSync(location.path).subarray(0, 2)], where).toEqual([0, 1]);
    }
    console.log(
      `seed ${seed}: ${Object.entries(tally)
        .map(([answer, count]) => `${answer} ${count}`)
        .join(", ")}`,
    );
    expect(Object.keys(tally).length).toBeGreaterThanOrEqual(6);
    for (const { peer, holds } of seats) if (holds) await peer.ask(`close ${full}`);
    expect(codeOf(() => NamedMutex.open(location))).toMatch(/NOT_FOUND|STALE/);
  }, 240_000);
});
