/** Names for what is complete, in one step, which Node has no calls for: renameat2(2), linkat(2) of a descriptor, open(2) with O_TMPFILE. */
import { refusal } from "../../errors.js";
import type { FileAccess } from "../contract.js";
import { OWN_FILE } from "../posix/modes.js";
import { fs } from "../node.js";
import { attemptUnless, errnoName, syscallError } from "../posix/syscall.js";
import { O_TMPFILE } from "./flags.js";
import { linuxCalls } from "./libc.js";
import { checkProc, hasProc } from "./proc.js";

const { O_RDONLY, O_RDWR, O_NONBLOCK } = fs.constants;
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
  const c = linuxCalls();
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
  const c = linuxCalls();
  const result = c.linkat(AT_FDCWD, `/proc/self/fd/${fd}`, AT_FDCWD, to, AT_SYMLINK_FOLLOW);
  const errno = result === 0 ? "" : errnoName(c.errno());
  if (errno === "ENOENT") checkProc(path, "linkat");
  if (errno === "EEXIST" || errno === "ENOENT") return false;
  if (errno !== "") throw syscallError("linkat", errno, path);
  return true;
}

/** A file without a name, which can get one, for its owner alone. Undefined where the file system has none. */
export function createUnnamed(directory: string, path: string): number | undefined {
  if (!hasProc()) return undefined;
  // Node names EOPNOTSUPP like this.
  const without = ["ENOTSUP", "EISDIR", "EINVAL", "ENOENT"];
  return attemptUnless(path, without, () => fs.openSync(directory, O_TMPFILE | O_RDWR | O_NONBLOCK, OWN_FILE));
}

/** Another open file of an open file, with locks of its own. Undefined without /proc. */
export function openApart(fd: number, access: FileAccess, path: string): number | undefined {
  const flags = access === "read-write" ? O_RDWR : O_RDONLY;
  return attemptUnless(path, ["ENOENT"], () => fs.openSync(`/proc/self/fd/${fd}`, flags));
}
