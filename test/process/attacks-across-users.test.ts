import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, it } from "vitest";

const isRoot = process.geteuid?.() === 0;
/** /dev/shm and /tmp are empty and our own in there; the checkout, wherever it is, is at /mnt/checkout. */
const INSIDE =
  `mount -t tmpfs tmpfs /mnt && mkdir /mnt/checkout && mount --bind "$1" /mnt/checkout && ` +
  `mount -t tmpfs -o mode=1777 tmpfs /dev/shm && mount -t tmpfs -o mode=1777 tmpfs /tmp`;
const checkout = join(import.meta.dirname, "../..");
const works =
  isRoot &&
  spawnSync("unshare", ["-m", "sh", "-c", `${INSIDE} && setpriv --reuid=64001 --clear-groups true`, "sh", checkout])
    .status === 0;
const title = works ? "" : " (skipped: needs root, unshare and setpriv)";

/** One line of attacks.mjs. */
interface Trial {
  readonly kind: "attack" | "control";
  readonly name: string;
  readonly result: unknown;
  readonly ms: number;
}

it.skipIf(!works)(
  `figure 14 faults 26 27 28 29 30 31 87 88 attacks of one user on another: none succeeds, none makes anybody hang${title}`,
  () => {
    const script = `${INSIDE} && exec "$2" /mnt/checkout/test/support/attacks.mjs /mnt/checkout`;
    const args = ["-m", "sh", "-c", script, "sh", checkout, process.execPath];
    const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8", timeout: 110_000 });
    const trials = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Trial);
    const attacks = trials.filter(({ kind }) => kind === "attack");
    expect(stderr).toBe("");
    expect(trials.filter(({ result }) => result !== true)).toEqual([]);
    expect(trials.filter(({ ms }) => ms > 20_000)).toEqual([]);
    expect(attacks.length).toBeGreaterThanOrEqual(20);
    expect(trials.length - attacks.length).toBeGreaterThanOrEqual(9);
    console.log(
      `figure 14: ${attacks.length} attacks tried, 0 succeeded; ${trials.length - attacks.length} controls work`,
    );
  },
);
