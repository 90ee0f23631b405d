/** A region's file: found or made, locked, and proven to be what its path says. */
import * as fs from "node:fs";
import { tryExclusive, tryShared } from "../os/linux/flock.js";
import { nameFile } from "../os/linux/names.js";
import { attempt, attemptUnless, closeQuietly } from "../os/linux/syscall.js";
import { type Deadline, deadlineIn, remaining, withGrace } from "../wait/clock.js";
import { underLifecycleLock, wasMissedLately } from "../place/lifecycle.js";
import { type OnWait, silently } from "../wait/long-wait.js";
import { type OpenDirectory, applyRights, hasProc, regainAccess, statOf } from "../place/directory.js";
import { type Place, notFound } from "../place/place.js";
import { OWN_FILE, checkFile, isAsMade } from "../os/linux/rights.js";

const { O_RDONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = fs.constants;
/** A file without a name. The same bit on all processors that we know; with O_DIRECTORY, so that old kernels refuse it. */
const O_TMPFILE = 0o20000000 | O_DIRECTORY;

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
  readonly onWait?: OnWait | undefined;
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
      const { path, rights } = request.place;
      const lock = probe(fd, path);
      const stat = attempt(path, () => fs.fstatSync(fd));
      checkFile(rights, stat, path);
      // Step open.checkName.
      const isNamed = pathLeadsTo(directory.file, stat);
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
  directory: OpenDirectory,
  { place, create, readOnly }: EntryRequest,
): { readonly fd: number; readonly made: boolean } | undefined {
  const { path, rights } = place;
  const { file } = directory;
  const flags = (readOnly ? O_RDONLY : O_RDWR) | O_NOFOLLOW | O_NONBLOCK;
  const open = (): number => fs.openSync(file, flags);
  // Step open.openFile.
  const fd = attemptUnless(path, ["ENOENT", "EACCES"], open);
  if (fd !== undefined) return { fd, made: false };
  if (regainAccess(file, OWN_FILE, rights.uid)) return undefined;
  // Denied, or it has come by now.
  if (statOf(file, path) !== undefined) return { fd: attempt(path, open), made: false };
  if (!create) throw notFound(path);
  // Step open.createFile.
  const made = (rights.file === OWN_FILE ? undefined : makeShared(directory, place)) ?? makeFile(directory, place);
  return made === "taken" ? undefined : { fd: made, made: true };
}

/** "taken" when somebody else was faster, or the directory has gone. */
function makeFile({ file }: OpenDirectory, { path, rights }: Place): number | "taken" {
  const flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_NONBLOCK;
  const fd = attemptUnless(path, ["EEXIST", "ENOENT"], () => fs.openSync(file, flags, OWN_FILE));
  if (fd === undefined) return "taken";
  try {
    // Until here it has what the umask left of 0600, which nobody else can use.
    applyRights(fd, rights, rights.file, path);
    return fd;
  } catch (error) {
    closeQuietly(fd);
    attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(file));
    throw error;
  }
}

/**
 * A file for others has its group and mode before it has its name: should we die in between, nobody is left with a file
 * that he can neither open nor remove. Undefined where the file system has no files without a name.
 */
function makeShared({ path: directory, file }: OpenDirectory, { path, rights }: Place): number | "taken" | undefined {
  const fd = openUnnamed(directory, path);
  if (fd === undefined) return undefined;
  try {
    applyRights(fd, rights, rights.file, path);
    if (!nameFile(fd, file, path)) return "taken";
    // Opened by its name, so that lists of processes and mappings show it.
    try {
      return attemptUnless(path, ["ENOENT"], () => fs.openSync(file, O_RDWR | O_NOFOLLOW | O_NONBLOCK)) ?? "taken";
    } catch (error) {
      attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(file));
      throw error;
    }
  } finally {
    closeQuietly(fd);
  }
}

/** A file without a name, which can get one, for its owner alone. Undefined where the file system has none. */
export function openUnnamed(directory: string, path: string): number | undefined {
  if (!hasProc()) return undefined;
  // Node names EOPNOTSUPP like this.
  const without = ["ENOTSUP", "EISDIR", "EINVAL", "ENOENT"];
  return attemptUnless(path, without, () => fs.openSync(directory, O_TMPFILE | O_RDWR | O_NONBLOCK, OWN_FILE));
}

/** Gives a file of ours that is made anew the rights of a new one: its former maker may have wished for less. */
export function renewRights({ fd }: Entry, { rights, path }: Place): void {
  if (rights.file === OWN_FILE) return;
  const stat = attempt(path, () => fs.fstatSync(fd));
  if (!isAsMade(rights, stat)) applyRights(fd, rights, rights.file, path);
}

/** Whether a path still names this file. */
export function pathLeadsTo(path: string, { dev, ino }: { readonly dev: number; readonly ino: number }): boolean {
  const stat = statOf(path);
  return stat !== undefined && stat.dev === dev && stat.ino === ino;
}

/** What has to be let go when a region is closed. Does not keep its memory alive. */
export interface FileLease {
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
export function isNameless({ place, outOfReach }: FileLease): boolean {
  return place === undefined && outOfReach !== true;
}

/** Removes the name of a region that stays open, if it still names it. @throws ShmError ERR_SHM_BUSY at the deadline */
export function removeName(lease: FileLease, deadline: Deadline, onWait?: OnWait): void {
  const { place } = lease;
  if (place === undefined) return;
  underLifecycleLock(place, { create: false, deadline: withGrace(deadline), onWait }, ({ file }) => {
    if (pathLeadsTo(file, lease)) attempt(place.path, () => fs.unlinkSync(file));
  });
}

/**
 * The lock is held for microseconds. Where it cannot be had, its holder is stopped, and nobody is to be held up by that: not for longer,
 * and not once for each region that he closes.
 */
const RELEASE_TIMEOUT_MS = 1000;

/**
 * Lets go of a file and its lock under the lifecycle lock; with `remove`, the last to do so removes it, if its path still
 * names it. Never throws: at the worst the file stays, as one of another user in the machine's directory does, and the next
 * open makes the region anew. `before`: of the call that ends with it, for which it does not wait longer than a moment.
 */
export function releaseLease(lease: FileLease, remove: boolean, before?: Deadline): void {
  const { fd, place } = lease;
  let closed = false;
  const close = (): void => {
    // Once: the number may be somebody else's a moment later.
    if (!closed) closeQuietly(fd);
    closed = true;
  };
  if (place === undefined) return close();
  const left = before === undefined ? RELEASE_TIMEOUT_MS : remaining(withGrace(before));
  const deadline = deadlineIn(wasMissedLately(place) ? 0 : Math.min(left, RELEASE_TIMEOUT_MS));
  try {
    // Steps close.lockLifecycle and undo.lockLifecycle, and so on.
    underLifecycleLock(
      place,
      { create: false, deadline, check: false, onWait: silently, pace: "holding" },
      ({ file }, removeIfEmpty) => {
        try {
          if (remove && tryExclusive(fd, place.path) && pathLeadsTo(file, lease)) {
            fs.unlinkSync(file);
            removeIfEmpty();
          }
        } finally {
          close();
        }
      },
    );
  } catch {
    close();
  }
}
