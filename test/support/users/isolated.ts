import { spawnSync } from "node:child_process";
import { join } from "node:path";

const checkout = join(import.meta.dirname, "../../..");

/** /dev/shm and /tmp are empty and our own in there; the checkout and Node, wherever they are, are in /mnt. */
const mounts = (tmpMode: string): string =>
  `mount -t tmpfs tmpfs /mnt && mkdir /mnt/checkout && mount --bind "$0" /mnt/checkout && ` +
  `touch /mnt/node && mount --bind "$1" /mnt/node && shift && set -- /mnt/node "$@" && ` +
  `mount -t tmpfs -o mode=1777 tmpfs /dev/shm && mount -t tmpfs -o mode=${tmpMode} tmpfs /tmp`;

/** Runs a shell command in a mount namespace of its own. `$1` is Node, `$2` and so on are `args`. Needs root. */
export function isolated(
  command: string,
  args: readonly string[] = [],
  tmpMode = "1777",
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const script = `${mounts(tmpMode)} && ${command}`;
  const options = { encoding: "utf8" as const, timeout: 110_000 };
  return spawnSync("unshare", ["-m", "sh", "-c", script, checkout, process.execPath, ...args], options);
}

/** False where that, or being another user, is not possible. */
export const canIsolate =
  process.geteuid?.() === 0 && isolated("setpriv --reuid=64001 --clear-groups true").status === 0;
