/**
 * Directories of regions. The lifecycle lock is one on `.lock` in the scope's directory, since Windows locks no directories; nobody removes it.
 * The open directory is that open file.
 */
import { homedir } from "node:os";
import type { DirectoryPlace, OpenDirectory } from "../contract.js";
import { attempt, attemptUnless, lastError } from "./calls.js";
import { wideText } from "./handles.js";
import { kernel32 } from "./kernel32.js";
import { isLifecycle } from "./locks.js";
import { LOCK, sweep } from "./names.js";
import { fs } from "../node.js";
import { checkOwnership } from "./ownership.js";
import { remoteDrive } from "./refusals.js";

const { O_RDWR, O_CREAT } = fs.constants;
const DRIVE_REMOTE = 4;

/** In the user's profile, on a local drive, also where the profile follows him. */
export function defaultDirectory(): string {
  return `${process.env["LOCALAPPDATA"] || `${homedir()}\\AppData\\Local`}\\shmgen`;
}

/** Undefined when nobody has used it yet, without `create`. @throws ShmError */
export function openDirectory({ name, lockDirectory }: DirectoryPlace, create: boolean): OpenDirectory | undefined {
  const lock = `${lockDirectory}\\${LOCK}`;
  const missing = ["ENOENT"];
  const fd = attemptUnless(lockDirectory, missing, () => fs.openSync(lock, O_RDWR)) ?? make(create);
  if (fd !== undefined) isLifecycle(fd);
  return fd === undefined ? undefined : { fd, path: lockDirectory, file: `${lockDirectory}\\${name}`, name };

  function make(wanted: boolean): number | undefined {
    if (!wanted) return undefined;
    attemptUnless(lockDirectory, ["EEXIST"], () => fs.mkdirSync(lockDirectory));
    return attempt(lockDirectory, () => fs.openSync(lock, O_RDWR | O_CREAT));
  }
}

/** With the lifecycle lock in hand. It needs no descriptor: nobody but its owner can move what is in a user's directory. */
export function openFolder(
  { name, directory }: DirectoryPlace,
  _lock: OpenDirectory,
  create: boolean,
): OpenDirectory | "missing" {
  if (create) attemptUnless(directory, ["EEXIST"], () => fs.mkdirSync(directory));
  else if (!fs.existsSync(directory)) return "missing";
  return { fd: -1, path: directory, file: `${directory}\\${name}`, name };
}

/** Removes the region's folder, if it is empty. With the lifecycle lock in hand. */
export function removeFolder({ folder, directory }: DirectoryPlace): void {
  if (folder === undefined) return;
  try {
    fs.rmdirSync(directory);
  } catch {
    // Not empty: it stays, and harms nobody.
  }
}

/** Directories that were checked: what is there was put there by those who may. */
const trusted = new Set<string>();

/** Proves that nobody can put files there who may not, and that the locks can be trusted. @throws ShmError */
export function checkDirectory({ lockDirectory, allowUntrustedFileSystem }: DirectoryPlace): void {
  if (trusted.has(lockDirectory)) return;
  if (!allowUntrustedFileSystem && isRemote(lockDirectory)) throw remoteDrive(lockDirectory);
  checkOwnership(lockDirectory);
  sweep(lockDirectory);
  trusted.add(lockDirectory);
}

/** @see GetVolumePathNameW, GetDriveTypeW */
function isRemote(path: string): boolean {
  const k = kernel32();
  if (path.startsWith("\\\\")) return true;
  let ok = 0;
  const root = wideText((text, size) => {
    ok = k.volumePathName(path, text, size);
    return Math.max(0, text.indexOf(0));
  });
  if (ok === 0) throw lastError("GetVolumePathNameW", path);
  return k.driveType(root) === DRIVE_REMOTE;
}
