/**
 * Whether other processes of this user see the same directory under its path: mounts may give each container its own. Told by device
 * and inode below /proc/PID/root, and said only where regions are in it; comparing mounts would warn on every machine with containers.
 */
import * as fs from "node:fs";
import { errorCode } from "../../errors.js";
import { describeProcess } from "../../os/linux/processes.js";
import type { Finding, Surroundings } from "../check.js";

/** A directory as one process sees it under our path. */
interface ShmIdentity {
  /** Device and inode; undefined where it has none. */
  readonly file: string | undefined;
  /** Of the mount below it, as far as it is there. */
  readonly base: string | undefined;
  readonly names: number;
}

const SHM = "/dev/shm";

/**
 * Two private mounts of /dev/shm give two regions of one name, and nobody is told: neither side is wrong. What shows is who
 * keeps regions in another directory of the same path. Processes that we may not look into are left out.
 * @see proc_pid_root(5), mount_namespaces(7)
 */
export function shmShared({ directory, uid }: Surroundings): Finding<"shm-shared"> {
  const own = shmOf("/proc/self/root", directory);
  if (!fs.existsSync("/proc/self/root")) return { is: "skipped", found: "needs /proc" };
  const counts = { same: 0, elsewhere: 0 };
  const apart: number[] = [];
  for (const pid of pidsOf(uid)) {
    const view = shmOf(`/proc/${pid}/root`, directory);
    if (view === undefined) continue;
    if (view.file !== undefined && view.file !== own?.file && view.names > 0) apart.push(pid);
    else if (view.base !== own?.base) counts.elsewhere += 1;
    else counts.same += 1;
  }
  const [first] = apart;
  if (first !== undefined) {
    const more = apart.length === 1 ? "" : ` and ${apart.length - 1} more`;
    const found = `process ${first} (${describeProcess(first)})${more} of this user keeps regions in another ${directory}`;
    return { is: "apart", found, facts: { pid: first } };
  }
  const others = counts.elsewhere === 0 ? "" : `; ${counts.elsewhere} have another one, without regions`;
  return { is: "ok", found: `the same for ${counts.same} processes of this user${others}` };
}

/** Processes of this user, and the first one. */
function pidsOf(uid: number): number[] {
  const pids = fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const isOurs = (pid: string): boolean => pid === "1" || ifReadable(() => fs.statSync(`/proc/${pid}`).uid) === uid;
  return pids.filter(isOurs).map(Number);
}

/** Undefined for a process that we may not look into, or that has gone. */
function shmOf(root: string, directory: string): ShmIdentity | undefined {
  const base = ifReadable(() => fs.statSync(directory.startsWith(`${SHM}/`) ? `${root}${SHM}` : `${root}/`));
  if (base === undefined) return undefined;
  const there = ifReadable(() => fs.statSync(root + directory));
  return {
    base: `${base.dev}:${base.ino}`,
    file: there && `${there.dev}:${there.ino}`,
    names: ifReadable(() => fs.readdirSync(root + directory).length) ?? 0,
  };
}

/** Undefined where the kernel refuses; what Node's permission model refuses is for the doctor to tell. */
function ifReadable<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch (error) {
    if (errorCode(error) === "ERR_ACCESS_DENIED") throw error;
    return undefined;
  }
}
