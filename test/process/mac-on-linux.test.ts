/**
 * The platform of macOS, run on Linux: over functions that take what macOS takes and do what Apple's documents say of them. It shows that the
 * platform's parts fit together, and nothing about a Mac.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { regionDirectory } from "../support/processes/processes.js";

const MAC = join(import.meta.dirname, "../support/processes/mac-on-linux.cjs");
const COUNTER = JSON.stringify(new URL("../support/regions/counter.mjs", import.meta.url).href);
const GATES = JSON.stringify(new URL("../support/containers/gates.mjs", import.meta.url).href);
const directory = regionDirectory();

/** What a script prints that runs as on a Mac, or on one that lacks something. */
function onMac(name: string, script: string, fault = ""): string {
  const cache = join(directory, name);
  mkdirSync(cache, { recursive: true });
  const env = { ...process.env, SHMGEN_DIR: "", SHMGEN_TEST_CACHE: cache, SHMGEN_TEST_FAULT: fault };
  const source = `
    import { spawn, spawnSync } from "node:child_process";
    import { once } from "node:events";
    import { Counter, counterOf } from ${COUNTER};
    const run = (code) => [process.execPath, ["--require", ${JSON.stringify(MAC)}, "--input-type=module", "-e",
      "import { Counter, counterOf } from " + ${JSON.stringify(COUNTER)} + ";" + code]];
    ${script}`;
  const args = ["--require", MAC, "--input-type=module", "-e", source];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: "utf8", env, timeout: 60_000 });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return stdout.trim();
}

describe("the platform of macOS over Linux' calls", () => {
  it("makes a region in the user's cache directory, refuses a second one, and takes it away", () => {
    const printed = onMac(
      "life",
      `
      const region = Counter.create("life");
      const second = (() => { try { return Counter.create("life"); } catch (error) { return error.code; } })();
      region.data.count = 7;
      const reader = Counter.open("life");
      console.log(process.platform, second, reader.data.count, region.path.endsWith("life/shmgen-" + process.getuid() + "/life"));
      reader.close();
      region.close();
      region.unlink?.();`,
    );
    expect(printed).toMatch(/^darwin ERR_SHM_(EXISTS|BUSY) 7 true$/);
  });

  it("sees what another process stores, and makes a region anew whose processes were killed", () => {
    const printed = onMac(
      "kills",
      `
      const code = "const r = Counter.createOrOpen('kills'); r.data.count = 41; console.log('ready'); setInterval(() => {}, 1000)";
      const child = spawn(...run(code));
      await once(child.stdout, "data");
      const here = Counter.open("kills");
      const seen = here.data.count;
      here.close();
      child.kill("SIGKILL");
      await once(child, "exit");
      const anew = Counter.createOrOpen("kills");
      console.log(seen, anew.data.count, anew.header.creatorPid === process.pid);
      anew.close();`,
    );
    expect(printed).toBe("41 0 true");
  });

  it("sleeps on a word until another process wakes it, and not on one that has changed", () => {
    const printed = onMac(
      "waits",
      `
      const { futexOf } = await import(${COUNTER});
      const region = Counter.createOrOpen("waits");
      const futex = futexOf(region);
      const changed = futex.wait(132, 1, 1000);
      const late = futex.wait(132, 0, 5);
      const code = "const { futexOf } = await import(" + ${JSON.stringify(COUNTER)} + ");" +
        "const r = Counter.open('waits'); r.data.word = 1; let n = 0; while ((n = futexOf(r).notify(132, 1)) === 0 && r.data.count === 0);" +
        "console.log(n); r.close()";
      const child = spawn(...run(code));
      const woken = futex.wait(132, 0, 30000);
      region.data.count = 1;
      await once(child, "exit");
      console.log(changed, late, woken === "ok" || woken === "not-equal", region.data.word);
      region.close();`,
    );
    expect(printed).toBe("not-equal timed-out true 1");
  });

  it("takes locks by the bytes of participants, and refuses them plainly where a Mac has none", () => {
    const script = `
      const { Gates } = await import(${GATES});
      const said = (work) => { try { return work(); } catch (error) { return error; } };
      const region = Gates.createOrOpen("gates");
      const first = said(() => { region.data.door.lock({ timeoutMs: 1000 }).unlock(); return "locked"; });
      console.log(JSON.stringify(first instanceof Error ? { code: first.code, errno: first.errno, message: first.message } : first));
      region.close();`;
    expect(onMac("gates", script)).toBe('"locked"');
    for (const [fault, errno] of Object.entries({ "no-range-locks": "EINVAL", "unsupported-range-locks": "ENOTSUP" })) {
      const refused = JSON.parse(onMac(fault, script, fault)) as unknown;
      expect(refused).toMatchObject({ code: "ERR_SHM_UNSUPPORTED", errno });
      expect(refused).toMatchObject({
        message: expect.stringContaining("use a newer system and a local file system") as string,
      });
    }
  });
});
