import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Check, checkEnvironment } from "@shmgen/runtime/doctor";
import { Counter } from "../support/regions/counter.mjs";
import { stateOf, until } from "../support/processes/processes.js";
import { ownDirectory, straceWorks } from "../support/syscalls/strace.js";
import {
  base,
  before,
  compiled,
  examine,
  everything,
  folder,
  found,
  inject,
  inMounts,
  isRoot,
  mounted,
  mountsWork,
  namespaced,
  namespacesWork,
  replace,
  rooted,
  seen,
  shimmed,
  SUPPORT,
  traced,
  withShim,
} from "../support/processes/doctor.js";

describe("doctor", () => {
  it("finds nothing wrong here, says it in plain data, and leaves nothing behind", async () => {
    const directory = ownDirectory(base);
    const region = Counter.createOrOpen("open", { directory });
    const before = fs.readdirSync(directory);
    const checks = await checkEnvironment({ directory });
    expect(fs.readdirSync(directory)).toEqual(before);
    region.close();
    expect(checks.length).toBe(31);
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
    const checks = everything({ node: replace(`process, "platform"`, `"freebsd"`) });
    expect(found("platform", checks)).toMatchObject({ status: "problem", found: "freebsd" });
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
    // Somebody else's file, whatever it says.
    const backwards = { ...tmp, "run/tmpfiles.d/app.conf": "x /tmp/[z-a]pp\ne /tmp/[!z&-]pp/[ - - - 1h\n" };
    expect(judged(backwards)).toMatchObject({ status: "warning", found: "q /tmp, age 10d" });
    const sets = { ...tmp, "run/tmpfiles.d/app.conf": "x /tmp/[!z&-]pp\n" };
    expect(judged(sets)).toMatchObject({ status: "ok" });
  });

  it("doctor remove-ipc tmp-cleaner: without systemd there is nothing to fear", () => {
    const root = fs.mkdtempSync(join(folder, "root-"));
    for (const id of ["remove-ipc", "tmp-cleaner"]) {
      expect(examine(id, { options: { root } })).toMatchObject({ status: "ok", found: "systemd does not run here" });
    }
  });
});

const allTools = straceWorks && mountsWork && namespacesWork && compiled && isRoot;
it.skipIf(!allTools)("doctor: every check has failed in a test above", async () => {
  const ids = (await checkEnvironment({ directory: ownDirectory(base) })).map(({ id }) => id);
  // In doctor-namespaces.test.ts and doctor-containers.test.ts.
  const others = ["pid-namespace", "proc", "shm-shared", "range-locks", "async-waits"];
  expect([...seen, ...others].sort()).toEqual([...ids].sort());
});
