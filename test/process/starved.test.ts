/** Processes that the system slows down, freezes, kills or lies to about the time: dead is only who is dead. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { Counter } from "../support/regions/counter.mjs";
import { compileProgram, COMPILERS, inTemporaryFolder, withoutCompilers, writeFiles } from "../support/c/gcc.js";
import { type Child, codeOf, regionDirectory, startProcess, stateOf, until } from "../support/processes/processes.js";
import { resume, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const counter = join(import.meta.dirname, "../support/regions/counter.mjs");

/** Runs a script over `Counter` in a Node process of its own, under a command such as `unshare`; its output lines. */
function run(script: string, under: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string[] {
  const source = `const { Counter } = await import(${JSON.stringify(counter)});\n${script}`;
  const [command = "", ...args] = [...under, process.execPath, "--input-type=module", "-e", source];
  const result = spawnSync(command, args, { env: { ...process.env, ...env }, encoding: "utf8" });
  return `${result.stdout}${result.stderr}`.trim().split("\n");
}

const groups: string[] = [];
afterAll(async () => {
  for (const group of groups) {
    // After a failure our own processes are still in it.
    const inside = (): string[] => fs.readFileSync(join(group, "cgroup.procs"), "utf8").split("\n").slice(0, -1);
    for (const pid of inside()) process.kill(Number(pid), "SIGKILL");
    await until(() => inside().length === 0, "an empty group");
    fs.rmdirSync(group);
  }
});

/** A control group of our own below a controller; the reason when there can be none. Versions 1 and 2 of the interface. */
function controlGroup(controller: "freezer" | "memory"): { readonly path: string; readonly why: string } {
  const bases = [`/sys/fs/cgroup/${controller}`, "/sys/fs/cgroup"];
  const base = bases.find((path) => fs.existsSync(join(path, "cgroup.procs")));
  if (base === undefined) return { path: "", why: `skipped: no ${controller} control groups here` };
  const path = join(base, `shmgen-test-${process.pid}`);
  try {
    fs.mkdirSync(path);
  } catch (error) {
    return { path: "", why: `skipped: control groups cannot be made here, ${(error as { code: string }).code}` };
  }
  groups.push(path);
  const knobs = controller === "freezer" ? ["freezer.state", "cgroup.freeze"] : ["memory.limit_in_bytes", "memory.max"];
  if (knobs.some((knob) => fs.existsSync(join(path, knob)))) return { path, why: "" };
  return { path: "", why: `skipped: the ${controller} controller is not delegated here` };
}

const freezer = controlGroup("freezer");
const memory = controlGroup("memory");

/** A process that initialises the region "slow" for a while. */
async function slowInitialiser(
  name: string,
  ms: number,
): Promise<{ readonly child: Child; readonly done: Promise<unknown> }> {
  const child = await startProcess();
  const done = child.run(
    ({ Counter, fs, kept }, name, ms, directory) => {
      kept["it"] = Counter.createOrOpen(name, {
        initialise: (data) => {
          fs.writeFileSync(`${directory}/.${name}`, "");
          const sleeper = new Int32Array(new SharedArrayBuffer(4));
          for (let step = 0; step < ms; step += 1) {
            data.count = step + 1;
            Atomics.wait(sleeper, 0, 0, 1);
          }
        },
      });
      return kept["it"].outcome;
    },
    name,
    ms,
    directory,
  );
  await until(() => fs.existsSync(join(directory, `.${name}`)), "initialise");
  fs.rmSync(join(directory, `.${name}`));
  return { child, done };
}

it("an initialiser that gets a fiftieth of its time is waited for, not taken for dead [faults 14 92]", async () => {
  const waiter = await startProcess();
  const { child, done } = await slowInitialiser("overloaded", 60);
  suspend(child);
  const waiting = waiter.run(({ Counter }) => {
    const region = Counter.createOrOpen("overloaded", { timeoutMs: 60_000 });
    const seen = [region.outcome, region.generation, region.data.count];
    region.close();
    return seen;
  });
  let turns = 0;
  const isDone = done.then(() => true);
  for (let ended = false; !ended; turns += 1) {
    suspend(child);
    await new Promise((resolve) => setTimeout(resolve, 98));
    resume(child);
    ended = await Promise.race([isDone, new Promise<false>((resolve) => setTimeout(() => resolve(false), 2))]);
  }
  resume(child);
  expect(await done).toBe("created");
  expect(await waiting).toEqual(["opened", 1, 60]);
  console.log(`waited through ${turns} pauses of 98 ms`);
  expect(turns).toBeGreaterThan(1);
  await Promise.all([child.kill(), waiter.kill()]);
});

it.skipIf(freezer.path === "")(
  `a frozen control group is not dead, and thawed it goes on ${freezer.why} [faults 14 94]`,
  async () => {
    const owner = await startProcess();
    await owner.run(({ Counter, kept }) => {
      kept["it"] = Counter.createOrOpen("frozen");
      kept["it"].data.count = 11;
    });
    const { path } = freezer;
    const [knob, frozen, thawed] = fs.existsSync(join(path, "freezer.state"))
      ? (["freezer.state", "FROZEN", "THAWED"] as const)
      : (["cgroup.freeze", "1", "0"] as const);
    fs.writeFileSync(join(path, "cgroup.procs"), String(owner.pid));
    try {
      fs.writeFileSync(join(path, knob), frozen);
      await until(() => ["D", "S", "T"].includes(stateOf(owner.pid)), "frozen");
      const region = Counter.createOrOpen("frozen");
      expect([region.outcome, region.generation, region.data.count]).toEqual(["opened", 1, 11]);
      region.close();
      expect(codeOf(() => Counter.create("frozen"))).toBe("ERR_SHM_EXISTS");
      expect(fs.existsSync(join(directory, "frozen"))).toBe(true);
    } finally {
      fs.writeFileSync(join(path, knob), thawed);
    }
    expect(await owner.run(({ kept }) => [kept["it"]?.data.count, kept["it"]?.isCurrent()])).toEqual([11, true]);
    await owner.kill();
  },
);

it.skipIf(memory.path === "")(
  `a process that the memory limit of its group kills is dead like any other ${memory.why} [fault 13]`,
  async () => {
    const { path } = memory;
    const limit = ["memory.limit_in_bytes", "memory.max"].find((knob) => fs.existsSync(join(path, knob))) ?? "";
    const owner = await startProcess();
    await owner.run(({ Counter, kept }) => {
      kept["it"] = Counter.createOrOpen("eater");
      kept["it"].data.count = 11;
    });
    expect(codeOf(() => Counter.create("eater"))).toBe("ERR_SHM_EXISTS");
    fs.writeFileSync(join(path, "cgroup.procs"), String(owner.pid));
    fs.writeFileSync(join(path, limit), String(32 << 20));
    const eating = owner.run(() => {
      const eaten: Uint8Array[] = [];
      for (let at = 0; at < 64; at += 1) eaten.push(new Uint8Array(8 << 20).fill(1));
      return eaten.length;
    });
    await expect(eating).rejects.toThrow("SIGKILL");
    const region = Counter.createOrOpen("eater");
    expect([region.outcome, region.generation, region.data.count]).toEqual(["reinitialised", 2, 0]);
    region.close();
  },
);

it("ulimit -f: a typed error with the limit's name, no signal, and no file is left [fault 93]", () => {
  const script = `
    let error;
    process.on("exit", (code) => console.log(code, error?.code, error?.errno, /ulimit -f/.test(error?.message)));
    try { Counter.createOrOpen("limited"); } catch (thrown) { error = thrown; }`;
  // The file of a region is 4096 bytes; output goes through a pipe, which has no size.
  expect(run(script, ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash"])).toEqual(["0 ERR_SHM_NO_SPACE EFBIG true"]);
  expect(fs.existsSync(join(directory, "limited"))).toBe(false);
});

const timeNamespace = spawnSync("unshare", ["-T", "--monotonic", "1000", "true"]).status === 0;

it.skipIf(!timeNamespace)(
  `a process whose clocks were moved by a day shares regions with one whose clocks were not${timeNamespace ? "" : " (skipped: no right to make a time namespace)"} [fault 21]`,
  async () => {
    const owner = await startProcess();
    await owner.run(({ Counter, kept }) => {
      kept["it"] = Counter.createOrOpen("moved");
      kept["it"].data.count = 11;
    });
    const script = `
      const live = Counter.createOrOpen("moved");
      console.log(live.outcome, live.data.count, live.generation);
      live.close();
      Counter.createOrOpen("theirs", { cleanup: "keep" }).close();`;
    const under = ["unshare", "-T", "--monotonic", "86400", "--boottime", "86400"];
    expect(run(script, under)).toEqual(["opened 11 1"]);
    // Theirs is left behind, and ours to make anew: whatever their clock said.
    const region = Counter.createOrOpen("theirs");
    expect([region.outcome, region.generation]).toEqual(["reinitialised", 2]);
    region.close();
    await owner.kill();
  },
);

/** Every look at the wall clock jumps by up to a year, back or forth. */
const JUMPING_CLOCK = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/time.h>
#include <time.h>
static long jump(void) { return (long)(random() % 63072000) - 31536000; }
int clock_gettime(clockid_t clock, struct timespec *now) {
  static int (*real)(clockid_t, struct timespec *);
  if (real == NULL) *(void **)&real = dlsym(RTLD_NEXT, "clock_gettime");
  const int result = real(clock, now);
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) now->tv_sec += jump();
  return result;
}
int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  struct timespec exact;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &exact);
  now->tv_sec = exact.tv_sec;
  now->tv_usec = exact.tv_nsec / 1000;
  return 0;
}
`;

it.skipIf(withoutCompilers !== undefined)(
  `a wall clock that jumps by months decides nothing: lives, deadlines and waits are as always ${withoutCompilers ?? ""} [fault 57]`,
  async () => {
    const { child, done } = await slowInitialiser("clock", 1e9);
    done.catch(() => undefined);
    inTemporaryFolder((folder) => {
      writeFiles(folder, { "clock.c": JUMPING_CLOCK });
      const [gcc] = COMPILERS;
      if (gcc === undefined) throw new Error("no compiler");
      compileProgram(gcc, { folder, source: "clock.c", program: "clock.so", flags: ["-shared", "-fPIC", "-O1"] });
      const script = `
        const days = new Set(Array.from({ length: 100 }, () => Math.floor(Date.now() / 86_400_000)));
        console.log("days", days.size > 20);
        for (let round = 0; round < 100; round += 1) {
          const region = Counter.createOrOpen("jumping");
          if (region.outcome !== "created") console.log(region.outcome);
          region.close();
        }
        const start = performance.now();
        try { Counter.createOrOpen("clock", { timeoutMs: 200 }); } catch (error) { console.log(error.code); }
        const waited = performance.now() - start;
        console.log("waited", waited >= 199 && waited < 5000);`;
      const lines = run(script, [], { LD_PRELOAD: join(folder, "clock.so") });
      expect(lines).toEqual(["days true", "ERR_SHM_NOT_READY", "waited true"]);
    });
    await child.kill();
  },
);

it("a child of a Node process inherits no region: killed, its parent is dead although the child lives [fault 18]", async () => {
  const script = `
    const { Counter } = await import(${JSON.stringify(counter)});
    const { spawn } = await import("node:child_process");
    Counter.createOrOpen("inherited").data.count = 11;
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script]);
  let output = "";
  parent.stdout.on("data", (text: Buffer) => (output += text.toString()));
  await until(() => output.includes("\n"), "the child's start");
  const child = Number(output);
  try {
    expect(codeOf(() => Counter.create("inherited"))).toBe("ERR_SHM_EXISTS");
    const gone = new Promise((resolve) => parent.once("exit", resolve));
    parent.kill("SIGKILL");
    await gone;
    await until(() => stateOf(child) === "S", "a child that sleeps");
    expect(execFileSync("ls", ["-l", `/proc/${child}/fd`], { encoding: "utf8" })).not.toContain("inherited");
    const region = Counter.createOrOpen("inherited");
    expect([region.outcome, region.generation]).toEqual(["reinitialised", 2]);
    region.close();
  } finally {
    process.kill(child, "SIGKILL");
  }
});
