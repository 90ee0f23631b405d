/** Directories of regions: opened step by step, made race-free and with the right mode under every umask, and checked. */
import * as fs from "node:fs";
import { basename, dirname } from "node:path";
import { refusal } from "../errors.js";
import { renameNoReplace } from "../os/linux/names.js";
import { setMode, trySetGroup, trySetMode } from "../os/linux/mode.js";
import { attempt, attemptUnless, closeQuietly } from "../os/linux/syscall.js";
import { type Place, notFound } from "./place.js";
import { type Rights, checkFolder, octal, sharesFolder } from "../os/linux/rights.js";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
/** A descriptor that gives no access, and needs none. The same number on all processors that we know. */
const O_PATH = 0o10000000;
const OWNER_ALL = 0o700;
/** Bound of attempts when directories come and go under our hands. */
const ROUNDS_MAX = 64;

/** Characters that mkdtemp adds to a name. */
const TEMPORARY = 6;

/** An open directory. */
export interface OpenDirectory {
  readonly fd: number;
  /** The directory, and the region's file in it, through this descriptor: nothing that happens to its path matters. */
  readonly path: string;
  readonly file: string;
}

/** A path below an open directory. Without /proc it is the path itself. */
function below(fd: number, path: string, name: string): string {
  return hasProc() ? `/proc/self/fd/${fd}/${name}` : `${path}/${name}`;
}

function openDirectoryOf(place: Place, fd: number): OpenDirectory {
  const path = hasProc() ? `/proc/self/fd/${fd}` : place.directory;
  return { fd, path, file: `${path}/${place.name}` };
}

/** Opens the directory that has the lifecycle lock. @throws ShmError ERR_SHM_NOT_FOUND (without `create`), ERR_SHM_PERMISSION */
export function openDirectory(place: Place, create: boolean, check = true): OpenDirectory {
  const { trunk, lockDirectory } = place;
  const fd = trunk === undefined ? openOrMake(place, { create, at: lockDirectory }) : openTrunk(place, create, check);
  return openDirectoryOf(place, fd);
}

/** .NET's directories can be written to by everybody, so no step is taken on trust. */
function openTrunk(place: Place, create: boolean, check: boolean): number {
  const { trunk = "/", lockDirectory, rights } = place;
  let fd = attempt(trunk, () => fs.openSync(trunk, O_RDONLY | O_DIRECTORY));
  let path = trunk;
  try {
    if (check) checkSystemDirectory(rights, fd, trunk);
    for (const step of lockDirectory.slice(trunk.length + 1).split("/")) {
      const next = openOrMake(place, { create, at: below(fd, path, step), shown: `${path}/${step}` });
      closeQuietly(fd);
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
 * Opens the region's folder, with the lifecycle lock in hand. Undefined when the locked directory was removed meanwhile:
 * by hand, or by a .NET process that was making it at the same time.
 */
export function openFolder(
  place: Place,
  lock: OpenDirectory,
  create: boolean,
  check = true,
): OpenDirectory | undefined {
  const { folder = "", directory, lockDirectory } = place;
  let fd: number | undefined;
  try {
    fd = openOrMake(place, { create, at: below(lock.fd, lockDirectory, folder), shown: directory, isLocked: true });
    if (check) checkOpen(place, fd, directory, create);
    return openDirectoryOf(place, fd);
  } catch (error) {
    if (fd !== undefined) closeQuietly(fd);
    if (attempt(lockDirectory, () => fs.fstatSync(lock.fd)).nlink === 0) return undefined;
    throw error;
  }
}

/** Removes the region's folder, if it is empty. With the lifecycle lock in hand. */
export function removeFolder({ folder, lockDirectory }: Place, lock: OpenDirectory): void {
  if (folder === undefined) return;
  try {
    fs.rmdirSync(below(lock.fd, lockDirectory, folder));
  } catch {
    // Not empty, or another user's: it stays, and harms nobody.
  }
}

/** Proves that nobody can put files there who may not, and that the locks can be trusted. @throws ShmError */
export function checkDirectory(place: Place, { fd }: OpenDirectory, create = false): void {
  const dev = checkOpen(place, fd, place.lockDirectory, create);
  checkFileSystem(place, fd, dev);
}

function checkOpen({ rights }: Place, fd: number, path: string, create: boolean): number {
  let stat = attempt(path, () => fs.fstatSync(fd));
  if (rights.mends && create && (stat.mode & 0o777) !== rights.directory && mayMend(rights, stat)) {
    // The sticky bit is no right of anybody, and .NET leaves it as well.
    const mode = rights.directory | (stat.mode & 0o1000);
    trySetMode(fd, mode, path);
    stat = attempt(path, () => fs.fstatSync(fd));
  }
  const parent = (): fs.Stats => attempt(path, () => fs.statSync(below(fd, path, "..")));
  checkFolder(rights, { path, stat, parent });
  if ((stat.mode & OWNER_ALL) !== OWNER_ALL && stat.uid === rights.uid) {
    setMode(fd, (stat.mode & 0o7777) | OWNER_ALL, path);
  }
  return stat.dev;
}

function mayMend({ uid }: Rights, stat: fs.Stats): boolean {
  return stat.uid === uid || uid === 0;
}

/** As .NET asks it of /tmp: in a container it may be a directory of the host with any rights for others. */
function checkSystemDirectory({ kind, uid }: Rights, fd: number, path: string): void {
  const stat = attempt(path, () => fs.fstatSync(fd));
  const found = octal(stat.mode);
  const isSafe = (stat.mode & 0o1000) !== 0 || (stat.uid === uid && (stat.mode & 0o022) === 0);
  if ((stat.mode & OWNER_ALL) === OWNER_ALL && (kind === "dotnet" || isSafe)) return;
  const facts = { path, expected: "1777", found };
  throw refusal("ERR_SHM_PERMISSION", "others can replace what is in the system's directory", facts, "chmod 1777");
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

function openOrMake({ path, rights }: Place, { create, at, shown = at, isLocked = false }: WantedDirectory): number {
  const open = (): number => fs.openSync(at, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const fd = attemptUnless(shown, ["ENOENT", "EACCES"], open);
    if (fd !== undefined) return fd;
    if (rights.directory === OWNER_ALL && regainAccess(at, OWNER_ALL, rights.uid)) continue;
    if (statOf(at, shown) !== undefined) break;
    if (!create) throw notFound(path);
    // Somebody else may make it, or remove it, at the same time: the next round looks again.
    if (rights.directory !== OWNER_ALL) makeForOthers(rights, at, shown, isLocked);
    // Whatever the umask takes away, nobody gets more than 0700 leaves: there is no moment in which others have access.
    else attemptUnless(shown, ["EEXIST"], () => fs.mkdirSync(at, OWNER_ALL));
  }
  return attempt(shown, open);
}

/**
 * A directory for others needs more than the umask may leave. It is made under another name, gets its group and mode, and
 * then its name, all of it or nothing: nobody ever meets it half made, also when its maker dies.
 */
function makeForOthers(rights: Rights, at: string, shown: string, isLocked: boolean): void {
  const parent = dirname(at);
  const above = attempt(shown, () => fs.openSync(parent, O_PATH | O_DIRECTORY));
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
      isNamed = renameNoReplace(temporary, below(above, parent, basename(at)), shown);
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
  regainAccess(path, OWNER_ALL, rights.uid);
  const fd = attempt(shown, () => fs.openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW));
  try {
    applyRights(fd, sharesFolder(rights) ? rights : { gid: undefined }, rights.directory, shown);
  } finally {
    closeQuietly(fd);
  }
}

/** Group first: a change of it takes bits of the mode away. @throws ShmError ERR_SHM_PERMISSION for a group that is not ours */
export function applyRights(fd: number, { gid }: Pick<Rights, "gid">, mode: number, path: string): void {
  if (gid !== undefined && !trySetGroup(fd, gid, path)) {
    const facts = { field: "group", found: gid, path };
    const remedy = "become a member of it, or leave group out";
    throw refusal("ERR_SHM_PERMISSION", "the process is not in the group that is to share the region", facts, remedy);
  }
  setMode(fd, mode, path);
}

/** Who could move another directory of ours to the name of the new one would have us open that one to all. */
function checkParentDirectory({ uid, owner }: Rights, fd: number, path: string): void {
  const stat = attempt(path, () => fs.fstatSync(fd));
  const isTrusted = stat.uid === 0 || stat.uid === uid || stat.uid === owner;
  if (isTrusted && ((stat.mode & 0o022) === 0 || (stat.mode & 0o1000) !== 0)) return;
  const facts = { path, expected: "1777, or 0755", found: octal(stat.mode) };
  const remedy = "chmod +t, make the directory by hand, or use another one";
  throw refusal("ERR_SHM_PERMISSION", "others can replace a directory that is made there", facts, remedy, {
    owner: stat.uid,
  });
}

/** Of the path itself, without following a link; undefined when nothing is there. */
export function statOf(path: string, shown = path): fs.Stats | undefined {
  return attempt(shown, () => fs.lstatSync(path, { throwIfNoEntry: false }));
}

/**
 * A process may have died between making a file or directory under a strict umask and giving it its mode. True when there
 * was something of ours there without access for its owner, and now it has it.
 */
export function regainAccess(path: string, mode: number, uid: number): boolean {
  if (!hasProc()) return false;
  // Opened without access, so that what is looked at is what is changed, whatever takes its place meanwhile.
  const fd = attemptUnless(path, ["ENOENT", "EACCES", "ENOTDIR"], () => fs.openSync(path, O_PATH | O_NOFOLLOW));
  if (fd === undefined) return false;
  try {
    const stat = attempt(path, () => fs.fstatSync(fd));
    if (stat.uid !== uid || (stat.mode & mode) === mode) return false;
    if (!stat.isDirectory() && !(stat.isFile() && stat.size === 0 && stat.nlink === 1)) return false;
    attempt(path, () => fs.chmodSync(`/proc/self/fd/${fd}`, mode));
    return true;
  } finally {
    closeQuietly(fd);
  }
}

/** Types of file systems whose flock another machine, or a host, does not see. @see statfs(2) */
export const UNTRUSTED: ReadonlyMap<number, string> = new Map([
  [0x6969, "NFS"],
  [0x01021997, "9p"],
  [0x65735546, "FUSE or virtiofs"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
  [0x73757245, "Coda"],
  [0x786f4256, "vboxsf"],
  [0x0bd00bd3, "Lustre"],
  [0x47504653, "GPFS"],
]);

/** Devices that were checked already: the type of a mounted file system does not change. */
const trusted = new Set<number>();

function checkFileSystem(place: Place, fd: number, dev: number): void {
  if (trusted.has(dev) || place.allowUntrustedFileSystem) return;
  const path = hasProc() ? `/proc/self/fd/${fd}` : place.lockDirectory;
  const { type } = attempt(place.lockDirectory, () => fs.statfsSync(path));
  const found = UNTRUSTED.get(type >>> 0);
  if (found !== undefined) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "the locks of this file system cannot be trusted to tell who is alive",
      { path: place.lockDirectory, found },
      "use a directory on tmpfs, or allowUntrustedFileSystem: true if only this machine uses it",
    );
  }
  trusted.add(dev);
}

let proc: boolean | undefined;

/** Whether descriptors have paths. */
export function hasProc(): boolean {
  return (proc ??= fs.existsSync("/proc/self/fd"));
}
