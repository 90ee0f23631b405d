/** Regions without a name, and regions by a descriptor. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import * as net from "node:net";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SEAL, addSeals, createMemfd, sealsOf } from "../../runtime/dist/runtime/os/linux/memfd.js";
import { Counter, counterOf } from "../support/regions/counter.mjs";
import { codeOf, regionDirectory, startProcess, stateOf } from "../support/processes/processes.js";
import { straceWorks } from "../support/syscalls/strace.js";
import { KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const childScript = join(import.meta.dirname, "../support/processes/fd-child.mjs");
const support = join(import.meta.dirname, "../support/regions/counter.mjs");
const refused = (code: string, facts: object = {}): unknown => expect.objectContaining({ code, ...facts });
const tailed = counterOf({ tailStride: 8, fingerprint: "00000000000000cd" });
const withoutStrace = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
const started = new Set<ChildProcess>();
afterAll(() => {
  for (const child of started) child.kill("SIGKILL");
});

/** Runs a child that is handed a descriptor as its number 3, and returns what it prints. */
function inChild(descriptor: number, options: object = {}): string {
  const run = spawnSync(process.execPath, [childScript, JSON.stringify(options)], {
    stdio: ["pipe", "pipe", "inherit", descriptor],
    encoding: "utf8",
    timeout: 60_000,
  });
  return run.stdout.trim();
}

/** As {@link inChild}, step by step: each line sent lets it do one, and gives what it printed about it. */
function slowChild(descriptor: number, options: object = {}): { step(line?: string): Promise<string>; kill(): void } {
  const args = [childScript, JSON.stringify({ ...options, wait: true })];
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit", descriptor] });
  started.add(child);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error("no pipes");
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const step = async (line = "go"): Promise<string> => {
    stdin.write(`${line}\n`);
    return String((await lines.next()).value);
  };
  return { step, kill: () => void child.kill("SIGKILL") };
}

const descriptors = (): number => fs.readdirSync("/proc/self/fd").length;
const shmemKiB = (): number => Number(/^Shmem:\s+(\d+)/m.exec(fs.readFileSync("/proc/meminfo", "utf8"))?.[1]);
/** Processes that have memory of this label mapped or open. */
function holdersOf(label: string): string[] {
  const holders: string[] = [];
  for (const pid of fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      if (fs.readFileSync(`/proc/${pid}/maps`, "utf8").includes(`/memfd:${label} `)) holders.push(pid);
    } catch {
      // It ended meanwhile.
    }
  }
  return holders;
}

describe.each(KINDS)("an anonymous region mapped as %s", (mapping) => {
  it("has no name anywhere, is initialised once, and is sealed [A-01 S-05]", () => {
    const before = descriptors();
    using region = Counter.createAnonymous({ mapping, initialise: (data) => void (data.count = 3) });
    expect([region.name, region.path, region.outcome, region.kind]).toEqual([
      "Counter",
      "memfd:Counter",
      "created",
      mapping,
    ]);
    expect([region.generation, region.data.count, region.sealed, region.isCurrent()]).toEqual([1, 3, true, true]);
    expect(region.header).toMatchObject({ generation: 1, creatorPid: process.pid });
    expect(fs.readdirSync(directory)).toEqual([]);
    expect(fs.fstatSync(region.descriptor)).toMatchObject({ nlink: 0, size: region.size });
    expect(fs.fstatSync(region.descriptor).mode & 0o777).toBe(0o600);
    expect(sealsOf(region.descriptor)).toBe(SEAL.seal | SEAL.shrink | SEAL.grow | (sealsOf(region.descriptor) & 0x20));
    expect(descriptors()).toBe(before + 1);
    region.close();
    expect(descriptors()).toBe(before);
    expect(() => region.descriptor).toThrow(refused("ERR_SHM_CLOSED"));
    expect([region.isCurrent(), region.sealed]).toEqual([false, true]);
  });

  it("nobody can take memory away from under it: ftruncate gives EPERM, also to a peer [fault 22]", async () => {
    using region = Counter.createAnonymous({ mapping });
    expect(() => fs.ftruncateSync(region.descriptor, 0)).toThrow(expect.objectContaining({ code: "EPERM" }));
    expect(() => fs.ftruncateSync(region.descriptor, 1 << 20)).toThrow(expect.objectContaining({ code: "EPERM" }));
    const child = await startProcess();
    const found = await child.run(
      ({ fs: files }, pid, fd) => {
        const own = files.openSync(`/proc/${pid}/fd/${fd}`, "r+");
        try {
          files.ftruncateSync(own, 0);
          return "done";
        } catch (error) {
          return (error as NodeJS.ErrnoException).code;
        }
      },
      process.pid,
      region.descriptor,
    );
    expect(found).toBe("EPERM");
    await child.kill();
    region.data.count = 1;
    expect([region.data.count, region.size]).toEqual([1, 4096]);
    expect(() => addSeals(region.descriptor, 8, region.path)).toThrow(refused("ERR_SHM_PERMISSION"));
  });

  it("is handed to a child in one line, which attaches it at a number that both know [A-02]", () => {
    using region = Counter.createAnonymous({
      mapping,
      label: "for-child",
      initialise: (data) => void (data.count = 7),
    });
    expect(inChild(region.descriptor, { mapping })).toBe("opened 7 for-child sealed=true inherited=false\nclosed");
    expect(region.data.count).toBe(8);
    expect(inChild(region.descriptor, { access: "read-only" })).toContain("opened 8 ");
    // Close-on-exec: whom it is not handed to does not get it.
    const flags = fs.readFileSync(`/proc/self/fdinfo/${region.descriptor}`, "utf8");
    expect(Number.parseInt(/flags:\s+(\d+)/.exec(flags)?.[1] ?? "", 8) & 0o2000000).toBe(0o2000000);
    const others = execFileSync("ls", ["-l", "/proc/self/fd"], { encoding: "utf8" });
    expect(others).not.toContain("memfd:");
  });

  it("with maxTail it grows, for the child as well, and each sees what the other wrote [C-17]", async () => {
    using region = tailed.createAnonymous({ mapping, tailLength: 10, maxTail: 100_000 });
    const child = slowChild(region.descriptor, { mapping, tailed: true });
    expect(await child.step()).toContain("opened 0 ");
    region.growTail(2000);
    expect(await child.step("grow 50000")).toBe("50000");
    expect(region.refresh()).toBe(true);
    expect([region.tailLength, region.data.count]).toEqual([50_000, 1]);
    region.growTail(60_000);
    expect(await child.step("grow 70000")).toBe("70000");
    expect(() => fs.ftruncateSync(region.descriptor, 4096)).toThrow(expect.objectContaining({ code: "EPERM" }));
    child.kill();
  });

  it("without maxTail it is sealed at its size, and says so [C-17]", () => {
    using region = tailed.createAnonymous({ mapping, tailLength: 10 });
    expect(() => region.growTail(11)).toThrow(refused("ERR_SHM_UNSUPPORTED"));
    expect(() => region.growTail(11)).toThrow(/maxTail/);
    region.growTail(10);
    expect(() => tailed.createAnonymous({ mapping })).toThrow(refused("ERR_SHM_RANGE", { field: "tailLength" }));
  });
});

it("an initialiser that throws leaves nothing [C-09 A-01]", () => {
  const before = descriptors();
  const failing = {
    label: "failing",
    initialise: () => {
      throw new Error("no");
    },
  };
  expect(() => Counter.createAnonymous(failing)).toThrow("no");
  const promising = { label: "failing", initialise: async () => {} };
  expect(() => Counter.createAnonymous(promising as object)).toThrow(refused("ERR_SHM_UNSUPPORTED"));
  for (const label of ["", "../x", "a b", "x".repeat(201)]) {
    expect(() => Counter.createAnonymous({ label }), label).toThrow(refused("ERR_SHM_NAME"));
  }
  expect(descriptors()).toBe(before);
  expect(holdersOf("failing")).toEqual([]);
});

it("kill -9 leaves nothing: the kernel frees 128 MiB, and no process has it [A-01 S-01]", async () => {
  const child = await startProcess();
  const label = `leak-${process.pid}`;
  const before = shmemKiB();
  await child.run(({ counterOf: structOf, kept }, name) => {
    const Tailed = structOf({ tailStride: 8, fingerprint: "00000000000000cd" });
    kept["big"] = Tailed.createAnonymous({ label: name, tailLength: 16 << 20 });
    kept["big"].data.count = 1;
  }, label);
  expect(holdersOf(label)).toEqual([String(child.pid)]);
  // Other programs have shared memory as well, which comes and goes.
  await expect.poll(() => shmemKiB() - before, { timeout: 30_000 }).toBeGreaterThan(96 << 10);
  await child.kill();
  expect(stateOf(child.pid)).toBe("gone");
  expect(holdersOf(label)).toEqual([]);
  await expect.poll(() => shmemKiB() - before, { timeout: 30_000 }).toBeLessThan(32 << 10);
});

describe("a descriptor", () => {
  it("that is no region is a typed error, and stays open [A-03 S-04]", () => {
    const open: number[] = [];
    const pipe = spawnSync("mkfifo", [join(directory, ".fifo")]).status;
    expect(pipe).toBe(0);
    const file = (name: string, bytes: Uint8Array): string => {
      fs.writeFileSync(join(directory, name), bytes, { mode: 0o600 });
      return join(directory, name);
    };
    const use = (path: string, flags: number | string): number => {
      const fd = fs.openSync(path, flags);
      open.push(fd);
      return fd;
    };
    const shortened = createMemfd("plain", "plain") ?? -1;
    fs.writeSync(shortened, Buffer.alloc(4096));
    open.push(shortened);
    const sealed = createMemfd("sealed", "sealed") ?? -1;
    fs.writeSync(sealed, Buffer.alloc(4096, 7));
    addSeals(sealed, SEAL.shrink, "sealed");
    open.push(sealed);
    const cases: readonly (readonly [string, number, string])[] = [
      ["a FIFO", use(join(directory, ".fifo"), fs.constants.O_RDWR | fs.constants.O_NONBLOCK), "ERR_SHM_FOREIGN"],
      ["a directory", use(directory, "r"), "ERR_SHM_FOREIGN"],
      ["a device", use("/dev/null", "r+"), "ERR_SHM_FOREIGN"],
      ["an empty file", use(file("empty", Buffer.alloc(0)), "r+"), "ERR_SHM_FORMAT"],
      [
        "a file of somebody else's",
        use(file("text", Buffer.from("#!/bin/sh\necho hello\n".repeat(20))), "r+"),
        "ERR_SHM_FOREIGN",
      ],
      ["memory that can be shortened", shortened, "ERR_SHM_UNSUPPORTED"],
      ["sealed memory of somebody else's", sealed, "ERR_SHM_FOREIGN"],
    ];
    for (const [what, fd, code] of cases) {
      expect(
        codeOf(() => Counter.attachFd(fd, { timeoutMs: 200 })),
        what,
      ).toBe(code);
      expect(fs.existsSync(`/proc/self/fd/${fd}`), what).toBe(true);
    }
    expect(() => Counter.attachFd(shortened)).toThrow(/F_SEAL_SHRINK/);
    for (const fd of open) fs.closeSync(fd);
    expect(codeOf(() => Counter.attachFd(open[0] ?? -1))).toBe("ERR_SHM_NOT_FOUND");
    for (const wrong of [-1, 1.5, Number.NaN, 2 ** 31, "3"]) {
      expect(
        codeOf(() => Counter.attachFd(wrong as number)),
        String(wrong),
      ).toBe("ERR_SHM_RANGE");
    }
    for (const name of [".fifo", "empty", "text"]) fs.rmSync(join(directory, name));
  });

  it("that is a socket is a typed error [A-03]", async () => {
    const server = net.createServer();
    await new Promise<void>((resolve) => server.listen(join(directory, ".socket"), resolve));
    const all = fs.readdirSync("/proc/self/fd").map(Number);
    const socket = all.find((fd) => codeOf(() => fs.fstatSync(fd)) === "none" && fs.fstatSync(fd).isSocket());
    expect(codeOf(() => Counter.attachFd(Number(socket)))).toBe("ERR_SHM_FOREIGN");
    server.close();
  });

  it("of another struct, or for reading only, gives no more than it is [A-03]", () => {
    using region = Counter.createAnonymous();
    const fd = fs.openSync(`/proc/self/fd/${region.descriptor}`, "r");
    expect(() => counterOf({ typeId: 9 }).attachFd(region.descriptor)).toThrow(
      refused("ERR_SHM_FORMAT", { field: "type" }),
    );
    expect(() => Counter.attachFd(fd)).toThrow(refused("ERR_SHM_READ_ONLY"));
    using reader = Counter.attachFd(fd, { access: "read-only" });
    expect([reader.readOnly, fs.existsSync(`/proc/self/fd/${fd}`)]).toEqual([true, false]);
    // The region's own is never closed behind its back.
    using again = Counter.attachFd(region.descriptor);
    again.data.count = 5;
    again.close();
    expect([region.data.count, fs.fstatSync(region.descriptor).size]).toEqual([5, 4096]);
  });

  it("of a file that others may write to, or that has other names, is refused [N-24]", () => {
    using region = Counter.createOrOpen("rights");
    const fd = fs.openSync(region.path, "r+");
    fs.chmodSync(region.path, 0o666);
    expect(codeOf(() => Counter.attachFd(fd))).toBe("ERR_SHM_PERMISSION");
    fs.chmodSync(region.path, 0o600);
    fs.linkSync(region.path, join(directory, "second"));
    expect(codeOf(() => Counter.attachFd(fd))).toBe("ERR_SHM_FOREIGN");
    fs.rmSync(join(directory, "second"));
    using attached = Counter.attachFd(fd);
    expect(attached.path).toBe(region.path);
  });
});

describe("a region with a name, by its descriptor", () => {
  it("has a lock of its own: it stays when the parent closes, and the child removes it as the last [A-02]", async () => {
    const region = Counter.createOrOpen("heir", { initialise: (data) => void (data.count = 1) });
    const child = slowChild(region.descriptor);
    expect(await child.step()).toBe("opened 1 heir sealed=false inherited=false");
    region.close();
    expect(fs.existsSync(region.path)).toBe(true);
    using again = Counter.open("heir");
    expect(again.data.count).toBe(2);
    again.close();
    expect(fs.existsSync(region.path)).toBe(true);
    expect(await child.step()).toBe("closed");
    expect(fs.existsSync(region.path)).toBe(false);
  });

  it("is still there for a child that attaches after the parent has closed it [A-02]", async () => {
    const region = Counter.createOrOpen("late", { initialise: (data) => void (data.count = 1) });
    const child = slowChild(region.descriptor);
    region.close();
    expect(fs.existsSync(region.path)).toBe(false);
    // A new one of the same name has nothing to do with it.
    using other = Counter.createOrOpen("late");
    expect(await child.step()).toBe("opened 1 late sealed=false inherited=false");
    expect(await child.step()).toBe("closed");
    expect([other.data.count, other.isCurrent()]).toEqual([0, true]);
  });

  it("is stale when nobody has it open, and then it is not opened as it is [C-28]", () => {
    const region = Counter.createOrOpen("stale", { cleanup: "keep" });
    region.close();
    const fd = fs.openSync(region.path, "r+");
    expect(codeOf(() => Counter.attachFd(fd))).toBe("ERR_SHM_STALE");
    fs.closeSync(fd);
    fs.rmSync(region.path);
  });

  it("grows under the directory's lock, also when its name is gone [C-17]", async () => {
    using region = tailed.create("unnamed", { tailLength: 4, cleanup: "immediately" });
    const child = slowChild(region.descriptor, { tailed: true });
    expect(await child.step()).toContain("opened 0 unnamed");
    expect(await child.step("grow 9000")).toBe("9000");
    region.growTail(10_000);
    expect(await child.step("grow 11000")).toBe("11000");
    expect([region.refresh(), region.tailLength]).toEqual([true, 11_000]);
    child.kill();
  });

  it("whose directory is out of reach is opened, and cannot grow there [C-17]", () => {
    const other = fs.mkdtempSync("/dev/shm/shmgen-test-");
    using region = tailed.createOrOpen("moved", { directory: other, tailLength: 4 });
    const fd = fs.openSync(region.path, "r+");
    fs.renameSync(other, `${other}-away`);
    try {
      const moved = join(`${other}-away`, "moved");
      // Its path is known from the descriptor still; without the directory under any path, it is not.
      fs.renameSync(moved, `${moved}-too`);
      fs.rmSync(`${moved}-too`);
      fs.rmdirSync(`${other}-away`);
      using attached = tailed.attachFd(fd);
      expect([attached.tailLength, attached.isCurrent()]).toEqual([4, false]);
      expect(() => attached.growTail(5)).toThrow(/directory cannot be reached/);
    } finally {
      fs.rmSync(`${other}-away`, { recursive: true, force: true });
    }
  });
});

/** Prints what an anonymous region is like in a process of its own. */
const PROBE = `
  const { Counter } = await import(${JSON.stringify(support)});
  const fs = await import("node:fs");
  try {
    const region = Counter.createAnonymous({ initialise: (data) => { data.count = 3; } });
    const again = Counter.fromToken(region.token());
    const { mode, nlink } = fs.fstatSync(region.descriptor);
    console.log(region.sealed, again.sealed, again.data.count, (mode & 0o777).toString(8), nlink, fs.readdirSync(process.env.SHMGEN_DIR).filter((name) => !name.startsWith(".")).length);
    let grows = "";
    try { fs.ftruncateSync(region.descriptor, 0); grows = "cut"; } catch (error) { grows = error.code; }
    console.log(region.path.replace(/#\\d+/, "#"), grows);
  } catch (error) {
    console.log(error.code, error.message);
  }`;

function underInjection(inject: string): string {
  const log = join(directory, ".trace");
  const args = ["-f", "-qq", "-o", log, "-e", "trace=memfd_create,openat", "-e", `inject=${inject}`];
  const run = spawnSync("strace", [...args, process.execPath, "--input-type=module", "-e", PROBE], {
    encoding: "utf8",
    timeout: 60_000,
    env: { ...process.env, SHMGEN_DIR: directory },
  });
  expect(fs.readFileSync(log, "utf8")).toContain("(INJECTED)");
  fs.rmSync(log);
  return run.stdout.trim();
}

describe("kernels and sandboxes", () => {
  for (const errno of ["ENOSYS", "EPERM"]) {
    it.skipIf(!straceWorks)(
      `memfd_create gives ${errno}: a file without a name takes its place, and says that it is not sealed${withoutStrace} [A-04, fault 89]`,
      () => {
        expect(underInjection(`memfd_create:error=${errno}`)).toBe(`false false 3 600 0 0\n${directory}/# cut`);
      },
    );
  }

  it.skipIf(!straceWorks)(`a kernel without MFD_NOEXEC_SEAL gives memory without it${withoutStrace} [fault 91]`, () => {
    expect(underInjection("memfd_create:error=EINVAL:when=1")).toBe("true true 3 600 0 0\nmemfd:Counter EPERM");
  });

  it.skipIf(!straceWorks)(`any other failure of memfd_create is a typed error${withoutStrace} [A-04]`, () => {
    expect(underInjection("memfd_create:error=EMFILE")).toMatch(/^ERR_SHM_SYSCALL memfd_create failed.*errno=EMFILE/);
  });

  const namespace = ["--pid", "--fork", "--mount-proc", "--kill-child"];
  const strict = `echo 2 > /proc/sys/vm/memfd_noexec && cat /proc/sys/vm/memfd_noexec && exec "$0" --input-type=module -e "$1"`;
  const works = spawnSync("unshare", [...namespace, "sh", "-c", "echo 2 > /proc/sys/vm/memfd_noexec"]).status === 0;
  const withoutNamespace = works ? "" : " (skipped: needs unshare --pid and vm.memfd_noexec)";
  it.skipIf(!works)(
    `vm.memfd_noexec=2 forbids what could be executed, which ours never can${withoutNamespace} [fault 91]`,
    () => {
      const run = spawnSync("unshare", [...namespace, "sh", "-c", strict, process.execPath, PROBE], {
        encoding: "utf8",
        timeout: 60_000,
      });
      expect(run.stdout.trim()).toBe("2\ntrue true 3 600 0 0\nmemfd:Counter EPERM");
    },
  );
});

it("the example: a parent and its child work in the same memory [A-02]", () => {
  const example = join(import.meta.dirname, "../../examples/dist/child-inheritance/parent.js");
  const run = spawnSync(process.execPath, [example, "5000"], { encoding: "utf8", timeout: 60_000 });
  expect(run.stderr).toBe("");
  const [made, worked, done] = run.stdout.split("\n");
  expect(made).toMatch(/^memfd:Batch, \d+ bytes, sealed: true$/);
  expect(worked).toMatch(/^process \d+ has worked on 5000 numbers in memfd:Batch$/);
  expect(done).toBe("5000 done, 0 wrong; the child ended with 0");
});

it("a terminated worker leaves no descriptor of an anonymous region [S-09]", async () => {
  const { Worker } = await import("node:worker_threads");
  const before = descriptors();
  const worker = new Worker(
    `const { parentPort } = require("node:worker_threads");
     import(${JSON.stringify(support)}).then(({ Counter }) => {
       globalThis.region = Counter.createAnonymous({ label: "in-worker" });
       globalThis.again = Counter.fromToken(region.token());
       // It lives until it is terminated.
       parentPort.on("message", () => {});
       parentPort.postMessage(region.token());
     });`,
    { eval: true },
  );
  const token = await new Promise<string>((resolve) => worker.once("message", resolve));
  using opened = Counter.fromToken(token);
  await worker.terminate();
  expect(opened.data.count).toBe(0);
  expect(descriptors()).toBeLessThanOrEqual(before + 1);
  expect(codeOf(() => Counter.fromToken(token))).toBe("ERR_SHM_NOT_FOUND");
});
