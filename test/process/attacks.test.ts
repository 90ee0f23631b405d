import { execFileSync, spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { Counter } from "../support/regions/counter.mjs";
import { codeOf, mappedFrom, regionDirectory, startProcess } from "../support/processes/processes.js";

const base = regionDirectory();
const isRoot = process.geteuid?.() === 0;
const asRoot = isRoot ? "" : " (skipped: needs root)";
let directory = "";
let rounds = 0;
beforeEach(() => {
  rounds += 1;
  directory = join(base, `d${rounds}`);
  fs.mkdirSync(directory, { mode: 0o700 });
});
const open = (): string => codeOf(() => Counter.createOrOpen("x", { directory, timeoutMs: 300 }).close());
const path = (): string => join(directory, "x");

describe("files that are not what they should be", () => {
  it("a symbolic link is never followed [fault 26]", () => {
    const target = join(directory, "target");
    fs.writeFileSync(target, "precious");
    fs.symlinkSync(target, path());
    expect(open()).toBe("ERR_SHM_FOREIGN");
    expect(fs.readFileSync(target, "utf8")).toBe("precious");
    fs.rmSync(path());
    fs.symlinkSync(join(directory, "nowhere"), path());
    expect(open()).toBe("ERR_SHM_FOREIGN");
    expect(fs.existsSync(join(directory, "nowhere"))).toBe(false);
  });

  it("a hard link is refused [fault 28]", () => {
    const other = join(directory, "other");
    fs.writeFileSync(other, "", { mode: 0o600 });
    fs.linkSync(other, path());
    expect(open()).toBe("ERR_SHM_FOREIGN");
    expect(fs.statSync(other).size).toBe(0);
  });

  it("FIFO, socket, directory and device are refused at once [fault 29]", () => {
    const start = performance.now();
    execFileSync("mkfifo", ["-m", "600", path()]);
    expect(open()).toBe("ERR_SHM_FOREIGN");
    expect(codeOf(() => Counter.openReadOnly("x", { directory }))).toBe("ERR_SHM_FOREIGN");
    fs.rmSync(path());
    fs.mkdirSync(path());
    expect(open()).toBe("ERR_SHM_FOREIGN");
    fs.rmdirSync(path());
    const server = `require("net").createServer().listen(${JSON.stringify(path())}, () => process.kill(process.pid, "SIGKILL"))`;
    spawnSync(process.execPath, ["-e", server]);
    expect(fs.statSync(path()).isSocket()).toBe(true);
    expect(open()).toBe("ERR_SHM_FOREIGN");
    fs.rmSync(path());
    if (isRoot && spawnSync("mknod", [path(), "c", "1", "3"]).status === 0)
      expect(open()).toMatch(/FOREIGN|PERMISSION/);
    // A FIFO that is opened like a file waits for ever.
    expect(performance.now() - start).toBeLessThan(60_000);
  });

  it("a file that others may write to is refused [N-30, fault 31]", () => {
    for (const mode of [0o666, 0o620, 0o602]) {
      fs.writeFileSync(path(), "");
      fs.chmodSync(path(), mode);
      expect(open(), mode.toString(8)).toBe("ERR_SHM_PERMISSION");
      fs.rmSync(path());
    }
  });

  it.skipIf(!isRoot)(`a file planted by another user is refused, alive or not${asRoot} [N-30, fault 30]`, () => {
    fs.writeFileSync(path(), "", { mode: 0o600 });
    fs.chownSync(path(), 65534, 65534);
    expect(open()).toBe("ERR_SHM_PERMISSION");
    expect(fs.statSync(path()).size).toBe(0);
  });

  it.skipIf(!isRoot)(`a directory of another user is refused${asRoot} [N-28, fault 27]`, () => {
    fs.chownSync(directory, 65534, 65534);
    expect(open()).toBe("ERR_SHM_PERMISSION");
    expect(fs.readdirSync(directory)).toEqual([]);
  });

  it("a directory that is a link, a file, or open to others is refused [N-26, faults 27 31]", () => {
    const link = join(base, `link${rounds}`);
    fs.symlinkSync(directory, link);
    expect(codeOf(() => Counter.createOrOpen("x", { directory: link }))).toMatch(/^ERR_SHM_(FOREIGN|PERMISSION)$/);
    const file = join(base, `file${rounds}`);
    fs.writeFileSync(file, "");
    expect(codeOf(() => Counter.createOrOpen("x", { directory: file }))).toBe("ERR_SHM_PERMISSION");
    fs.chmodSync(directory, 0o777);
    expect(open()).toBe("ERR_SHM_PERMISSION");
    fs.chmodSync(directory, 0o700);
    expect(codeOf(() => Counter.createOrOpen("x", { directory: `${directory}/missing/missing` }))).toBe(
      "ERR_SHM_NOT_FOUND",
    );
  });
});

describe("rights and limits of the system", () => {
  it("files are 0600 and directories 0700 under every umask [N-24, fault 32]", async () => {
    for (const mask of [0o000, 0o022, 0o077, 0o277, 0o777]) {
      const child = await startProcess();
      const modes = await child.run(
        ({ Counter, fs }, where, umask) => {
          process.umask(umask);
          const region = Counter.createOrOpen("masked", { directory: where });
          const seen = [where, `${where}/masked`].map((path) => (fs.statSync(path).mode & 0o7777).toString(8));
          region.close();
          return seen;
        },
        join(base, `mask-${mask}`),
        mask,
      );
      expect(modes, mask.toString(8)).toEqual(["700", "600"]);
      await child.kill();
    }
  });

  it.skipIf(!isRoot)(`what a process left behind that died under a strict umask is mended${asRoot} [fault 32]`, () => {
    // As nobody, because root may open a file without any mode.
    const script = `
      const { Counter } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
      const fs = await import("node:fs");
      fs.mkdirSync(process.argv[1] + "/own", { mode: 0o000 });
      Counter.createOrOpen("x", { directory: process.argv[1] + "/own" }).close();
      fs.closeSync(fs.openSync(process.argv[1] + "/own/x", "wx", 0o000));
      const region = Counter.createOrOpen("x", { directory: process.argv[1] + "/own" });
      console.log(region.outcome);`;
    fs.chmodSync(base, 0o711);
    fs.chownSync(directory, 65534, 65534);
    const nobody = ["--reuid=65534", "--regid=65534", "--clear-groups", process.execPath];
    const { stdout, stderr } = spawnSync("setpriv", [...nobody, "--input-type=module", "-e", script, directory], {
      encoding: "utf8",
    });
    expect(stdout + stderr).toBe("created\n");
  });

  it.skipIf(!isRoot)(
    `a full tmpfs: typed error with numbers, file removed, the process lives${asRoot} [fault 33]`,
    ({ skip }) => {
      const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", directory]);
      if (mounted.status !== 0) skip("mounting is not allowed here");
      try {
        const tail = { timeoutMs: 300, directory, mapping: "wasm" as const };
        fs.writeFileSync(join(directory, "filler"), Buffer.alloc(65536 - 2048));
        let message = "";
        try {
          Counter.createOrOpen("x", tail);
        } catch (error) {
          message = `${(error as { code: string }).code} ${(error as Error).message}`;
        }
        expect(message).toMatch(/^ERR_SHM_NO_SPACE .*errno=ENOSPC .*size=4096 path=.*enlarge/);
        expect(fs.existsSync(path())).toBe(false);
        expect(mappedFrom(directory)).toEqual([]);
        fs.rmSync(join(directory, "filler"));
        expect(open()).toBe("none");
      } finally {
        spawnSync("umount", [directory]);
      }
    },
  );

  it.skipIf(!isRoot)(`a read-only file system is a typed error${asRoot} [fault 38]`, ({ skip }) => {
    if (spawnSync("mount", ["-t", "tmpfs", "-o", "ro,mode=700", "tmpfs", directory]).status !== 0) {
      skip("mounting is not allowed here");
    }
    try {
      expect(open()).toBe("ERR_SHM_PERMISSION");
    } finally {
      spawnSync("umount", [directory]);
    }
  });

  it("too many open files: typed error, nothing leaked [fault 36]", () => {
    const script = `
      const { Counter } = await import(${JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"))});
      const fs = await import("node:fs");
      Counter.createOrOpen("warm").close();
      const held = [];
      try { for (;;) held.push(fs.openSync("/dev/null")); } catch {}
      const codes = [];
      for (let free = 0; free < 4; free += 1) {
        try { Counter.createOrOpen("x").close(); codes.push("none"); } catch (error) { codes.push(error.code + " " + error.errno); }
        fs.closeSync(held.pop());
      }
      const before = held.length;
      try { for (;;) held.push(fs.openSync("/dev/null")); } catch {}
      console.log(codes.join(), held.length - before);`;
    const { stdout, stderr } = spawnSync(
      "sh",
      ["-c", 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      { encoding: "utf8" },
    );
    // Directory and file need one descriptor each; closing needs the directory again.
    expect(stdout + stderr).toMatch(/^ERR_SHM_SYSCALL EMFILE,(ERR_SHM_SYSCALL EMFILE,)?none,none(,none)? 4\n$/);
  });
});
