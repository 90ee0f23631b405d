/** Paths of descriptors. @see proc_pid_fd(5) */
import { refusal } from "../../errors.js";
import { fs } from "../node.js";

/** @throws ShmError ERR_SHM_UNSUPPORTED where there is no /proc, which `syscall` needs */
export function checkProc(path: string, syscall: string): void {
  if (fs.existsSync("/proc/self/fd")) return;
  throw refusal(
    "ERR_SHM_UNSUPPORTED",
    "this needs /proc, which opens a descriptor again (/proc/self/fd), and it is not mounted here",
    { syscall, path },
    "mount it (mount -t proc proc /proc; in a chroot or sandbox, bind the host's), or use a region with a name",
  );
}

let proc: boolean | undefined;

/** Whether descriptors have paths. */
export function hasProc(): boolean {
  return (proc ??= fs.existsSync("/proc/self/fd"));
}

/** The path of a descriptor, which leads to what it is open for, whatever its own path is by now. Without /proc, that is the path. */
export function through(fd: number, opened: string): string {
  return hasProc() ? `/proc/self/fd/${fd}` : opened;
}

/** What we open again by its descriptor is there, whatever its own path is. @throws ShmError as {@link checkProc} */
export function explainMissing(asked: string, syscall: string, path: string): void {
  if (asked.startsWith("/proc/self/")) checkProc(path, syscall);
}
