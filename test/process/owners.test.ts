import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { listRegions, type RegionWait, removeRegion } from "@shmgen/runtime";
import { tryShared } from "../../runtime/dist/runtime/os/posix/flock.js";
import { fileKey, lockTakers } from "../../runtime/dist/runtime/os/linux/processes.js";
import { ownersOf } from "../../runtime/dist/runtime/wait/owners.js";
import { Counter } from "../support/regions/counter.mjs";
import {
  type Child,
  codeOf,
  holder,
  initialiser,
  regionDirectory,
  startProcess,
  stateOf,
  stop,
  until,
} from "../support/processes/processes.js";
import { resume } from "../support/processes/stops.js";

const directory = regionDirectory();
const COUNTER = JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"));
const RUNTIME = JSON.stringify(join(import.meta.dirname, "../../runtime/lib/index.js"));

/** Ask the kernel whether there may be other pid namespaces; a container may forbid it. */
const namespaces = spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
const withNamespaces = namespaces ? "" : " (skipped: no right to make pid namespaces with unshare)";

/** A process that keeps the lifecycle lock, as a stopped one may. */
async function keeper(): Promise<Child> {
  const child = await startProcess();
  // Also when the test fails: nobody else could go on.
  onTestFinished(() => child.kill());
  await child.run(({ tryExclusive, fs }, directory) => tryExclusive(fs.openSync(directory, "r"), directory), directory);
  await stop(child);
  return child;
}

/** A program of its own, as a module over the built runtime. Its output grows in `text`. */
function program(source: string, argv: readonly string[] = [], before: readonly string[] = []) {
  const node = [process.execPath, ...argv, "--input-type=module", "-e", source];
  const [command = "", ...rest] = [...before, ...node];
  const child = spawn(command, rest, { env: process.env, stdio: ["pipe", "pipe", "pipe"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  return { child, text, ended };
}

describe("who has a region open", () => {
  it("owners() names every process once, by pid: command, and whether it is running or stopped [I-04]", async () => {
    const [first, second] = [await holder("many"), await holder("many")];
    await second.run(({ Counter, kept }) => void (kept["again"] = Counter.open("many")));
    await stop(second);
    const region = Counter.open("many");
    const mine = Counter.openReadOnly("many");
    const owners = region.owners();
    const states = new Map(owners.map((owner) => [owner.pid, owner]));
    expect(owners.map(({ pid }) => pid)).toEqual([first.pid, second.pid, process.pid].sort((a, b) => a - b));
    expect(states.get(first.pid)).toEqual({
      pid: first.pid,
      command: "node child.mjs",
      state: "running",
      exclusive: false,
    });
    expect(states.get(second.pid)).toMatchObject({ state: "stopped", exclusive: false });
    mine.close();
    region.close();
    // Others still have it.
    expect(region.owners().map(({ pid }) => pid)).toEqual([first.pid, second.pid].sort((a, b) => a - b));
    await Promise.all([first.kill(), second.kill()]);
    expect(region.owners()).toEqual([]);
    removeRegion("many");
  });

  it("an initialiser is one with the exclusive lock; who has the file open without a lock is none [I-04]", async () => {
    const child = await initialiser("half");
    const fd = fs.openSync(join(directory, "half"), "r");
    onTestFinished(() => fs.closeSync(fd));
    expect(ownersOf(fs.fstatSync(fd))).toEqual([
      { pid: child.pid, command: "node child.mjs", state: "stopped", exclusive: true },
    ]);
    await child.kill();
    expect(ownersOf(fs.fstatSync(fd))).toEqual([]);
    removeRegion("half");
  });

  it("who inherited a locked descriptor is an owner, and who took the lock and closed it is not [fault 18]", async () => {
    const path = join(directory, "inherited");
    const fd = fs.openSync(path, "w", 0o600);
    expect(tryShared(fd, path)).toBe(true);
    const heir = spawn("sleep", ["60"], { stdio: ["ignore", "ignore", "ignore", fd] });
    onTestFinished(() => void heir.kill("SIGKILL"));
    const file = fs.fstatSync(fd);
    expect(ownersOf(file).map(({ pid }) => pid)).toEqual([heir.pid, process.pid].sort((a = 0, b = 0) => a - b));
    fs.closeSync(fd);
    // What /proc/locks alone would tell.
    const key = fileKey(file);
    expect(
      lockTakers(new Set([key]))
        .get(key)
        ?.some(({ pid }) => pid === process.pid),
    ).toBe(true);
    expect(ownersOf(file)).toEqual([{ pid: heir.pid, command: "sleep 60", state: "running", exclusive: false }]);
    fs.rmSync(path);
  });

  it("a zombie is no owner, and what it had open is stale [fault 15]", async () => {
    const shell = spawn("sh", [
      "-c",
      '"$0" --input-type=module -e "$1" & echo $!; exec sleep 60',
      process.execPath,
      `const { Counter } = await import(${COUNTER});
       globalThis.kept = Counter.createOrOpen("zombie");
       console.log("open");
       setInterval(() => {}, 1000);`,
    ]);
    onTestFinished(() => void shell.kill("SIGKILL"));
    let output = "";
    shell.stdout.on("data", (text: Buffer) => (output += text.toString()));
    await until(() => output.includes("open"), "the owner's start");
    const pid = Number(/\d+/.exec(output)?.[0]);
    const listed = (): ReturnType<typeof listRegions>[number] | undefined =>
      listRegions().find(({ name }) => name === "zombie");
    expect(listed()).toMatchObject({ state: "live", owners: [{ pid }], creator: { pid, isRunning: true } });
    process.kill(pid, "SIGKILL");
    await until(() => stateOf(pid) === "Z" && fs.readdirSync(`/proc/${pid}/task`).length === 1, "a zombie");
    expect(process.kill(pid, 0)).toBe(true);
    expect(listed()).toMatchObject({ state: "stale", owners: [], creator: { pid, isRunning: false } });
    expect(removeRegion("zombie").state).toBe("stale");
  });

  it.skipIf(!namespaces)(
    `a process with the pid of a dead creator is not taken for the creator${withNamespaces} [fault 16]`,
    async () => {
      // In a pid namespace of their own, where the next number can be chosen: both get the same one.
      const create = `const { Counter } = await import(${COUNTER}); Counter.createOrOpen("reused", { cleanup: "keep" }).close();`;
      const look = `const { listRegions } = await import(${RUNTIME});
        const { creator, state } = listRegions().find(({ name }) => name === "reused");
        console.log(JSON.stringify({ creator, state, own: process.pid }));`;
      const script = `
        echo 4999 > /proc/sys/kernel/ns_last_pid && "$0" --input-type=module -e "$1" &&
        echo 4999 > /proc/sys/kernel/ns_last_pid && "$0" --input-type=module -e "$2"`;
      const args = ["--pid", "--fork", "--mount-proc", "sh", "-c", script, process.execPath, create, look];
      const found: unknown = JSON.parse(execFileSync("unshare", args, { encoding: "utf8", env: process.env }));
      expect(found).toEqual({ creator: { pid: 5000, isRunning: false }, state: "stale", own: 5000 });
      expect(removeRegion("reused").state).toBe("stale");
    },
  );

  it.skipIf(!namespaces)(
    `two pid namespaces share a region: the lock decides, and who is not in sight is not taken for absent${withNamespaces} [fault 17]`,
    async () => {
      const owner = await holder("apart");
      const inside = program(
        `const { Counter } = await import(${COUNTER});
         const { listRegions, removeRegion, cleanStale } = await import(${RUNTIME});
         const { state, owners, unseen, creator } = listRegions().find(({ name }) => name === "apart");
         let refused = "";
         try { removeRegion("apart"); } catch (error) { refused = error.code + " " + error.message; }
         const { removed } = cleanStale();
         const region = Counter.createOrOpen("apart");
         const mine = region.owners().map(({ pid }) => pid === process.pid);
         console.log(JSON.stringify({ state, owners, unseen, creator, refused, removed, outcome: region.outcome, mine }));
         process.stdin.once("data", () => region.close()).once("data", () => process.exit());`,
        [],
        ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"],
      );
      await until(() => inside.text.out.includes("\n"), `a report from inside: ${inside.text.err}`);
      expect(inside.text.err).toBe("");
      const report = JSON.parse(inside.text.out) as Record<string, unknown>;
      // Its own view: the region is live, and nobody is to be seen.
      expect(report).toMatchObject({
        state: "live",
        owners: [],
        unseen: true,
        removed: [],
        outcome: "opened",
        mine: [true],
      });
      expect(report["creator"]).toMatchObject({ pid: owner.pid, isRunning: false });
      expect(report["refused"]).toMatch(
        /^ERR_SHM_BUSY .*owners="nobody in sight, perhaps in another pid namespace or container"/,
      );
      // Ours: both, under our numbers, also when the first one has gone.
      const seen = (): number[] => ownersOf(fs.statSync(join(directory, "apart"))).map(({ pid }) => pid);
      expect(seen()).toHaveLength(2);
      expect(seen()).toContain(owner.pid);
      await owner.kill();
      expect(seen()).toHaveLength(1);
      expect(listRegions().find(({ name }) => name === "apart")).toMatchObject({ state: "live", unseen: false });
      inside.child.stdin.write("go\n");
      await inside.ended;
      expect(fs.existsSync(join(directory, "apart"))).toBe(false);
    },
    60_000,
  );
});

describe("a wait that lasts", () => {
  const OPEN = `const { Counter } = await import(${COUNTER}); Counter.createOrOpen("any", { timeoutMs: 60_000 }).close();`;

  it("the lifecycle lock: after a second stderr names its holder, while the wait goes on [C-24 C-26, fault 14]", async () => {
    const child = await keeper();
    const { text, ended, child: waiter } = program(OPEN);
    await until(() => text.err.includes("\n"), "a line");
    // It waits still: nobody else can let it go on.
    expect(waiter.exitCode).toBeNull();
    expect(text.err).toMatch(
      new RegExp(
        `^\\(node:${waiter.pid}\\) \\[SHM_WAITING\\] ShmWarning: the directory is locked: pid=${child.pid} ` +
          `holder="node child.mjs, stopped" waitedMs=\\d{4} path=${directory}; continue it \\(kill -CONT\\) or end it\\n$`,
      ),
    );
    await child.kill();
    expect(await ended).toBe(0);
    // Once.
    expect(text.err.split("\n")).toHaveLength(2);
  });

  it("initialisation by a stopped process is named as well [C-24 C-26, fault 14]", async () => {
    const child = await initialiser("any");
    const { text, ended, child: waiter } = program(OPEN);
    await until(() => text.err.includes("\n"), "a line");
    expect(waiter.exitCode).toBeNull();
    expect(text.err).toMatch(
      new RegExp(
        `ShmWarning: the region is being initialised: pid=${child.pid} holder="node child.mjs, stopped" ` +
          `waitedMs=\\d{4} path=${directory}/any; continue it`,
      ),
    );
    await child.kill();
    expect(await ended).toBe(0);
    expect(text.err.split("\n")).toHaveLength(2);
  });

  it("what silences Node's warnings silences this one [C-10]", async () => {
    const child = await keeper();
    const open = OPEN.replace("60_000", "3000")
      .replace(/^/, "try {")
      .replace(/$/, "} catch (error) { console.log(error.code); }");
    const ways: readonly [argv: readonly string[], env: NodeJS.ProcessEnv, lines: number][] = [
      [[], {}, 1],
      [["--no-warnings"], {}, 0],
      [["--disable-warning=SHM_WAITING"], {}, 0],
      [["--disable-warning=ExperimentalWarning"], {}, 1],
      [[], { NODE_NO_WARNINGS: "1" }, 0],
      [[], { NODE_OPTIONS: "--no-warnings" }, 0],
    ];
    const ends = ways.map(async ([argv, env]) => {
      const node = spawn(process.execPath, [...argv, "--input-type=module", "-e", open], {
        env: { ...process.env, ...env },
      });
      let [out, err] = ["", ""];
      node.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
      node.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      await new Promise((resolve) => node.once("close", resolve));
      expect(out, JSON.stringify([argv, env])).toBe("ERR_SHM_BUSY\n");
      return err.split("\n").filter((line) => line.includes("SHM_WAITING")).length;
    });
    expect(await Promise.all(ends)).toEqual(ways.map(([, , lines]) => lines));
    await child.kill();
  });

  it("onWait is told instead, once; the wait ends at its deadline as always [C-10 C-24]", async () => {
    const child = await keeper();
    const waits: RegionWait[] = [];
    const options = { timeoutMs: 2000, onWait: (wait: RegionWait) => void waits.push(wait) };
    expect(codeOf(() => Counter.createOrOpen("any", options))).toBe("ERR_SHM_BUSY");
    expect(waits).toEqual([
      {
        what: "lifecycle-lock",
        path: directory,
        waitedMs: expect.any(Number) as number,
        holders: [{ pid: child.pid, command: "node child.mjs", state: "stopped", exclusive: true }],
      },
    ]);
    expect(waits[0]?.waitedMs).toBeGreaterThanOrEqual(1000);
    // Who waits shorter is told nothing.
    expect(codeOf(() => Counter.createOrOpen("any", { ...options, timeoutMs: 300 }))).toBe("ERR_SHM_BUSY");
    expect(waits).toHaveLength(1);
    await child.kill();
  });

  it("whenReady tells of it, too, without blocking [C-24]", async () => {
    const child = await initialiser("later");
    const waits: RegionWait[] = [];
    const pending = Counter.whenReady("later", { timeoutMs: 30_000, onWait: (wait) => void waits.push(wait) });
    await until(() => waits.length > 0, "a word");
    expect(waits).toMatchObject([
      { what: "initialiser", path: join(directory, "later"), holders: [{ pid: child.pid }] },
    ]);
    resume(child);
    const region = await pending;
    expect(waits).toHaveLength(1);
    region.close();
    await child.kill();
    fs.rmSync(join(directory, "later"), { force: true });
  });

  it("what onWait throws ends the wait, and nothing is left of it", async () => {
    const boom = new Error("enough");
    const options = {
      timeoutMs: 60_000,
      onWait: () => {
        throw boom;
      },
    };
    const descriptors = (): string[] => fs.readdirSync("/proc/self/fd");
    for (const begin of [keeper, () => initialiser("any")]) {
      const child = await begin();
      const before = descriptors();
      expect(() => Counter.createOrOpen("any", options)).toThrow(boom);
      expect(descriptors()).toEqual(before);
      await child.kill();
      const region = Counter.createOrOpen("any", { timeoutMs: 1000 });
      expect(region.owners().map(({ pid }) => pid)).toEqual([process.pid]);
      region.close();
    }
    expect(codeOf(() => Counter.createOrOpen("any", { onWait: "log" as unknown as () => void }))).toBe("ERR_SHM_RANGE");
  });

  it("removal, too, says for whom it waits", async () => {
    Counter.createOrOpen("left", { cleanup: "keep" }).close();
    const child = await keeper();
    const waits: RegionWait[] = [];
    const options = { timeoutMs: 2000, onWait: (wait: RegionWait) => void waits.push(wait) };
    expect(codeOf(() => removeRegion("left", options))).toBe("ERR_SHM_BUSY");
    expect(waits).toMatchObject([{ what: "lifecycle-lock", holders: [{ pid: child.pid, state: "stopped" }] }]);
    await child.kill();
    removeRegion("left");
  });
});

it.skipIf(!namespaces)(
  `the example: two containers, both process 1, and one of them is killed${withNamespaces} [fault 17]`,
  () => {
    const script = join(import.meta.dirname, "../../examples/containers/two-containers.sh");
    const { stdout, stderr, status } = spawnSync("bash", [script, process.execPath], {
      encoding: "utf8",
      timeout: 60_000,
    });
    expect([stderr, status]).toEqual(["", 0]);
    expect(stdout.trim().split("\n")).toEqual([
      "first: process 1 has created the region, visit 1",
      "second: process 1 has opened the region, visit 2",
      "the first container was killed",
      "third: process 1 has reinitialised the region, visit 1",
    ]);
  },
  90_000,
);

it.each([
  ["node --import tsx writer.ts", ["--no-warnings", "--import", import.meta.resolve("tsx")]],
  ["tsx writer.ts, which starts a node of its own", [fileURLToPath(import.meta.resolve("tsx/cli"))]],
])("owners of %s are shown by the script", async (_, argv) => {
  const script = join(directory, "writer.mts");
  fs.writeFileSync(
    script,
    `const { Counter } = await import(${COUNTER});
    Object.assign(globalThis, { kept: Counter.createOrOpen("loaded" as string) });
    console.log("open");
    setInterval(() => {}, 1000);`,
  );
  onTestFinished(() => fs.rmSync(script));
  const child = spawn(process.execPath, [...argv, script], { stdio: ["ignore", "pipe", "inherit"], detached: true });
  onTestFinished(() => void process.kill(-(child.pid ?? 0), "SIGKILL"));
  await once(child.stdout, "data");
  const region = Counter.open("loaded");
  onTestFinished(() => region.close());
  expect(region.owners().find(({ pid }) => pid !== process.pid)).toMatchObject({ command: "node writer.mts" });
});

it("compose.yml of the example mounts the repository, where the program that it starts is", () => {
  const folder = join(import.meta.dirname, "../../examples/containers");
  const text = fs.readFileSync(join(folder, "compose.yml"), "utf8");
  const mounts = [...text.matchAll(/"([^":]+):\/app:ro"/g)].map(([, source = ""]) => resolve(folder, source));
  const programs = [...text.matchAll(/command: node (\S+)/g)].map(([, program = ""]) => program);
  expect([mounts.length, programs.length]).toEqual([2, 2]);
  for (const [at, mount] of mounts.entries()) expect(fs.existsSync(join(mount, programs[at] ?? ""))).toBe(true);
});
