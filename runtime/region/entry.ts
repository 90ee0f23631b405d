/** A region's file: found or made, locked, and proven to be what its path says. */
import * as fs from "node:fs";
import { refusal } from "../errors.js";
import { tryExclusive, tryShared } from "../os/flock.js";
import { attempt, attemptUnless, closeQuietly } from "../os/syscall.js";
import { type Deadline, deadlineIn } from "./clock.js";
import { underLifecycleLock } from "./lifecycle.js";
import { type OpenDirectory, type Place, notFound, octal, regainAccess, statOf } from "./place.js";

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = fs.constants;

/** An open region file and the lock that we got on it. libuv opens every file with O_CLOEXEC. */
export interface Entry {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  /**
   * "exclusive": nobody else has the region open. "shared": somebody has, and it is complete.
   * "none": somebody is initialising it.
   */
  readonly lock: "exclusive" | "shared" | "none";
}

/** How to enter. */
export interface EntryRequest {
  readonly place: Place;
  readonly create: boolean;
  readonly readOnly: boolean;
  readonly deadline: Deadline;
}

/**
 * `decide` says, still under the lifecycle lock, what becomes of the file. The file is closed there, too, when it throws or
 * when the lock is "none": whoever looked and gave up is never taken for a user.
 * Undefined when the file was replaced while we locked it: try again. @throws ShmError
 */
export function enter<T>(request: EntryRequest, decide: (entry: Entry) => T): T | undefined {
  // Step open.lockLifecycle of test/model, and so on below.
  return underLifecycleLock(request.place, request, (directory) => {
    const opened = openFile(directory, request);
    if (opened === undefined) return undefined;
    const { fd, made } = opened;
    try {
      const { path, uid } = request.place;
      if (made) attempt(path, () => fs.fchmodSync(fd, 0o600));
      const lock = probe(fd, path);
      const stat = attempt(path, () => fs.fstatSync(fd));
      checkFile(stat, uid, path);
      // Step open.checkName.
      const isNamed = names(directory.file, stat);
      const decision = isNamed ? decide({ fd, dev: stat.dev, ino: stat.ino, size: stat.size, lock }) : undefined;
      // Step open.closeFile.
      if (!isNamed || lock === "none") closeQuietly(fd);
      return decision;
    } catch (error) {
      closeQuietly(fd);
      if (made) attemptUnless(request.place.path, ["ENOENT"], () => fs.unlinkSync(directory.file));
      throw error;
    }
  });
}

/**
 * With a shared lock in hand nobody can have the exclusive one, so whoever refuses it to us then is a user. Asked in the
 * other order, the initialiser that refused may be dead by the second call, and what it left would look like a live region.
 */
export function probe(fd: number, path: string): Entry["lock"] {
  // Step open.tryShared: refused by an initialiser only.
  if (!tryShared(fd, path)) return "none";
  // Step open.tryExclusive: a refused conversion drops the shared lock. Step open.takeShared: takes it again.
  return tryExclusive(fd, path) ? "exclusive" : tryShared(fd, path) ? "shared" : "none";
}

/** Undefined when it came or went between two calls. */
function openFile(
  { file }: OpenDirectory,
  { place, create, readOnly }: EntryRequest,
): { readonly fd: number; readonly made: boolean } | undefined {
  const { path } = place;
  const flags = (readOnly ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK;
  const open = (): number => fs.openSync(file, flags);
  // Step open.openFile.
  const fd = attemptUnless(path, ["ENOENT", "EACCES"], open);
  if (fd !== undefined) return { fd, made: false };
  if (regainAccess(file, 0o600, place.uid)) return undefined;
  // Denied, or it has come by now.
  if (statOf(file) !== undefined) return { fd: attempt(path, open), made: false };
  if (!create) throw notFound(path);
  // Step open.createFile.
  const made = attemptUnless(path, ["EEXIST", "ENOENT"], () => fs.openSync(file, flags | O_CREAT | O_EXCL, 0o600));
  return made === undefined ? undefined : { fd: made, made: true };
}

/** @throws ShmError ERR_SHM_FOREIGN, ERR_SHM_PERMISSION when the file is none of ours */
export function checkFile(stat: fs.Stats, owner: number, path: string): void {
  const remedy = "remove it, or choose another name";
  if (!stat.isFile()) {
    throw refusal("ERR_SHM_FOREIGN", "it is not a regular file", { path, found: kindOf(stat) }, remedy);
  }
  if (stat.uid !== owner) {
    const facts = { path, expected: owner, found: stat.uid };
    throw refusal("ERR_SHM_PERMISSION", "the region's file belongs to another user", facts, remedy);
  }
  if ((stat.mode & 0o022) !== 0) {
    const facts = { path, expected: "0600", found: octal(stat.mode) };
    throw refusal("ERR_SHM_PERMISSION", "others may write to the region's file", facts, "chmod 600, or remove it");
  }
  if (stat.nlink > 1) {
    const facts = { path, expected: 1, found: stat.nlink };
    throw refusal("ERR_SHM_FOREIGN", "the region's file has hard links, so it has other names", facts, remedy);
  }
}

/** What it is that should be a file. */
export function kindOf(stat: fs.Stats): string {
  if (stat.isDirectory()) return "directory";
  if (stat.isFIFO()) return "FIFO";
  return stat.isSocket() ? "socket" : "device";
}

/** Whether a path still names this file. */
export function names(path: string, { dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  const stat = statOf(path);
  return stat !== undefined && stat.dev === dev && stat.ino === ino;
}

/** What has to be let go when a region is closed. Does not keep its memory alive. */
export interface Held {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  /** Absent for memory without a name, of which the kernel alone knows who has it. */
  readonly place: Place | undefined;
  /** Whether the kernel keeps everybody from shortening it. */
  readonly sealed?: boolean;
  /** A file with a name whose directory we cannot reach, so that its lifecycle lock is not ours to take. */
  readonly outOfReach?: boolean;
}

/** Memory that never had a name, of which nobody can be robbed. */
export function isNameless({ place, outOfReach }: Held): boolean {
  return place === undefined && outOfReach !== true;
}

/** Removes the name of a region that stays open, if it still names it. @throws ShmError */
export function removeName(held: Held): void {
  const { place } = held;
  if (place === undefined) return;
  underLifecycleLock(place, { create: false, deadline: deadlineIn() }, ({ file }) => {
    if (names(file, held)) attempt(place.path, () => fs.unlinkSync(file));
  });
}

/** The lock is held for microseconds. Where it cannot be had, its holder is stopped, and nobody is to be held up by that. */
const LEAVE_TIMEOUT_MS = 1000;

/**
 * Lets go of a file and its lock under the lifecycle lock; with `remove`, the last to do so removes it, if its path still
 * names it. Never throws: at the worst the file stays, and the next open makes the region anew.
 */
export function leave(held: Held, remove: boolean, timeoutMs = LEAVE_TIMEOUT_MS): void {
  const { fd, place } = held;
  let closed = false;
  const close = (): void => {
    // Once: the number may be somebody else's a moment later.
    if (!closed) closeQuietly(fd);
    closed = true;
  };
  if (place === undefined) return close();
  try {
    // Steps close.lockLifecycle and undo.lockLifecycle, and so on.
    underLifecycleLock(place, { create: false, deadline: deadlineIn(timeoutMs), check: false }, ({ file }) => {
      try {
        if (remove && tryExclusive(fd, place.path) && names(file, held)) fs.unlinkSync(file);
      } finally {
        close();
      }
    });
  } catch {
    close();
  }
}
