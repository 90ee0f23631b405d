/** A question about a file, and its answer as Node has it: for systems without statx(2), and sandboxes that forbid it. */
import type { PosixStatus, Question } from "./differences.js";
import { fs } from "../node.js";
import { translated } from "./syscall.js";

/** In the place of a directory, for a file by its path. Numbers are those of Linux, which passes them on. */
export const ANYWHERE = -100;
/** Of the open file, of the name without following a link, of what the name leads to. */
export const OPEN = 0x1000;
export const NAME = 0x100;
export const TARGET = 0;

/** A status, or the error number. @throws ShmError for what Node refuses by itself */
export function askNode(...[directory, name, flags, path, file = name]: Question): PosixStatus | number {
  try {
    if (flags === OPEN) return fs.fstatSync(directory);
    return flags === NAME ? fs.lstatSync(file) : fs.statSync(file);
  } catch (error) {
    // Node has the kernel's numbers negative, and none for what it refuses by itself.
    const { errno } = error as NodeJS.ErrnoException;
    if (errno !== undefined && errno < 0) return -errno;
    throw translated(error, path);
  }
}
