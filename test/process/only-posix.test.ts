/**
 * What Linux shares with other systems of POSIX, without what they have not: statx, memfd_create, renameat2, linkat, futex_waitv and io_uring fail
 * with ENOSYS, and /proc is not mounted. Regions with a name need none of them.
 */
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";

const directory = regionDirectory();
const support = join(import.meta.dirname, "../support");
const COUNTER = new URL("../support/regions/counter.mjs", import.meta.url).href;
const RUNTIME = new URL("../../runtime/lib/index.js", import.meta.url).href;
const shim = join(directory, "..", `${process.pid}-only-posix.so`);

afterAll(() => rmSync(shim, { force: true }));

/** Why it cannot be tried here; empty where it can. */
function obstacle(): string {
  if (process.platform !== "linux") return "this is not Linux";
  if (spawnSync("gcc", ["-shared", "-fPIC", "-o", shim, join(support, "c/libc-shim.c"), "-ldl"]).status !== 0) {
    return "gcc is missing";
  }
  return spawnSync("unshare", ["-m", "umount", "-l", "/proc"]).status === 0 ? "" : "unshare -m needs root";
}

const missing = obstacle();

/** What a script prints, in which `other(code)` is what another process prints. */
function printed(script: string): string {
  const source = `
    import { existsSync } from "node:fs";
    import { spawn, spawnSync } from "node:child_process";
    import { once } from "node:events";
    import { Counter, counterOf, futexOf } from ${JSON.stringify(COUNTER)};
    import * as shm from ${JSON.stringify(RUNTIME)};
    if (existsSync("/proc/self")) throw new Error("/proc is mounted");
    const HEAD = ${JSON.stringify(`import { Counter, counterOf, futexOf } from ${JSON.stringify(COUNTER)};`)};
    const args = (code) => ["--input-type=module", "-e", HEAD + code];
    const other = (code) => spawnSync(process.execPath, args(code), { encoding: "utf8" }).stdout.trim();
    const start = async (code) => {
      const child = spawn(process.execPath, args(code), { stdio: ["ignore", "pipe", "inherit"] });
      await once(child.stdout, "data");
      return child;
    };
    ${script}`;
  const inside = 'umount -l /proc && exec "$0" "$@"';
  const args = ["-m", "sh", "-c", inside, process.execPath, "--input-type=module", "-e", source];
  const env = { ...process.env, LD_PRELOAD: shim, SHIM: "only-posix", SHMGEN_DIR: directory };
  const { status, stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", env, timeout: 60_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

describe.skipIf(missing !== "")(
  `regions without /proc and the calls of Linux${missing && ` (skipped: ${missing})`}`,
  () => {
    it("are made, shared with another process, listed, and removed by the last who leaves", () => {
      const found = printed(`
        const region = Counter.createOrOpen("life");
        region.data.count = 7;
        const seen = other('const r = Counter.open("life"); r.data.addCount(1); console.log(r.data.count); r.close();');
        const second = (() => { try { Counter.create("life"); } catch (error) { return error.code; } })();
        const states = shm.listRegions().map(({ name, state }) => name + " " + state);
        region.close();
        console.log(seen, region.outcome, second, states.join(), shm.listRegions().length);`);
      expect(found).toBe("8 created ERR_SHM_EXISTS life live 0");
    });

    it("are made anew when all who had them were killed, and cleaned", () => {
      const found = printed(`
        const code = 'const r = Counter.createOrOpen("kill"); r.data.count = 41; console.log(1); setInterval(() => {}, 1000)';
        const end = async (child) => { child.kill("SIGKILL"); await once(child, "exit"); };
        await end(await start(code));
        const region = Counter.createOrOpen("kill");
        const { outcome, data } = region;
        const count = data.count;
        region.close();
        await end(await start(code));
        console.log(outcome, count, shm.cleanStale().removed.map(({ name }) => name).join());`);
      expect(found).toBe("reinitialised 0 kill");
    });

    it("are migrated through a file that has a name from the beginning", () => {
      const found = printed(`
        const [Old, New] = [1, 2].map((version) => counterOf({ version, fingerprint: "000000000000000" + version }));
        const old = Old.create("moved", { cleanup: "keep" });
        old.data.count = 5;
        old.close();
        const migrate = [shm.migration(Old, (from, to) => { to.count = from.count + 1; })];
        const region = New.createOrOpen("moved", { migrate });
        console.log(region.outcome, region.data.count);
        region.close();`);
      expect(found).toBe("migrated 6");
    });

    it("wake a waiter of another process, and one that does not block by a thread", () => {
      const found = printed(`
        const region = Counter.createOrOpen("wake");
        const futex = futexOf(region);
        const WORD = 132;
        const code = 'const r = Counter.open("wake"); console.log(1); console.log(futexOf(r).wait(' + WORD + ', 0, 30000)); r.close();';
        const child = await start(code);
        const said = once(child.stdout, "data");
        while (futex.notify(WORD, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        const [text] = await said;
        const pending = futex.waitAsync(WORD, 0, 30_000);
        while (futex.notify(WORD, 1) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        console.log(String(text).trim(), await pending);
        region.close();`);
      expect(found).toBe("ok ok");
    });

    it("what needs /proc, a participant's own open file and memory without a name, says so", () => {
      const found = printed(`
        const why = (call) => { try { call(); return "no error"; } catch (error) { return error.code + " " + /needs \\/proc|neither memfd_create|without \\/proc/.test(error.message); } };
        console.log(why(() => Counter.createAnonymous().token()));`);
      expect(found).toBe("ERR_SHM_UNSUPPORTED true");
    });
  },
);
