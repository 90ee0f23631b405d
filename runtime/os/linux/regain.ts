/** Files and directories of ours that are closed to us. */
import { fs } from "../node.js";
import { attempt, attemptUnless, closeQuietly } from "../posix/syscall.js";
import { O_PATH } from "./flags.js";
import { hasProc } from "./proc.js";

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
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (stat.uid !== uid || (stat.mode & mode) === mode) return false;
    if (!stat.isDirectory() && !(stat.isFile() && stat.size === 0 && stat.nlink === 1)) return false;
    attempt(path, () => fs.chmodSync(`/proc/self/fd/${fd}`, mode));
    return true;
  } finally {
    closeQuietly(fd);
  }
}
