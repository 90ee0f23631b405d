/**
 * Mode and group of an open file. Not by `node:fs`, whose fchmod and fchown Node's permission model forbids whatever is
 * allowed. @see fchmod(2), fchown(2)
 */
import type { Rights } from "../contract.js";
import { libc } from "./libc.js";
import { notInGroup } from "./refusals.js";
import { EPERM, errnoName, syscallError } from "./syscall.js";

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
