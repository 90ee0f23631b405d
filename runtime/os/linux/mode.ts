/**
 * Mode and group of an open file. Not by `node:fs`, whose fchmod and fchown Node's permission model forbids whatever is
 * allowed. @see fchmod(2), fchown(2)
 */
import { fs } from "./node.js";
import type { Rights } from "../contract.js";
import { O_PATH } from "./flags.js";
import { libc } from "./libc.js";
import { notInGroup } from "./refusals.js";
import { identify } from "./status.js";
import { EPERM, attempt, attemptUnless, closeQuietly, errnoName, hasProc, syscallError } from "./syscall.js";

/** False when it may not be done (EPERM). @throws ShmError for anything else */
export function trySetMode(fd: number, mode: number, path: string): boolean {
  const c = libc();
  const errno = c.fchmod(fd, mode) === 0 ? 0 : c.errno();
  return outcome("fchmod", errno, path);
}

/** @throws ShmError ERR_SHM_PERMISSION */
export function setMode(fd: number, mode: number, path: string): void {
  if (!trySetMode(fd, mode, path)) throw syscallError("fchmod", "EPERM", path);
}

/** False when we are not in the group (EPERM). @throws ShmError for anything else */
function trySetGroup(fd: number, gid: number, path: string): boolean {
  const c = libc();
  const errno = c.fchown(fd, -1, gid) === 0 ? 0 : c.errno();
  return outcome("fchown", errno, path);
}

function outcome(syscall: string, errno: number, path: string): boolean {
  if (errno === 0 || errno === EPERM) return errno === 0;
  throw syscallError(syscall, errnoName(errno), path);
}

/** Group first: a change of it takes bits of the mode away. @throws ShmError ERR_SHM_PERMISSION for a group that is not ours */
export function applyRights(fd: number, { gid }: Pick<Rights, "gid">, mode: number, path: string): void {
  if (gid !== undefined && !trySetGroup(fd, gid, path)) throw notInGroup(gid, path);
  setMode(fd, mode, path);
}

/**
 * A process may have died between making a file or directory under a strict umask and giving it its mode. True when there
 * was something of ours there without access for its owner, and now it has it.
 */
export function regainAccess(path: string, mode: number, uid: number): boolean {
  if (!hasProc()) return false;
  // Opened without access, so that what is looked at is what is changed, whatever takes its place meanwhile.
  const fd = attemptUnless(path, ["ENOENT", "EACCES", "ENOTDIR"], () =>
    fs.openSync(path, O_PATH | fs.constants.O_NOFOLLOW),
  );
  if (fd === undefined) return false;
  try {
    const stat = identify(fd, path);
    if (stat.uid !== uid || (stat.mode & mode) === mode) return false;
    if (!stat.isDirectory() && !(stat.isFile() && stat.size === 0 && stat.nlink === 1)) return false;
    attempt(path, () => fs.chmodSync(`/proc/self/fd/${fd}`, mode));
    return true;
  } finally {
    closeQuietly(fd);
  }
}
