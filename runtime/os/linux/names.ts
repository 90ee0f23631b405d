/** Giving names to what has none yet, so that others see it complete or not at all. Node has neither call. */
import { refusal } from "../../errors.js";
import { libc } from "./libc.js";
import { checkProc, errnoName, syscallError } from "./syscall.js";

/** "The current directory": paths are absolute, so it does not matter. */
const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
const RENAME_NOREPLACE = 1;
const RENAMEAT2: Readonly<Record<string, number>> = { x64: 316, arm64: 276, riscv64: 276, loong64: 276, ppc64: 357 };

/**
 * Renames, unless the new name is taken: then false. A plain rename would replace an empty directory that somebody else has
 * just made and locked. @see renameat2(2)
 */
export function renameNoReplace(from: string, to: string, path: string): boolean {
  const number = RENAMEAT2[process.arch];
  if (number === undefined) {
    const facts = { expected: Object.keys(RENAMEAT2).join(", "), found: process.arch, path };
    throw refusal("ERR_SHM_UNSUPPORTED", "shared directories cannot be made on this processor", facts);
  }
  const c = libc();
  const result = c.renameat2(number, AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE);
  const errno = result === 0 ? "" : errnoName(c.errno());
  if (errno === "EEXIST" || errno === "ENOENT") return false;
  if (errno !== "") throw syscallError("renameat2", errno, path);
  return true;
}

/**
 * Gives an open file without a name (O_TMPFILE) its name, unless it is taken or the directory is gone: then false.
 * @see linkat(2)
 */
export function nameFile(fd: number, to: string, path: string): boolean {
  const c = libc();
  const result = c.linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
  const errno = result === 0 ? "" : errnoName(c.errno());
  if (errno === "ENOENT") checkProc(path, "linkat");
  if (errno === "EEXIST" || errno === "ENOENT") return false;
  if (errno !== "") throw syscallError("linkat", errno, path);
  return true;
}
