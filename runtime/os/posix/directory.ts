/** Directories of regions: opened step by step, made race-free and with the right mode under every umask, and checked. */
import { basename, dirname } from "node:path";
import { fs } from "../node.js";
import type { DirectoryPlace, OpenDirectory, Rights } from "../contract.js";
import { applyRights, setMode, trySetMode } from "./mode.js";
import { ownCalls } from "./own-calls.js";
import { checkFolder, sharesFolder } from "./rights.js";
import { type PosixStatus, identify, statFollowing, statOf } from "./status.js";
import { attempt, attemptUnless, closeQuietly } from "./syscall.js";
import { system } from "./system.js";
import { replaceableDirectory, replaceableSystemDirectory, untrustedFileSystem } from "./refusals.js";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
const OWNER_ALL = 0o700;
/** Bound of attempts when directories come and go under our hands. */
const ROUNDS_MAX = 64;

/** Characters that mkdtemp adds to a name. */
const TEMPORARY = 6;

/** A path below an open directory. */
function below(fd: number, path: string, name: string): string {
  return `${system.through(fd, path)}/${name}`;
}

function openDirectoryOf(place: DirectoryPlace, fd: number): OpenDirectory {
  const path = system.through(fd, place.directory);
  const { name } = place;
  return { fd, path, file: `${path}/${name}`, name };
}

/**
 * Opens the directory that has the lifecycle lock. Undefined when it is not there, without `create`.
 * @throws ShmError ERR_SHM_PERMISSION
 */
export function openDirectory(place: DirectoryPlace, create: boolean, check = true): OpenDirectory | undefined {
  const { trunk, lockDirectory } = place;
  const fd = trunk === undefined ? openOrMake(place, { create, at: lockDirectory }) : openTrunk(place, create, check);
  return fd === undefined ? undefined : openDirectoryOf(place, fd);
}

/** .NET's directories can be written to by everybody, so no step is taken on trust. */
function openTrunk(place: DirectoryPlace, create: boolean, check: boolean): number | undefined {
  const { trunk = "/", lockDirectory, rights } = place;
  let fd = attempt(trunk, () => fs.openSync(trunk, O_RDONLY | O_DIRECTORY));
  let path = trunk;
  try {
    if (check) checkSystemDirectory(rights, fd, trunk);
    for (const step of lockDirectory.slice(trunk.length + 1).split("/")) {
      const next = openOrMake(place, { create, at: below(fd, path, step), shown: `${path}/${step}` });
      closeQuietly(fd);
      if (next === undefined) return undefined;
      fd = next;
      path = `${path}/${step}`;
      if (check && path !== lockDirectory) checkOpen(place, fd, path, create);
    }
    return fd;
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}

/**
 * Opens the region's folder, with the lifecycle lock in hand. "gone" when the locked directory was removed meanwhile: by hand,
 * or by a .NET process that was making it at the same time. "missing" when the folder is not there, without `create`.
 */
export function openFolder(
  place: DirectoryPlace,
  lock: OpenDirectory,
  create: boolean,
  check = true,
): OpenDirectory | "gone" | "missing" {
  const { folder = "", directory, lockDirectory } = place;
  let fd: number | undefined;
  try {
    fd = openOrMake(place, { create, at: below(lock.fd, lockDirectory, folder), shown: directory, isLocked: true });
    if (fd === undefined) return isGone(place, lock) ? "gone" : "missing";
    if (check) checkOpen(place, fd, directory, create);
    return openDirectoryOf(place, fd);
  } catch (error) {
    if (fd !== undefined) closeQuietly(fd);
    if (isGone(place, lock)) return "gone";
    throw error;
  }
}

function isGone({ lockDirectory }: DirectoryPlace, { fd }: OpenDirectory): boolean {
  return identify(fd, lockDirectory).nlink === 0;
}

/** Removes the region's folder, if it is empty. With the lifecycle lock in hand. */
export function removeFolder({ folder, lockDirectory }: DirectoryPlace, lock: OpenDirectory): void {
  if (folder === undefined) return;
  try {
    fs.rmdirSync(below(lock.fd, lockDirectory, folder));
  } catch {
    // Not empty, or another user's: it stays, and harms nobody.
  }
}

/** Proves that nobody can put files there who may not, and that the locks can be trusted. @throws ShmError */
export function checkDirectory(place: DirectoryPlace, { fd }: OpenDirectory, create = false): void {
  const dev = checkOpen(place, fd, place.lockDirectory, create);
  checkFileSystem(place, fd, dev);
}

function checkOpen({ rights }: DirectoryPlace, fd: number, path: string, create: boolean): number {
  let stat = identify(fd, path);
  if (rights.mends && create && (stat.mode & 0o777) !== rights.directory && mayMend(rights, stat)) {
    // The sticky bit is no right of anybody, and .NET leaves it as well.
    const mode = rights.directory | (stat.mode & 0o1000);
    trySetMode(fd, mode, path);
    stat = identify(fd, path);
  }
  const parent = (): PosixStatus => statFollowing(below(fd, path, ".."), path);
  checkFolder(rights, { path, stat, parent });
  if ((stat.mode & OWNER_ALL) !== OWNER_ALL && stat.uid === rights.uid) {
    setMode(fd, (stat.mode & 0o7777) | OWNER_ALL, path);
  }
  return stat.dev;
}

function mayMend({ uid }: Rights, stat: PosixStatus): boolean {
  return stat.uid === uid || uid === 0;
}

/** As .NET asks it of /tmp: in a container it may be a directory of the host with any rights for others. */
function checkSystemDirectory({ kind, uid }: Rights, fd: number, path: string): void {
  const stat = identify(fd, path);
  const isSafe = (stat.mode & 0o1000) !== 0 || (stat.uid === uid && (stat.mode & 0o022) === 0);
  if ((stat.mode & OWNER_ALL) === OWNER_ALL && (kind === "dotnet" || isSafe)) return;
  throw replaceableSystemDirectory(path, stat.mode);
}

/** A directory to open or to make. */
interface WantedDirectory {
  readonly create: boolean;
  readonly at: string;
  /** The path for people, where `at` goes through a descriptor. */
  readonly shown?: string;
  /** Nobody else can be making it. */
  readonly isLocked?: boolean;
}

/** Undefined when it is not there, without `create`. */
function openOrMake(
  { rights }: DirectoryPlace,
  { create, at, shown = at, isLocked = false }: WantedDirectory,
): number | undefined {
  const open = (): number => fs.openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const fd = attemptUnless(shown, ["ENOENT", "EACCES"], open);
    if (fd !== undefined) return fd;
    if (rights.directory === OWNER_ALL && ownCalls.regainAccess(at, OWNER_ALL, rights.uid)) continue;
    if (statOf(at, shown) !== undefined) break;
    if (!create) return undefined;
    // Somebody else may make it, or remove it, at the same time: the next round looks again.
    if (rights.directory !== OWNER_ALL) makeForOthers(rights, at, shown, isLocked);
    // Whatever the umask takes away, nobody gets more than 0700 leaves: there is no moment in which others have access.
    else attemptUnless(shown, ["EEXIST"], () => fs.mkdirSync(at, OWNER_ALL));
  }
  return attempt(shown, open);
}

/**
 * A directory for others needs more than the umask may leave. It is made under another name, gets its group and mode, and
 * then its name, all of it or nothing: nobody ever meets it half made, also when its maker dies. After mkdir and fchmod a death in
 * between would leave what no other user can open, mend or remove.
 */
function makeForOthers(rights: Rights, at: string, shown: string, isLocked: boolean): void {
  const parent = dirname(at);
  const above = attempt(shown, () => fs.openSync(parent, system.O_LOOK | O_DIRECTORY));
  try {
    // Below a directory that was checked, or below .NET's, this is settled.
    if (at === shown) checkParentDirectory(rights, above, parent);
    const prefix = below(above, parent, `.${basename(shown)}-`);
    if (isLocked) removeLeftovers(prefix);
    const temporary = attempt(shown, () => fs.mkdtempSync(prefix));
    let isNamed = false;
    try {
      applyDirectoryRights(rights, temporary, shown);
      // Where somebody else was first, the next look finds theirs.
      isNamed = ownCalls.renameNoReplace(temporary, below(above, parent, basename(at)), shown);
    } finally {
      if (!isNamed) attemptUnless(shown, ["ENOENT"], () => fs.rmdirSync(temporary));
    }
  } finally {
    closeQuietly(above);
  }
}

/** Removes what those left behind who died while they made the directory. Not what is another user's, if that is protected. */
function removeLeftovers(prefix: string): void {
  const parent = dirname(prefix);
  const isLeft = (name: string): boolean =>
    name.startsWith(basename(prefix)) && name.length === basename(prefix).length + TEMPORARY;
  for (const name of attempt(parent, () => fs.readdirSync(parent)).filter(isLeft)) {
    attemptUnless(parent, ["ENOENT", "EPERM", "EACCES", "ENOTEMPTY", "ENOTDIR"], () =>
      fs.rmdirSync(`${parent}/${name}`),
    );
  }
}

/** Gives a new directory its group and mode, through a descriptor. */
function applyDirectoryRights(rights: Rights, path: string, shown: string): void {
  ownCalls.regainAccess(path, OWNER_ALL, rights.uid);
  const fd = attempt(shown, () => fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  try {
    applyRights(fd, sharesFolder(rights) ? rights : { gid: undefined }, rights.directory, shown);
  } finally {
    closeQuietly(fd);
  }
}

/** Who could move another directory of ours to the name of the new one would have us open that one to all. */
function checkParentDirectory({ uid, owner }: Rights, fd: number, path: string): void {
  const stat = identify(fd, path);
  const isTrusted = stat.uid === 0 || stat.uid === uid || stat.uid === owner;
  if (isTrusted && ((stat.mode & 0o022) === 0 || (stat.mode & 0o1000) !== 0)) return;
  throw replaceableDirectory(path, stat.mode, stat.uid);
}

/** Devices that were checked already: the type of a mounted file system does not change. */
const trusted = new Set<number>();

function checkFileSystem(place: DirectoryPlace, fd: number, dev: number): void {
  if (trusted.has(dev) || place.allowUntrustedFileSystem) return;
  const found = ownCalls.untrustedFileSystem(fd, place.lockDirectory);
  if (found !== undefined) throw untrustedFileSystem(place.lockDirectory, found);
  trusted.add(dev);
}
