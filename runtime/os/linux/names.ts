/**
 * Names in directories. They are given to what is complete, replaced and taken away in one step each: others see the old file, the
 * new one, or none. Node has neither renameat2 nor linkat of a descriptor.
 */
import { fs } from "./node.js";
import { refusal } from "../../errors.js";
import type { NameEntry } from "../contract.js";
import { libc } from "./libc.js";
import { attemptOnName } from "./sticky.js";
import { attempt, attemptUnless, checkProc, errnoName, syscallError } from "./syscall.js";

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

/** Whatever has the name `to` loses it in the same step. `remedy` as for {@link deleteName}. @throws ShmError */
export function replaceName(from: string, to: string, path: string, remedy: string): void {
  attemptOnName(to, path, remedy, () => fs.renameSync(from, to));
}

/**
 * Takes a name away. Where only somebody else may, and there is a `remedy`, the error says who: "let user 4711 or root <remedy>".
 * @throws ShmError
 */
export function deleteName(file: string, path: string, remedy?: string): void {
  const call = (): void => fs.unlinkSync(file);
  if (remedy === undefined) attempt(path, call);
  else attemptOnName(file, path, remedy, call);
}

/** As {@link deleteName}; nothing to do when nothing has the name. @throws ShmError */
export function deleteNameIfPresent(file: string, path: string, remedy?: string): void {
  const call = (): void => attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(file));
  if (remedy === undefined) call();
  else attemptOnName(file, path, remedy, call);
}

/** Whether a path leads anywhere, through links too. Never throws. */
export function isThere(path: string): boolean {
  return fs.existsSync(path);
}

/** @throws ShmError */
export function namesIn(directory: string, path: string): NameEntry[] {
  return attempt(path, () => fs.readdirSync(directory, { withFileTypes: true }));
}

/** None where there is no such directory. @throws ShmError */
export function namesIfThere(directory: string): NameEntry[] {
  return attemptUnless(directory, ["ENOENT"], () => fs.readdirSync(directory, { withFileTypes: true })) ?? [];
}

/** Every name of a region can be that of a file. */
export function unusableName(): undefined {
  return undefined;
}
