/** Where regions live: the directory of the scope, and names that never lead out of it. */
import * as fs from "node:fs";
import { resolve } from "node:path";
import { refusal } from "../errors.js";
import { attempt, attemptUnless } from "../os/syscall.js";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = fs.constants;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;

/** One region's place. */
export interface Place {
  readonly name: string;
  readonly directory: string;
  /** For people; files are opened through the directory's descriptor. */
  readonly path: string;
  /** The default directory belongs to us alone; one that the user chose may be readable for others. */
  readonly isPrivate: boolean;
  readonly allowUntrustedFileSystem: boolean;
  /** Who we are: owner of the directory and its files. */
  readonly uid: number;
}

/** Options that say where a region lives. */
export interface PlaceOptions {
  /** Default: `$SHMGEN_DIR`, else `/dev/shm/shmgen-<euid>`. Made (0700) when missing. */
  readonly directory?: string;
  /** Opens regions on NFS, 9p, FUSE and the like, whose locks may not tell who is alive. Default false. */
  readonly allowUntrustedFileSystem?: boolean;
}

/** @throws ShmError ERR_SHM_NAME */
export function placeOf(name: string, options: PlaceOptions): Place {
  if (typeof name !== "string" || !NAME.test(name)) {
    throw refusal(
      "ERR_SHM_NAME",
      "this cannot be the name of a region",
      { field: "name", found: JSON.stringify(name) ?? typeof name },
      "use 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit",
    );
  }
  const chosen = options.directory ?? (process.env["SHMGEN_DIR"] || undefined);
  const uid = process.geteuid?.() ?? -1;
  const directory = chosen === undefined ? `/dev/shm/shmgen-${uid}` : absolute(chosen);
  return {
    name,
    directory,
    path: `${directory}/${name}`,
    uid,
    isPrivate: chosen === undefined,
    allowUntrustedFileSystem: options.allowUntrustedFileSystem ?? false,
  };
}

/** Paths that need no normalising are the rule, and `resolve` costs as much as a system call. */
function absolute(path: string): string {
  return /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/.test(path) ? path : resolve(path);
}

/** An open directory. */
export interface OpenDirectory {
  readonly fd: number;
  /** Path of the region's file through this descriptor, so that nothing that happens to the directory's path matters. */
  readonly file: string;
}

/** @throws ShmError ERR_SHM_NOT_FOUND (only without `create`), ERR_SHM_PERMISSION */
export function openDirectory(place: Place, create: boolean): OpenDirectory {
  const fd = openOrMake(place, create);
  return { fd, file: hasProc() ? `/proc/self/fd/${fd}/${place.name}` : place.path };
}

/** Proves that nobody else can put files there, and that its locks can be trusted. */
export function checkDirectory(place: Place, { fd }: OpenDirectory): void {
  const { directory } = place;
  const { uid, mode, dev } = attempt(directory, () => fs.fstatSync(fd));
  if (uid !== place.uid) {
    const facts = { path: directory, expected: place.uid, found: uid };
    throw refusal("ERR_SHM_PERMISSION", "the directory belongs to another user", facts, "use a directory of your own");
  }
  if ((mode & (place.isPrivate ? 0o077 : 0o022)) !== 0) {
    const facts = { path: directory, expected: "0700", found: octal(mode) };
    throw refusal("ERR_SHM_PERMISSION", "others have access to the directory", facts, "chmod 700, or use another one");
  }
  if ((mode & 0o700) !== 0o700) attempt(directory, () => fs.fchmodSync(fd, 0o700));
  checkFileSystem(place, fd, dev);
}

function openOrMake({ directory, path, uid }: Place, create: boolean): number {
  const open = (): number => fs.openSync(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  for (let round = 0; round < 64; round += 1) {
    const fd = attemptUnless(directory, ["ENOENT", "EACCES"], open);
    if (fd !== undefined) return fd;
    if (regainAccess(directory, 0o700, uid)) continue;
    if (statOf(directory) !== undefined) break;
    if (!create) throw notFound(path);
    // Somebody else may make it, or remove it, at the same time: the next round looks again.
    attemptUnless(directory, ["EEXIST"], () => fs.mkdirSync(directory, 0o700));
  }
  return attempt(directory, open);
}

/** Of the path itself, without following a link; undefined when nothing is there. */
export function statOf(path: string): fs.Stats | undefined {
  return attempt(path, () => fs.lstatSync(path, { throwIfNoEntry: false }));
}

/** The region, or its whole directory, is not there. */
export function notFound(path: string): Error {
  const remedy = "start the process that creates it, or use createOrOpen";
  return refusal("ERR_SHM_NOT_FOUND", "there is no region of this name", { path }, remedy);
}

/**
 * A process may have died between making a file or directory under a strict umask and giving it its mode. True when there
 * was something of ours there without access for its owner, and now it has it.
 */
export function regainAccess(path: string, mode: number, uid: number): boolean {
  const stat = statOf(path);
  if (stat === undefined || stat.uid !== uid || (stat.mode & mode) === mode) return false;
  if (!stat.isDirectory() && !(stat.isFile() && stat.size === 0 && stat.nlink === 1)) return false;
  attempt(path, () => fs.chmodSync(path, mode));
  return true;
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
  const path = hasProc() ? `/proc/self/fd/${fd}` : place.directory;
  const { type } = attempt(place.directory, () => fs.statfsSync(path));
  const found = UNTRUSTED.get(type >>> 0);
  if (found !== undefined) {
    throw refusal(
      "ERR_SHM_UNSUPPORTED",
      "the locks of this file system cannot be trusted to tell who is alive",
      { path: place.directory, found },
      "use a directory on tmpfs, or allowUntrustedFileSystem: true if only this machine uses it",
    );
  }
  trusted.add(dev);
}

let proc: boolean | undefined;

function hasProc(): boolean {
  return (proc ??= fs.existsSync("/proc/self/fd"));
}

export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, "0");
}
