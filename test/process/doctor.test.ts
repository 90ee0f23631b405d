import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import { type Check, checkEnvironment } from "@shmgen/runtime/doctor";
import { CLI } from "../cli/run-cli.js";
import { Counter } from "../support/regions/counter.mjs";
import { regionDirectory, stateOf, until } from "../support/processes/processes.js";
import { ownDirectory, straceWorks } from "../support/syscalls/strace.js";

const base = regionDirectory();
const folder = fs.mkdtempSync(join(tmpdir(), "shmgen-doctor-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
const mountsWork = works("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", folder);
const namespacesWork = works("unshare", "--pid", "--fork", "--mount-proc", "true");
const isRoot = process.geteuid?.() === 0;
const traced = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
const mounted = mountsWork ? "" : " (skipped: needs the right to mount)";
const namespaced = namespacesWork ? "" : " (skipped: needs the right to make namespaces)";
const rooted = isRoot ? "" : " (skipped: needs root)";

const SUPPORT = join(import.meta.dirname, "../support");
const shim = join(folder, "shim.so");
const compiled = works("gcc", "-shared", "-fPIC", "-o", shim, join(SUPPORT, "c/libc-shim.c"), "-ldl");
const shimmed = compiled ? "" : " (skipped: needs gcc)";

interface Conditions {
  /** Of the doctor, and of examine.mjs. */
  readonly options?: {
    readonly directory?: string;
    readonly root?: string;
    readonly euid?: number;
    readonly door?: string;
    readonly only?: readonly string[];
  };
  /** A command that runs the one behind it, such as `prlimit --nofile=30`. */
  readonly under?: readonly string[];
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What was said about each check when it was not well. */
const seen = new Set<string>();

/** The doctor's word on one check, in a process of its own under these conditions. */
function examine(id: string, conditions: Conditions = {}): Check {
  return found(id, everything({ ...conditions, options: { ...conditions.options, only: [id] } }));
}

function everything({ options = {}, under = [], node = [], env = {} }: Conditions): Check[] {
  const argument = JSON.stringify({ directory: ownDirectory(base), ...options });
  const [command = "", ...args] = [
    ...under,
    process.execPath,
    ...node,
    join(SUPPORT, "processes/examine.mjs"),
    argument,
  ];
  const run = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env }, timeout: 60_000 });
  expect(run.status, `${command} ${args.join(" ")}\n${run.stderr}`).toBe(0);
  return JSON.parse(run.stdout) as Check[];
}

function found(id: string, checks: readonly Check[]): Check {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  if (check.status === "problem" || check.status === "warning") {
    seen.add(id);
    // Whoever is warned is told what to do, with nothing left to fill in.
    expect(check.expected).toBeTruthy();
    expect(check.remedy).toBeTruthy();
    expect(JSON.stringify(check)).not.toMatch(/[^\w]\{\w+\}/);
  }
  return check;
}

/** Node runs this before the doctor. */
const before = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
const replace = (what: string, value: string): string[] =>
  before(`Object.defineProperty(${what}, { value: ${value} })`);
const inject = (calls: string): string[] => ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `inject=${calls}`];
const inMounts = (script: string): string[] => ["unshare", "-m", "sh", "-ec", `${script}; exec "$@"`, "sh"];
const withShim = (name: string): Conditions => ({ env: { LD_PRELOAD: shim, SHIM: name } });

describe("doctor", () => {
  it("finds nothing wrong here, says it in plain data, and leaves nothing behind", async () => {
    const directory = ownDirectory(base);
    const region = Counter.createOrOpen("open", { directory });
    const before = fs.readdirSync(directory);
    const checks = await checkEnvironment({ directory });
    expect(fs.readdirSync(directory)).toEqual(before);
    region.close();
    expect(checks.length).toBe(29);
    expect(structuredClone(checks)).toEqual(checks);
    const others = checks.filter(({ status }) => status !== "ok");
    console.log(`not ok here: ${others.map(({ id, status, found }) => `${id} ${status} (${found})`).join(", ")}`);
    expect(others.filter(({ status }) => status === "problem")).toEqual([]);
  });

  it("leaves neither files nor processes behind when it is killed", async () => {
    const directory = ownDirectory(base);
    // Its children, one after another: one holds a lock, one sleeps, one adds. As soon as there is the one that is asked
    // for, the doctor names it and all before it, and stands still, so that this child meets the doctor's end at work.
    const standAt = (nth: number): string[] =>
      before(`
        import childProcess from "node:child_process";
        import { writeSync } from "node:fs";
        import { syncBuiltinESMExports } from "node:module";
        const { spawn } = childProcess;
        const pids = [];
        childProcess.spawn = (...args) => {
          const child = spawn(...args);
          if (pids.push(child.pid) === ${nth}) {
            writeSync(1, pids.join(" ") + "\\n");
            process.kill(process.pid, "SIGSTOP");
          }
          return child;
        };
        syncBuiltinESMExports();`);
    const script = join(SUPPORT, "processes/examine.mjs");
    for (let nth = 1; nth <= 3; nth += 1) {
      const args = [...standAt(nth), script, JSON.stringify({ directory })];
      const doctor = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
      const [line]: unknown[] = await once(doctor.stdout, "data");
      const children = String(line).trim().split(" ").map(Number);
      expect(children.length, `what it printed: ${String(line)}`).toBe(nth);
      // The youngest has begun its work.
      await sleep(200);
      doctor.kill("SIGKILL");
      await once(doctor, "exit");
      for (const child of children)
        await until(() => /^(gone|Z)$/.test(stateOf(child)), `end of child ${child}, ${nth}`);
      expect(fs.readdirSync(directory)).toEqual([]);
    }
  });

  it("makes no directory that is not there yet", () => {
    const directory = join(ownDirectory(base), "later");
    expect(examine("directory", { options: { directory } })).toMatchObject({ status: "ok" });
    expect(fs.existsSync(directory)).toBe(false);
  });
});

describe("Node and its flags", () => {
  it("doctor node-version: an old release is a problem, one without support a warning", () => {
    const version = (node: string): string[] =>
      replace(`process, "versions"`, `{ ...process.versions, node: "${node}" }`);
    expect(examine("node-version", { node: version("18.20.8") })).toMatchObject({
      status: "problem",
      found: "18.20.8",
    });
    expect(examine("node-version", { node: version("20.18.3") })).toMatchObject({ status: "problem" });
    expect(examine("node-version", { node: version("23.1.0") })).toMatchObject({ status: "warning" });
    expect(examine("node-version")).toMatchObject({ status: "ok", found: process.versions.node });
  });

  it("doctor platform: elsewhere than on Linux nothing that needs it is tried", () => {
    const checks = everything({ node: replace(`process, "platform"`, `"darwin"`) });
    expect(found("platform", checks)).toMatchObject({ status: "problem", found: "darwin" });
    expect(found("koffi", checks)).toMatchObject({ status: "skipped", found: "needs Linux" });
    expect(checks.filter(({ status }) => status === "problem").length).toBe(1);
  });

  it("doctor processor: one without a number for futex, and one that is big-endian", () => {
    expect(examine("processor", { node: replace(`process, "arch"`, `"s390x"`) })).toMatchObject({ status: "problem" });
    const code = `import os from "node:os"; import { syncBuiltinESMExports } from "node:module";
      os.endianness = () => "BE"; syncBuiltinESMExports();`;
    expect(examine("processor", { node: before(code) }).found).toContain("big-endian");
  });

  it("doctor permission-model: names what Node denies, and skips what it cannot look at [fault 86]", () => {
    const flag = process.allowedNodeEnvironmentFlags.has("--permission") ? "--permission" : "--experimental-permission";
    const root = join(import.meta.dirname, "../..");
    const checks = everything({ node: ["--no-warnings", flag, `--allow-fs-read=${root}/*`] });
    const denied = found("permission-model", checks);
    expect(denied).toMatchObject({ status: "problem" });
    expect(denied.found).toMatch(/denied: fs\.read .*fs\.write .*worker, addons/);
    expect(found("koffi", checks)).toMatchObject({ status: "problem" });
    expect(found("proc", checks)).toMatchObject({ status: "skipped", found: "Node's permission model denies it" });
    const all = ["--allow-fs-read=*", "--allow-fs-write=*", "--allow-addons", "--allow-worker"];
    expect(examine("permission-model", { node: ["--no-warnings", flag, ...all] })).toMatchObject({ status: "ok" });
  });

  it("doctor koffi: its absence is told, and the checks without it go on [fault 84]", () => {
    const lib = join(folder, "no-koffi");
    fs.cpSync(join(import.meta.dirname, "../../runtime/lib"), lib, { recursive: true });
    fs.writeFileSync(join(lib, "package.json"), `{ "type": "module" }`);
    const conditions = { options: { door: join(lib, "doctor.js") } };
    const checks = everything(conditions);
    expect(found("koffi", checks)).toMatchObject({ status: "problem", found: "Cannot find module 'koffi'" });
    expect(found("koffi", checks).remedy).toContain("--omit=optional");
    expect(found("flock", checks)).toMatchObject({ status: "skipped", found: "needs koffi" });
    expect(found("shm-space", checks)).toMatchObject({ status: "ok" });

    // As `npm install --omit=optional` leaves it: koffi without its binaries.
    const koffi = join(lib, "node_modules/koffi");
    fs.cpSync(join(import.meta.dirname, "../../node_modules/koffi"), koffi, { recursive: true });
    const bare = examine("koffi", conditions);
    expect(bare.status).toBe("problem");
    fs.rmSync(koffi, { recursive: true });

    fs.mkdirSync(koffi);
    const real = join(import.meta.dirname, "../../node_modules/koffi");
    const code = `module.exports = { ...require(${JSON.stringify(real)}), version: "2.16.0" };`;
    fs.writeFileSync(join(koffi, "index.js"), code);
    expect(examine("koffi", conditions)).toMatchObject({ status: "warning", found: "2.16.0" });
  });

  it("doctor external-buffers: under Electron no view is tried [fault 83]", () => {
    const node = replace(`process, "versions"`, `{ ...process.versions, electron: "42.0.0" }`);
    const checks = everything({ node });
    expect(found("external-buffers", checks)).toMatchObject({ status: "warning", found: "Electron 42.0.0" });
    expect(found("view-mapping", checks)).toMatchObject({ status: "skipped" });
    expect(found("wasm-memory", checks)).toMatchObject({ status: "ok" });
  });
});

describe("memory", () => {
  it.skipIf(!compiled)(`doctor wasm-memory: a file that cannot be mapped over it${shimmed}`, () => {
    const checks = everything(withShim("no-wasm"));
    expect(found("wasm-memory", checks)).toMatchObject({ status: "problem", found: "mmap: ENOMEM" });
    expect(found("view-mapping", checks)).toMatchObject({ status: "ok" });
  });

  it("doctor wasm-memory: without address space for it the mapping falls back to views", () => {
    const node = before("WebAssembly.Memory = class { constructor() { throw new RangeError('no memory'); } }");
    expect(examine("wasm-memory", { node })).toMatchObject({ status: "warning", found: "RangeError: no memory" });
  });

  it.skipIf(!compiled)(`doctor view-mapping: a file that cannot be mapped${shimmed}`, () => {
    const checks = everything(withShim("no-view"));
    expect(found("view-mapping", checks)).toMatchObject({ status: "problem", found: "mmap: ENOMEM" });
    expect(found("wasm-memory", checks)).toMatchObject({ status: "ok" });
  });

  it.skipIf(!compiled)(`doctor wasm-memory view-mapping: shared mappings that are not${shimmed}`, () => {
    const checks = everything(withShim("private"));
    for (const id of ["wasm-memory", "view-mapping"]) {
      expect(found(id, checks)).toMatchObject({ status: "problem", expected: "memory and file are the same" });
    }
    expect(found("futex", checks)).toMatchObject({ status: "skipped", found: "needs mapped files" });
  });

  it.skipIf(!straceWorks)(`doctor memfd: denied by a sandbox, or unknown to the kernel${traced} [fault 89]`, () => {
    for (const errno of ["EPERM", "ENOSYS"]) {
      const check = examine("memfd", { under: inject(`memfd_create:error=${errno}`) });
      expect(check).toMatchObject({ status: "warning", found: `memfd_create: ${errno}` });
    }
    // A kernel before 6.3 refuses the flag that it does not know.
    const old = examine("memfd", { under: inject("memfd_create:error=EINVAL:when=1") });
    expect(old).toMatchObject({ status: "warning", found: "works, without MFD_NOEXEC_SEAL" });
  });

  it.skipIf(!compiled)(`doctor memfd: seals that do not hold${shimmed}`, () => {
    expect(examine("memfd", withShim("no-seals"))).toMatchObject({ status: "warning", expected: "seals hold" });
  });

  const noexec = "/proc/sys/vm/memfd_noexec";
  const hasNoexec = namespacesWork && fs.existsSync(noexec);
  it.skipIf(!hasNoexec)(
    `doctor memfd: works where vm.memfd_noexec forbids executable ones${namespaced} [fault 91]`,
    () => {
      const under = ["unshare", "--pid", "--fork", "--mount-proc", "sh", "-ec", `echo 2 > ${noexec}; exec "$@"`, "sh"];
      expect(examine("memfd", { under })).toMatchObject({ status: "ok" });
      const plain = [
        process.execPath,
        "-e",
        "process.exit(require('koffi').load(null).func('memfd_create', 'int', ['str', 'uint'])('x', 17) < 0 ? 9 : 0)",
      ];
      // The setting is that of the namespace, and it bites: MFD_EXEC is refused.
      expect(spawnSync(under[0] ?? "", [...under.slice(1), ...plain]).status).toBe(9);
    },
  );
});

describe("two processes", () => {
  it.skipIf(!compiled)(`doctor futex: refused, or deaf${shimmed}`, () => {
    expect(examine("futex", withShim("no-futex"))).toMatchObject({ status: "problem", found: "futex: ENOSYS" });
    expect(examine("futex", withShim("deaf-futex"))).toMatchObject({ status: "problem", found: "nobody wakes" });
  });

  it.skipIf(!straceWorks)(`doctor futex-waitv: lacking or forbidden${traced}`, () => {
    for (const errno of ["ENOSYS", "EPERM"]) {
      expect(examine("futex-waitv", { under: inject(`futex_waitv:error=${errno}`) })).toMatchObject({
        status: "warning",
      });
    }
  });

  it("doctor atomics-canary: additions that get lost are noticed", () => {
    const node = before(
      "let turn = 0; Atomics.add = (a, i, v) => { const old = a[i]; if ((turn += 1) % 1000 > 0) a[i] = old + v; return old; }",
    );
    expect(examine("atomics-canary", { node })).toMatchObject({ status: "problem", expected: "every addition counts" });
  });
});

describe("file system", () => {
  const disk = fs.statfsSync(folder).type !== 0x01021994;
  it.skipIf(!disk)(`doctor shm-mount: a disk is a warning${disk ? "" : " (skipped: /tmp is a tmpfs)"}`, () => {
    expect(examine("shm-mount", { options: { directory: join(folder, "regions") } })).toMatchObject({
      status: "warning",
    });
  });

  it.skipIf(!straceWorks)(`doctor shm-mount: a network file system is a problem${traced} [fault 39]`, () => {
    // The kernel's answer with another type in it, as NFS has.
    const check = examine("shm-mount", { under: inject("statfs:poke_exit=@arg2=6969000000000000") });
    expect(check.status).toBe("problem");
    expect(check.found).toContain("NFS");
    expect(check.remedy).toContain("NFS");
  });

  it.skipIf(!mountsWork)(`doctor shm-mount: no /dev/shm${mounted}`, () => {
    const keep = join(folder, "null");
    const under = inMounts(
      `: > ${keep}; mount --bind /dev/null ${keep}; mount -t tmpfs none /dev; : > /dev/null; mount --bind ${keep} /dev/null`,
    );
    const directory = `/dev/shm/shmgen-${process.geteuid?.()}`;
    const checks = everything({
      under: [...under, "env", "-u", "SHMGEN_DIR"],
      options: { directory: undefined as never },
    });
    expect(found("shm-mount", checks)).toMatchObject({ status: "problem", found: "there is no /dev/shm" });
    expect(found("directory", checks)).toMatchObject({ status: "problem", found: `${directory}, not there yet` });
  });

  const onTmpfs = (id: string, size: string, fill = ":"): Check => {
    const directory = ownDirectory(base);
    const under = inMounts(`mount -t tmpfs -o mode=0700,${size} none ${directory}; cd ${directory}; ${fill}; cd /`);
    return examine(id, { under, options: { directory } });
  };

  it.skipIf(!mountsWork)(
    `doctor shm-space: the 64 MiB of a container, with the container hint${mounted} [fault 34]`,
    () => {
      const check = onTmpfs("shm-space", "size=64m");
      expect(check).toMatchObject({ status: "warning", found: "64 MiB free of 64 MiB" });
      expect(check.remedy).toContain("--shm-size");
    },
  );

  it.skipIf(!mountsWork)(`doctor shm-space: full, and nearly full${mounted} [fault 33]`, () => {
    expect(onTmpfs("shm-space", "size=64k")).toMatchObject({ status: "problem", found: "64 KiB free of 64 KiB" });
    const low = onTmpfs("shm-space", "size=200m", "fallocate -l 190m filler");
    expect(low).toMatchObject({ status: "warning", expected: "a tenth free" });
    expect(onTmpfs("shm-space", "size=0")).toMatchObject({ status: "ok", found: "unlimited" });
  });

  it.skipIf(!mountsWork)(`doctor shm-inodes: few left, and none${mounted}`, () => {
    expect(onTmpfs("shm-inodes", "nr_inodes=50")).toMatchObject({ status: "warning", found: "49 more, of 50" });
    expect(onTmpfs("shm-inodes", "nr_inodes=1")).toMatchObject({ status: "problem", found: "0 more, of 1" });
    expect(onTmpfs("shm-inodes", "nr_inodes=0")).toMatchObject({ status: "ok", found: "unlimited" });
  });

  it.skipIf(!straceWorks)(`doctor flock: refused, not exclusive, and kept after death${traced}`, () => {
    const flock = (calls: string): Check => examine("flock", { under: inject(`flock:${calls}`) });
    expect(flock("error=ENOLCK")).toMatchObject({ status: "problem", found: "flock: ENOLCK" });
    expect(flock("retval=0")).toMatchObject({ status: "problem", expected: "one exclusive lock at a time" });
    expect(flock("retval=0:when=3")).toMatchObject({ status: "problem", expected: "one exclusive lock at a time" });
    expect(flock("error=EAGAIN:when=4")).toMatchObject({ status: "problem", found: "still locked" });
  });

  it.skipIf(!straceWorks)(`doctor fallocate: refused, and promises that are not kept${traced}`, () => {
    const fallocate = (calls: string): Check => examine("fallocate", { under: inject(`fallocate:${calls}`) });
    expect(fallocate("error=ENOSPC")).toMatchObject({ status: "problem", found: "posix_fallocate: ENOSPC" });
    expect(fallocate("retval=0")).toMatchObject({ status: "problem", found: "0 of 65536 bytes reserved" });
    const lax = fallocate("retval=0:when=2");
    expect(lax).toMatchObject({ status: "problem", expected: "ENOSPC for more than the file system has" });
  });
});

describe("directory", () => {
  const at = (prepare: (path: string) => void): Check => {
    const directory = join(ownDirectory(base), "regions");
    prepare(directory);
    return examine("directory", { options: { directory } });
  };

  it("doctor directory: no parent, a link, a file, and access for others", () => {
    expect(examine("directory", { options: { directory: join(base, "no/where") } }).remedy).toBe(`mkdir -p ${base}/no`);
    expect(at((path) => fs.symlinkSync(base, path)).found).toContain("is a link");
    expect(at((path) => fs.writeFileSync(path, "")).found).toContain("is no directory");
    const exposed = at((path) => {
      fs.mkdirSync(path);
      fs.chmodSync(path, 0o777);
    });
    expect(exposed).toMatchObject({ status: "problem", expected: "mode 0755 or stricter" });
  });

  it.skipIf(!isRoot)(`doctor directory: that of another user is not touched${rooted}`, () => {
    const directory = ownDirectory(base);
    fs.chownSync(directory, 12345, 12345);
    const checks = everything({ options: { directory } });
    expect(found("directory", checks)).toMatchObject({ status: "problem", expected: "user 0" });
    expect(found("flock", checks).found).toContain("no file can be made there");
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it.skipIf(!mountsWork)(`doctor directory: a file system that is read-only${mounted}`, () => {
    const directory = ownDirectory(base);
    const under = inMounts(`mount --bind ${directory} ${directory}; mount -o remount,ro,bind ${directory}`);
    expect(examine("directory", { under, options: { directory } })).toMatchObject({
      status: "problem",
      expected: "new files can be made",
    });
  });

  it("doctor umask: one that takes the owner's rights [fault 32]", () => {
    const check = examine("umask", { under: ["sh", "-c", `umask 0777; exec "$@"`, "sh"] });
    expect(check).toMatchObject({ status: "warning", found: "0777" });
    expect(examine("umask", { under: ["sh", "-c", `umask 0077; exec "$@"`, "sh"] })).toMatchObject({ status: "ok" });
  });

  it("doctor stale-regions: many that nobody has open, and not those that somebody has", () => {
    const directory = ownDirectory(base);
    const region = Counter.createOrOpen("open", { directory });
    expect(examine("stale-regions", { options: { directory } }).found).toMatch(/none|elsewhere/);
    for (let count = 0; count < 101; count += 1) fs.writeFileSync(join(directory, `left-${count}`), "");
    const check = examine("stale-regions", { options: { directory } });
    region.close();
    // In a container it cannot be told.
    if (check.status === "skipped") return;
    expect(check).toMatchObject({ status: "warning", found: "101 of 102 files, 0 bytes" });
  });
});

describe("limits", () => {
  it("doctor address-space: room for few mappings, and for none", () => {
    const limited = (gib: number): Check => examine("address-space", { under: ["prlimit", `--as=${gib * 2 ** 30}`] });
    expect(limited(6)).toMatchObject({ status: "warning", found: '6 GiB, room for 0 mappings "wasm"' });
    expect(limited(40)).toMatchObject({ status: "warning", found: '40 GiB, room for 3 mappings "wasm"' });
  });

  const over = (path: string, value: string): readonly string[] => {
    const file = join(folder, "value");
    fs.writeFileSync(file, value);
    return inMounts(`mount --bind ${file} ${path}`);
  };

  it.skipIf(!mountsWork)(`doctor address-space: a small vm.max_map_count${mounted}`, () => {
    const check = examine("address-space", { under: over("/proc/sys/vm/max_map_count", "1000\n") });
    expect(check).toMatchObject({ status: "warning", found: "unlimited, 1000 mappings" });
  });

  it("doctor open-files: room for few, and for none [fault 36]", () => {
    expect(examine("open-files", { under: ["prlimit", "--nofile=100"] })).toMatchObject({ status: "warning" });
    expect(examine("open-files", { under: ["prlimit", "--nofile=32"] })).toMatchObject({ status: "problem" });
  });

  it("doctor file-size: a limit that regions may meet [fault 93]", () => {
    expect(examine("file-size", { under: ["prlimit", "--fsize=1048576"] })).toMatchObject({
      status: "warning",
      found: "1 MiB",
    });
    expect(examine("file-size", { under: ["prlimit", "--fsize=4096"] })).toMatchObject({ status: "problem" });
  });

  it.skipIf(!mountsWork)(`doctor protected-sysctls: switched off, and on${mounted}`, () => {
    const [on, off] = [join(folder, "on"), join(folder, "off")];
    fs.writeFileSync(on, "1\n");
    fs.writeFileSync(off, "0\n");
    const settings = (links: string): Check => {
      const under = inMounts(
        `for one in symlinks hardlinks; do mount --bind ${links} /proc/sys/fs/protected_$one; done`,
      );
      return examine("protected-sysctls", { under });
    };
    expect(settings(off)).toMatchObject({ status: "warning", found: "symlinks=0 hardlinks=0" });
    expect(settings(on)).toMatchObject({ status: "ok" });
  });
});

describe("systemd", () => {
  /** A root folder with these files, where systemd runs. */
  const rootWith = (files: Readonly<Record<string, string>>): string => {
    const root = fs.mkdtempSync(join(folder, "root-"));
    // Another user looks into it.
    for (const path of [folder, root]) fs.chmodSync(path, 0o755);
    fs.mkdirSync(join(root, "run/systemd/system"), { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      fs.mkdirSync(dirname(join(root, path)), { recursive: true });
      fs.writeFileSync(join(root, path), text);
    }
    return root;
  };
  const USERS = { "etc/passwd": "ada:x:12345:12345::/home/ada:/bin/sh\n", "etc/login.defs": "SYS_UID_MAX\t\t999\n" };

  it.skipIf(!isRoot)(
    `doctor remove-ipc: files of users go at logout, unless somebody sees to it${rooted} [fault 40]`,
    () => {
      const judged = (files: Readonly<Record<string, string>>, euid = 12345, directory = base): Check =>
        examine("remove-ipc", { options: { root: rootWith({ ...USERS, ...files }), euid, directory } });
      expect(judged({})).toMatchObject({ status: "warning", found: "RemoveIPC=yes, by default" });
      const main = { "etc/systemd/logind.conf": "[Login]\n#RemoveIPC=yes\nRemoveIPC=no\n" };
      expect(judged(main)).toMatchObject({ status: "ok", found: "RemoveIPC=no" });
      // A drop-in is stronger than the main file, and one in /etc hides that of the same name elsewhere.
      const late = { ...main, "usr/lib/systemd/logind.conf.d/50-x.conf": "[Other]\n[Login]\nRemoveIPC = true\n" };
      const warned = judged(late);
      expect(warned).toMatchObject({ status: "warning", found: "RemoveIPC=true" });
      expect(warned.remedy).toContain("usr/lib/systemd/logind.conf.d/50-x.conf");
      expect(judged({ ...late, "etc/systemd/logind.conf.d/50-x.conf": "" })).toMatchObject({ status: "ok" });
      expect(judged({ "var/lib/systemd/linger/ada": "" }).found).toContain("ada lingers");
      expect(judged({}, 998).found).toContain("not for system users");
      expect(judged({}, 12345, "/var/tmp/regions").found).toContain("for /dev/shm alone");
    },
  );

  it("doctor tmp-cleaner: a rule that cleans the directory by age [fault 40]", () => {
    const judged = (files: Readonly<Record<string, string>>, directory = "/tmp/app/regions"): Check =>
      examine("tmp-cleaner", { options: { root: rootWith(files), directory } });
    const tmp = {
      "usr/lib/tmpfiles.d/tmp.conf": "# comment\nq /tmp 1777 root root 10d\nq /var/tmp 1777 root root 30d\n",
    };
    expect(judged(tmp)).toMatchObject({ status: "warning", found: "q /tmp, age 10d" });
    expect(judged(tmp, "/tmpfiles/regions")).toMatchObject({ status: "ok" });
    expect(judged({ ...tmp, "etc/tmpfiles.d/tmp.conf": "" })).toMatchObject({ status: "ok", found: "no rule for it" });
    expect(judged({ ...tmp, "etc/tmpfiles.d/app.conf": "x /tmp/a*\n" })).toMatchObject({ status: "ok" });
    expect(judged({ ...tmp, "etc/tmpfiles.d/app.conf": "d /tmp/app 0755 - - -\n" })).toMatchObject({ status: "ok" });
    const deeper = { ...tmp, "run/tmpfiles.d/app.conf": "e! /tmp/*/regions - - - 1h\n" };
    expect(judged(deeper)).toMatchObject({ status: "warning", found: "e /tmp/*/regions, age 1h" });
  });

  it("doctor remove-ipc tmp-cleaner: without systemd there is nothing to fear", () => {
    const root = fs.mkdtempSync(join(folder, "root-"));
    for (const id of ["remove-ipc", "tmp-cleaner"]) {
      expect(examine(id, { options: { root } })).toMatchObject({ status: "ok", found: "systemd does not run here" });
    }
  });
});

describe("the directory as other processes see it", () => {
  it.skipIf(!mountsWork)(
    `doctor shm-shared: who has regions in another /dev/shm is named, also below an empty list${mounted}`,
    async () => {
      const inside = JSON.stringify(join(SUPPORT, "regions/counter.mjs"));
      const apartMounts = inMounts("mount -t tmpfs -o mode=1777 none /dev/shm");
      // It is in those mounts alone.
      const shm = `/dev/shm/shmgen-apart-${process.pid}`;
      const env = { ...process.env, SHMGEN_DIR: shm };
      const open = `const { Counter } = await import(${inside}); globalThis.kept = Counter.createOrOpen("car");
        console.log("up"); setInterval(() => 0, 1000);`;
      const [command = "", ...args] = apartMounts;
      const other = spawn(command, [...args, process.execPath, "--input-type=module", "-e", open], {
        stdio: ["ignore", "pipe", "inherit"],
        env,
      });
      try {
        await once(other.stdout, "data");
        // In mounts of their own as well, where nobody else has regions.
        const check = examine("shm-shared", { under: apartMounts, options: { directory: shm } });
        expect(check).toMatchObject({
          status: "warning",
          found: `process ${other.pid} (node) of this user keeps regions in another ${shm}`,
        });
        expect(check.remedy).toContain(`nsenter -m -t ${other.pid}`);
        const list = spawnSync(command, [...args, process.execPath, CLI, "list"], { encoding: "utf8", env });
        expect(list.stderr).toBe("");
        expect(list.stdout).toMatch(new RegExp(`^no regions in ${shm}\n`));
        expect(list.stdout.replaceAll("\n", " ")).toContain(
          `But process ${other.pid} (node) of this user keeps regions in another ${shm}: shmgen doctor says what to do.`,
        );
        // A directory that both see is one.
        const shared = fs.mkdtempSync(join(folder, "shared-"));
        fs.writeFileSync(join(shared, "x"), "");
        expect(examine("shm-shared", { under: inMounts("true"), options: { directory: shared } })).toMatchObject({
          status: "ok",
          found: expect.stringMatching(/^the same for \d+ processes of this user/) as unknown,
        });
      } finally {
        other.kill("SIGKILL");
      }
      await once(other, "exit").catch(() => undefined);
      const list = spawnSync(command, [...args, process.execPath, CLI, "list"], { encoding: "utf8", env });
      expect(list.stdout).toMatch(new RegExp(`^no regions in ${shm}\\n`));
      expect(list.stdout).not.toContain("But process");
    },
  );
});

describe("/proc", () => {
  it.skipIf(!mountsWork)(`doctor proc: missing, and with hidden processes${mounted}`, () => {
    expect(examine("proc", { under: inMounts("mount -t tmpfs none /proc") })).toMatchObject({
      status: "warning",
      found: "no /proc",
    });
    const hidden = examine("proc", { under: inMounts("mount -t proc -o hidepid=2 proc /proc") });
    expect(hidden.status).toBe("warning");
    expect(hidden.found).toMatch(/^hidepid=/);
  });

  it.skipIf(!straceWorks)(`doctor proc: /proc/locks is denied${traced}`, () => {
    const under = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      "-P",
      "/proc/locks",
      "-e",
      "inject=openat,open:error=EACCES",
    ];
    expect(examine("proc", { under })).toMatchObject({ status: "warning", found: "/proc/locks cannot be read" });
  });

  it.skipIf(!namespacesWork)(
    `doctor pid-namespace proc: one of its own, with and without its /proc${namespaced} [fault 17]`,
    () => {
      const own = everything({ under: ["unshare", "--pid", "--fork", "--mount-proc"] });
      expect(found("pid-namespace", own)).toMatchObject({ status: "warning" });
      expect(found("proc", own)).toMatchObject({ status: "ok" });
      expect(found("stale-regions", own)).toMatchObject({ status: "skipped" });
      const foreign = examine("proc", { under: ["unshare", "--pid", "--fork"] });
      expect(foreign).toMatchObject({ status: "warning", expected: "/proc of the own pid namespace" });
    },
  );
});

const allTools = straceWorks && mountsWork && namespacesWork && compiled && isRoot;
it.skipIf(!allTools)("doctor: every check has failed in a test above", async () => {
  const ids = (await checkEnvironment({ directory: ownDirectory(base) })).map(({ id }) => id);
  expect([...seen].sort()).toEqual([...ids].sort());
});
