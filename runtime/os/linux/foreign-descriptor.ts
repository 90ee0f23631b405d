/**
 * What another process has open, by the number that it has there. The kernel lets only those open it who may look into that process.
 * @see proc_pid_fd(5), ptrace(2) "Ptrace access mode checking"
 */
import { fs } from "../node.js";
import type { FileAccess, FileId, ForeignDescriptor } from "../contract.js";
import { flagsFor } from "../posix/files.js";
import { ownStamp, startTimeOf } from "./processes.js";
import { identify } from "../posix/status.js";
import { noReopeningWithoutProc, noTokenWithoutProc } from "./refusals.js";
import { hasProc } from "./proc.js";
import { attemptUnless, closeQuietly } from "../posix/syscall.js";

/** By which another process can open what this one has open. @throws ShmError ERR_SHM_UNSUPPORTED without /proc */
export function foreignDescriptorOf(fd: number, path: string): ForeignDescriptor {
  const { pid, startTime } = ownStamp();
  if (startTime !== 0n) return { pid, startTime, descriptor: fd };
  throw noTokenWithoutProc(path);
}

/** As people see it. */
export function foreignPath({ pid, descriptor }: ForeignDescriptor): string {
  return `/proc/${pid}/fd/${descriptor}`;
}

/**
 * Opens it anew, if it still is the file that is meant. "ended": the process has. "closed": it has closed it, or has something else
 * open there. "denied": we may not look into it. @throws ShmError ERR_SHM_UNSUPPORTED without /proc
 */
export function openForeignDescriptor(
  from: ForeignDescriptor,
  file: FileId,
  access: FileAccess,
): number | "ended" | "closed" | "replaced" | "denied" {
  const path = foreignPath(from);
  if (!hasProc()) throw noReopeningWithoutProc(path);
  const flags = flagsFor(access) | fs.constants.O_NONBLOCK;
  const fd = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES", "ENXIO"], () => fs.openSync(path, flags));
  // Asked after opening: whoever lives now under this number since then had it all the time.
  if (startTimeOf(from.pid) !== from.startTime) {
    if (fd !== undefined) closeQuietly(fd);
    return "ended";
  }
  if (fd === undefined) return isClosed(from) ? "closed" : "denied";
  let isMeant = false;
  try {
    const { dev, ino } = identify(fd, path);
    isMeant = dev === file.dev && ino === file.ino;
  } finally {
    if (!isMeant) closeQuietly(fd);
  }
  return isMeant ? fd : "replaced";
}

/** Whether that process has no such descriptor, and not only we no right to look. */
function isClosed(from: ForeignDescriptor): boolean {
  const path = foreignPath(from);
  const isThere = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES"], () => fs.readlinkSync(path));
  if (isThere !== undefined) return false;
  const list = attemptUnless(path, ["ENOENT", "ESRCH", "EACCES"], () => fs.readdirSync(`/proc/${from.pid}/fd`));
  return list !== undefined;
}
