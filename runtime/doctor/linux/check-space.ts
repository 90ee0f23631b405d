/** The file system that the regions lie on: what it is, and what it has room for. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { allocate } from "../../os/linux/blocks.js";
import { UNTRUSTED } from "../../os/linux/file-systems.js";
import { attempt } from "../../os/posix/syscall.js";
import { type Finding, type Surroundings, bytesText } from "../check.js";
import { RESERVED, refusedBy, reservation } from "../posix/check-files.js";
import { withScratch } from "../posix/scratch.js";
import { limitOf } from "./check-limits.js";
import { mountOf } from "./mounts.js";

const TMPFS = 0x01021994;
/** File systems that live in memory. @see statfs(2) */
const IN_MEMORY: ReadonlyMap<number, string> = new Map([
  [TMPFS, "tmpfs"],
  [0x858458f6, "ramfs"],
  [0x958458f6, "hugetlbfs"],
]);

const MIB = 1 << 20;
/** What Docker, containerd and Kubernetes give a container as /dev/shm. */
const CONTAINER_DEFAULT = 64 * MIB;

export function shmMount({ directory, isPrivate }: Surroundings): Finding<"shm-mount"> {
  if (isPrivate && !fs.existsSync(dirname(directory))) return { is: "missing", found: "there is no /dev/shm" };
  const place = existing(directory);
  const type = attempt(place, () => fs.statfsSync(place)).type >>> 0;
  const memory = IN_MEMORY.get(type);
  const mount = mountOf(place);
  const name = memory ?? UNTRUSTED.get(type) ?? mount?.type ?? `type 0x${type.toString(16)}`;
  const found = `${name}${mount === undefined ? "" : ` at ${mount.point}`}`;
  if (UNTRUSTED.has(type)) return { is: "untrusted", found, facts: { type: name } };
  return { is: memory === undefined ? "disk" : "ok", found };
}

export function shmSpace({ directory }: Surroundings): Finding<"shm-space"> {
  const place = existing(directory);
  const { bsize, blocks, bavail } = attempt(place, () => fs.statfsSync(place));
  // A tmpfs with size=0.
  if (blocks === 0) return { is: "ok", found: "unlimited" };
  const total = bsize * blocks;
  const free = bsize * bavail;
  const found = `${bytesText(free)} free of ${bytesText(total)}`;
  const facts = { mount: mountOf(place)?.point ?? place };
  if (free < MIB) return { is: "full", found, facts };
  if (total <= CONTAINER_DEFAULT) return { is: "container", found };
  return { is: free * 10 < total ? "low" : "ok", found, facts };
}

export function shmInodes({ directory }: Surroundings): Finding<"shm-inodes"> {
  const place = existing(directory);
  const { files, ffree } = attempt(place, () => fs.statfsSync(place));
  // tmpfs with nr_inodes=0, btrfs and others.
  if (files === 0) return { is: "ok", found: "unlimited" };
  const found = `${ffree} more, of ${files}`;
  const facts = { mount: mountOf(place)?.point ?? place };
  return { is: ffree < 1 ? "none" : ffree < 100 ? "few" : "ok", found, facts };
}

/** True when the file system says how much it has, and refuses more at once, without taking anything. */
function sizeOfTmpfs(fd: number): number | undefined {
  const { type, bsize, blocks } = fs.statfsSync(`/proc/self/fd/${fd}`);
  return type >>> 0 === TMPFS && blocks > 0 ? bsize * blocks : undefined;
}

export function fallocateHolds(surroundings: Surroundings): Finding<"fallocate"> {
  return withScratch(surroundings, 0, (file) => {
    const { fd, path } = file;
    const own = reservation(file);
    // More than there is at all, which tmpfs refuses at once. Elsewhere it might take all the space for a moment.
    const total = sizeOfTmpfs(fd);
    if (own.is !== "ok" || total === undefined || limitOf("Max file size") !== Infinity) return own;
    const answer = refusedBy(() => allocate(fd, total + RESERVED, path));
    if (answer === undefined) return { is: "lax", found: `${total + RESERVED} bytes promised, ${total} are there` };
    return { is: "ok", found: "works, and says when there is no space" };
  });
}

function existing(directory: string): string {
  for (let path = directory; ; path = dirname(path)) {
    if (fs.existsSync(path) || path === dirname(path)) return path;
  }
}
