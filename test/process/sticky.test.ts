/** Files of other users in a directory that everybody may write to, and machines without /proc. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canIsolate, isolated } from "../support/users/isolated.js";

const title = canIsolate ? "" : " (skipped: needs root, unshare and setpriv)";

/** Sees Old and New, versions 1 and 2 of a struct, and `told`, what an error says. */
const HEAD = `
  const { counterOf } = await import("/mnt/checkout/test/support/regions/counter.mjs");
  const { migration, removeRegion } = await import("/mnt/checkout/runtime/lib/index.js");
  const Old = counterOf({ version: 1 });
  const New = counterOf({ version: 2, fingerprint: "2222222222222222" });
  const migrate = [migration(Old, (old, next) => { next.count = old.count; })];
  const told = (call) => {
    try { call(); return "done"; } catch ({ code, message, path }) { return { code, message, path }; }
  };
  const machine = { scope: "machine" };`;

const as = (uid: number, source: string): string =>
  `setpriv --reuid=${uid} --regid=${uid} --clear-groups "$1" --input-type=module -e '${HEAD}${source}'`;

it.skipIf(!canIsolate)(
  `migrating or removing another user's region in a sticky directory: the error names the reason, the file and who may${title}`,
  () => {
    const { stdout, stderr } = isolated(
      [
        as(64001, `Old.createOrOpen("car", { ...machine, cleanup: "keep" }).close();`),
        as(
          64002,
          `console.log(JSON.stringify([
             told(() => New.createOrOpen("car", { ...machine, migrate })),
             told(() => removeRegion("car", machine)),
           ]));`,
        ),
        as(64002, `Old.createOrOpen("z", { ...machine, cleanup: "keep" }).close();`),
        `setpriv --reuid=64001 --clear-groups sh -c "echo >/dev/shm/shmgen/.migrating-z"`,
        as(64002, `console.log(JSON.stringify([told(() => New.createOrOpen("z", { ...machine, migrate }))]));`),
        // As the error says.
        `setpriv --reuid=64001 --clear-groups rm /dev/shm/shmgen/.migrating-z`,
        as(64002, `console.log(JSON.stringify([New.createOrOpen("z", { ...machine, migrate }).outcome]));`),
        as(64001, `console.log(JSON.stringify([New.createOrOpen("car", { ...machine, migrate }).outcome]));`),
      ].join(" && "),
    );
    expect(stderr).toBe("");
    const what = "the directory is sticky, so nobody but its owner, the file's owner and root may take this name away";
    const refused = (syscall: string, path: string, remedy: string): object => ({
      code: "ERR_SHM_PERMISSION",
      message: `${what}: errno=EPERM syscall=${syscall} fileOwner=64001 path=${path}; let user 64001 or root ${remedy}`,
      path,
    });
    expect(
      stdout
        .trim()
        .split("\n")
        .flatMap((line) => JSON.parse(line) as unknown[]),
    ).toEqual([
      refused("rename", "/dev/shm/shmgen/car", "migrate it, or remove it if nobody needs its data"),
      refused("unlink", "/dev/shm/shmgen/car", "remove it"),
      refused("unlink", "/dev/shm/shmgen/.migrating-z", "remove what a migration left there, then try again"),
      "migrated",
      "migrated",
    ]);
  },
  120_000,
);

const mountsWork = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "none", "/proc"]).status === 0;

it.skipIf(!mountsWork)(
  `without /proc whatever needs it says so, and what to do${mountsWork ? "" : " (skipped: needs the right to mount)"}`,
  () => {
    const support = JSON.stringify(join(import.meta.dirname, "../support/regions/counter.mjs"));
    const runtime = JSON.stringify(join(import.meta.dirname, "../../runtime/lib/index.js"));
    const source = `
      import * as fs from "node:fs";
      import { Counter } from ${support};
      import { sendRegion } from ${runtime};
      const directory = fs.mkdtempSync("/dev/shm/shmgen-test-");
      const told = async (call) => {
        try { await call(); return "done"; } catch ({ code, message }) { return { code, message }; }
      };
      const named = await told(() => Counter.createOrOpen("x", { directory }).close());
      const shared = await told(() => Counter.createOrOpen("y", { directory: directory + "/shared", mode: 0o666 }).close());
      const region = Counter.createOrOpen("x", { directory });
      const results = [
        named,
        shared,
        await told(() => Counter.createAnonymous()),
        await told(() => Counter.attachFd(fs.openSync(directory + "/x", "r+"))),
        await told(() => Counter.receiveRegion(directory + "/socket", { timeoutMs: 200 })),
      ];
      region.close();
      fs.rmSync(directory, { recursive: true });
      console.log(JSON.stringify(results));`;
    const { stdout, stderr } = spawnSync(
      "unshare",
      [
        "-m",
        "sh",
        "-c",
        'mount -t tmpfs none /proc && exec "$0" "$@"',
        process.execPath,
        "--input-type=module",
        "-e",
        source,
      ],
      { encoding: "utf8", timeout: 60_000 },
    );
    expect(stderr).toBe("");
    const [named, shared, ...others] = JSON.parse(stdout) as unknown[];
    expect([named, shared]).toEqual(["done", "done"]);
    expect(others).toHaveLength(3);
    for (const [index, other] of others.entries()) {
      expect(other, String(index)).toEqual({
        code: "ERR_SHM_UNSUPPORTED",
        message: expect.stringMatching(
          /^this needs \/proc, which opens a descriptor again \(\/proc\/self\/fd\), and it is not mounted here: syscall=\w+ path=.*; mount it \(mount -t proc proc \/proc; /,
        ) as unknown,
      });
    }
  },
);
