/**
 * A region's file: found or made, locked, and proven to be what its path says.
 *
 *   Place -> enter (under the lifecycle lock: open or make, ask for the lock, prove) -> Entry: descriptor, identity, lock
 *   Entry of a region that is open -> FileLease -> releaseLease (the last one removes the file)
 */
import type { FileId, OpenDirectory } from "../os/contract.js";
import {
  checkFile,
  closeQuietly,
  deleteName,
  deleteNameIfPresent,
  identify,
  makeFile,
  openFile,
  regainFile,
  statIn,
  statOf,
  tryExclusive,
  tryOpenFile,
  tryShared,
} from "../os/index.js";
import { type Deadline, deadlineIn, remaining, withGrace } from "../wait/clock.js";
import { underLifecycleLock, wasMissedLately } from "../place/lifecycle.js";
import { type OnWait, silently } from "../wait/long-wait.js";
import type { Place } from "../place/place.js";
import { notFound } from "../place/refusals.js";

/** An open region file and the lock that we got on it. */
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
    const opened = openOrMake(directory, request);
    if (opened === undefined) return undefined;
    const { fd, made } = opened;
    try {
      const { path, rights } = request.place;
      const lock = probe(fd, path);
      const stat = identify(fd, path);
      checkFile(rights, stat, path);
      // Step open.checkName.
      const isNamed = directoryNames(directory, stat);
      const decision = isNamed ? decide({ fd, dev: stat.dev, ino: stat.ino, size: stat.size, lock }) : undefined;
      // Step open.closeFile.
      if (!isNamed || lock === "none") closeQuietly(fd);
      return decision;
    } catch (error) {
      closeQuietly(fd);
      if (made) deleteNameIfPresent(directory.file, request.place.path);
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

/** Nothing is there, or it may not be opened. */
const CLOSED = ["ENOENT", "EACCES"];

/** Undefined when it came or went between two calls. */
function openOrMake(
  directory: OpenDirectory,
  { place, create, readOnly }: EntryRequest,
): { readonly fd: number; readonly made: boolean } | undefined {
  const { path, rights } = place;
  const { file } = directory;
  const access = readOnly ? "read-only" : "read-write";
  // Step open.openFile.
  const fd = tryOpenFile(file, access, path, CLOSED);
  if (fd !== undefined) return { fd, made: false };
  if (regainFile(file, rights)) return undefined;
  // Denied, or it has come by now.
  if (statOf(file, path) !== undefined) return { fd: openFile(file, access, path), made: false };
  if (!create) throw notFound(path);
  // Step open.createFile.
  const made = makeFile(directory, rights, path);
  return made === "taken" ? undefined : { fd: made, made: true };
}

/** Whether a path still names this file. */
export function pathLeadsTo(path: string, file: FileId): boolean {
  return isSame(statOf(path), file);
}

/** As {@link pathLeadsTo}, for the region's name in the directory whose lock we have. */
export function directoryNames(directory: OpenDirectory, file: FileId): boolean {
  return isSame(statIn(directory), file);
}

function isSame(found: FileId | undefined, { dev, ino }: FileId): boolean {
  return found !== undefined && found.dev === dev && found.ino === ino;
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
  underLifecycleLock(place, { create: false, deadline: withGrace(deadline), onWait }, (directory) => {
    if (directoryNames(directory, lease)) deleteName(directory.file, place.path);
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
      (directory, removeIfEmpty) => {
        try {
          if (remove && tryExclusive(fd, place.path) && directoryNames(directory, lease)) {
            deleteName(directory.file, place.path);
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
