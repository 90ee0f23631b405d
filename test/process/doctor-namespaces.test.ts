/** What the doctor says of other mounts and pid namespaces, and of /proc. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { CLI } from "../cli/run-cli.js";
import { straceWorks } from "../support/syscalls/strace.js";
import {
  examine,
  everything,
  folder,
  found,
  inMounts,
  mounted,
  mountsWork,
  namespaced,
  namespacesWork,
  SUPPORT,
  traced,
} from "../support/processes/doctor.js";

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
