/** What is open, opened again or asked for its path, by /proc/self/fd. @see proc_pid_fd(5) */
import { basename } from "node:path";
import type { FileAccess, FileOrigin, Reasons } from "../contract.js";
import { flagsFor } from "../posix/files.js";
import { fs } from "../node.js";
import { identify } from "../posix/status.js";
import { attempt, attemptUnless } from "../posix/syscall.js";

const { O_NONBLOCK } = fs.constants;

/** A new open file description of an open file: locks and offsets of its own. @throws ShmError */
export function reopen(fd: number, access: FileAccess, path: string): number {
  return attempt(path, () => fs.openSync(`/proc/self/fd/${fd}`, flagsFor(access) | O_NONBLOCK));
}

/** As {@link reopen}. Undefined for the given reasons. */
export function tryReopen(fd: number, access: FileAccess, path: string, reasons: Reasons): number | undefined {
  return attemptUnless(path, reasons, () => fs.openSync(`/proc/self/fd/${fd}`, flagsFor(access) | O_NONBLOCK));
}

/** What the kernel says about an open file. @throws ShmError */
export function originOf(fd: number, path: string): FileOrigin {
  const status = identify(fd, path);
  const link = attempt(path, () => fs.readlinkSync(`/proc/self/fd/${fd}`));
  if (status.nlink > 0) return { kind: "file", path: link, label: basename(link), status };
  const former = withoutMark(link);
  const label = /^\/memfd:(.*)$/s.exec(former)?.[1];
  if (label !== undefined) return { kind: "memory", path: `memfd:${label}`, label, status };
  return { kind: /\/#\d+$/.test(former) ? "temporary" : "file", path: former, label: basename(former), status };
}

/** The path of an open file that has no name, as /proc shows it. @throws ShmError */
export function formerPathOf(fd: number, path: string): string {
  return withoutMark(attempt(path, () => fs.readlinkSync(`/proc/self/fd/${fd}`)));
}

/** What the kernel appends to the path of a file that has lost its name. */
function withoutMark(link: string): string {
  return link.replace(/ \(deleted\)$/, "");
}
