/** Files of regions, made with the rights that they are to have, and mended when their maker died on the way. */
import type { OpenDirectory, Rights } from "../contract.js";
import { tryCreateFile, tryOpenFile } from "./files.js";
import { applyRights } from "./mode.js";
import { OWN_FILE } from "./modes.js";
import { deleteNameIfPresent } from "./names.js";
import { ownCalls } from "./own-calls.js";
import { isAsMade } from "./rights.js";
import { identify, posix } from "./status.js";
import { closeQuietly } from "./syscall.js";

/** "taken" when somebody else was faster, or the directory has gone. @throws ShmError */
export function makeFile(directory: OpenDirectory, rights: Rights, path: string): number | "taken" {
  return (
    (rights.file === OWN_FILE ? undefined : makeShared(directory, rights, path)) ?? makeOwn(directory, rights, path)
  );
}

function makeOwn({ file }: OpenDirectory, rights: Rights, path: string): number | "taken" {
  const fd = tryCreateFile(file, path, ["EEXIST", "ENOENT"]);
  if (fd === undefined) return "taken";
  try {
    // Until here it has what the umask left of 0600, which nobody else can use.
    applyFileRights(fd, rights, path);
    return fd;
  } catch (error) {
    closeQuietly(fd);
    deleteNameIfPresent(file, path);
    throw error;
  }
}

/**
 * A file for others has its group and mode before it has its name: should we die in between, nobody is left with a file
 * that he can neither open nor remove, which open and fchmod would leave. Undefined where the file system has no files without a name.
 */
function makeShared(
  { path: directory, file }: OpenDirectory,
  rights: Rights,
  path: string,
): number | "taken" | undefined {
  const fd = ownCalls.createUnnamed(directory, path);
  if (fd === undefined) return undefined;
  try {
    applyFileRights(fd, rights, path);
    if (!ownCalls.nameFile(fd, file, path)) return "taken";
    // Opened by its name, so that lists of processes and mappings show it.
    try {
      return tryOpenFile(file, "read-write", path, ["ENOENT"]) ?? "taken";
    } catch (error) {
      deleteNameIfPresent(file, path);
      throw error;
    }
  } finally {
    closeQuietly(fd);
  }
}

/** @throws ShmError ERR_SHM_PERMISSION for a group that is not ours */
export function applyFileRights(fd: number, rights: Rights, path: string): void {
  applyRights(fd, rights, rights.file, path);
}

/** Gives a file of ours that is made anew the rights of a new one: its former maker may have wished for less. @throws ShmError */
export function renewFileRights(fd: number, rights: Rights, path: string): void {
  if (rights.file === OWN_FILE) return;
  if (!isAsMade(rights, posix(identify(fd, path)))) applyFileRights(fd, rights, path);
}

/** True when there was a file of ours there without access for its owner, and now it has it. @throws ShmError */
export function regainFile(file: string, { uid }: Rights): boolean {
  return ownCalls.regainAccess(file, OWN_FILE, uid);
}
