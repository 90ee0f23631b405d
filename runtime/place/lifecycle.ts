/**
 * The lifecycle lock: an exclusive flock on the scope's directory. Every change of a region's lock happens under it, and
 * nothing else does: no user code, no allocation, no wait for somebody's initialisation. At .NET's places initialisation
 * takes place under it as well, because .NET expects a region to be complete whenever it gets the lock.
 */
import type { OpenDirectory } from "../os/contract.js";
import {
  checkDirectory,
  closeQuietly,
  identify,
  lockHolder,
  openDirectory,
  openFolder,
  removeFolder,
  tryExclusive,
} from "../os/index.js";
import { type Deadline, GRACE_MS, type Pace, pause } from "../wait/clock.js";
import { monotonicMs } from "../monotonic.js";
import { LongWait, type OnWait } from "../wait/long-wait.js";
import type { Place } from "./place.js";
import { directoryLocked, directoryReplaced, notFound } from "./refusals.js";

/** How to get the lock. */
export interface LockOptions {
  readonly create: boolean;
  readonly deadline: Deadline;
  /** False for letting go of a region: its directory was checked when it was opened. */
  readonly check?: boolean;
  /** Is told of a wait that lasts; a line on stderr where it is absent. */
  readonly onWait?: OnWait | undefined;
  /** "holding" for who has a region's lock in hand that others wait for. */
  readonly pace?: Pace;
  /** False for who changes nothing and takes no lock of a region, where the lifecycle lock cannot be had. */
  readonly lock?: boolean;
}

/**
 * The locks that this thread holds: what a region initialises under the lock may open and close others there. Hardly ever more than one,
 * and a Map that is filled and emptied makes a new table each time.
 */
const inHand: { readonly path: string; readonly directory: OpenDirectory }[] = [];
/** Bound of attempts when the directory comes and goes under our hands. */
const ROUNDS_MAX = 64;

/**
 * `work` gets the directory of the region's file, and a function that removes it if it is a folder of its own and empty.
 * @throws ShmError ERR_SHM_BUSY at the deadline, naming the holder; what openDirectory throws
 */
export function underLifecycleLock<T>(
  place: Place,
  options: LockOptions,
  work: (directory: OpenDirectory, removeIfEmpty: () => void) => T,
): T {
  for (let round = 1; ; round += 1) {
    const done = lockOnce(place, options, work);
    if (done !== undefined) return done.result;
    if (round === ROUNDS_MAX) throw directoryReplaced(place.lockDirectory, round);
  }
}

/** Undefined when the locked directory has gone. */
function lockOnce<T>(
  place: Place,
  options: LockOptions,
  work: (directory: OpenDirectory, removeIfEmpty: () => void) => T,
): { readonly result: T } | undefined {
  const { lockDirectory, folder } = place;
  const { create, check = true } = options;
  const known = inHand.find(({ path }) => path === lockDirectory)?.directory;
  const lock = known ?? openDirectory(place, create, check);
  if (lock === undefined) throw notFound(place.path);
  let inner: OpenDirectory | undefined;
  try {
    if (check) checkDirectory(place, lock, create);
    if (known === undefined && options.lock !== false) takeLock(place, lock, options);
    const opened = folder === undefined ? lock : openFolder(place, lock, create, check);
    if (opened === "gone") return undefined;
    if (opened === "missing") throw notFound(place.path);
    inner = opened;
    return { result: work(inner, () => removeFolder(place, lock)) };
  } finally {
    if (inner !== undefined && inner !== lock) closeQuietly(inner.fd);
    if (known === undefined) {
      const at = inHand.findIndex(({ directory }) => directory === lock);
      if (at >= 0) inHand.splice(at, 1);
      // Step *.unlockLifecycle: closing the only descriptor of this open file drops the lock.
      closeQuietly(lock.fd);
    }
  }
}

/**
 * Directories whose lock somebody of this thread has waited for in vain, and when, by {@link monotonicMs}. Whoever only leaves does not stand in
 * line for it again.
 */
const missed = new Map<string, number>();
const MISSED_MS = 10_000;

/** Whether it is known that the lock of a directory can hardly be had: it was waited for in vain, and not got since. */
export function wasMissedLately({ lockDirectory }: Place): boolean {
  return monotonicMs() - (missed.get(lockDirectory) ?? -Infinity) < MISSED_MS;
}

function takeLock(place: Place, lock: OpenDirectory, { deadline, onWait, pace }: LockOptions): void {
  const path = place.lockDirectory;
  let wait: LongWait | undefined;
  const begun = monotonicMs();
  // Step *.lockLifecycle of test/model.
  for (let round = 0; !tryExclusive(lock.fd, path); round += 1) {
    wait ??= new LongWait("lifecycle-lock", path, onWait);
    wait.tellOnceLong(() => identify(lock.fd, path));
    if (pause(round, deadline, pace)) continue;
    // A call that hardly waited says nothing about the lock.
    if (wasMissedLately(place) || monotonicMs() - begun >= GRACE_MS / 2) missed.set(path, monotonicMs());
    throw busy(place, lock, deadline);
  }
  if (missed.size > 0) missed.delete(path);
  inHand.push({ path: place.lockDirectory, directory: lock });
}

function busy(place: Place, directory: OpenDirectory, deadline: Deadline): Error {
  const { dev, ino } = identify(directory.fd, place.lockDirectory);
  return directoryLocked(place.lockDirectory, lockHolder(dev, ino), deadline.timeoutMs);
}
