/**
 * The lifecycle lock: an exclusive flock on the scope's directory. Every change of a region's lock happens under it, and
 * nothing else does: no user code, no allocation, no wait for somebody's initialisation.
 */
import * as fs from "node:fs";
import { refusal } from "../errors.js";
import { tryExclusive } from "../os/flock.js";
import { lockHolder } from "../os/processes.js";
import { attempt, closeQuietly } from "../os/syscall.js";
import { type Deadline, pause } from "./clock.js";
import { type OpenDirectory, type Place, checkDirectory, openDirectory } from "./place.js";

/**
 * `check: false` is for letting go of a region: its directory was checked when it was opened.
 * @throws ShmError ERR_SHM_BUSY at the deadline, naming the holder; what openDirectory throws
 */
export function underLifecycleLock<T>(
  place: Place,
  options: { readonly create: boolean; readonly deadline: Deadline; readonly check?: boolean },
  work: (directory: OpenDirectory) => T,
): T {
  const directory = openDirectory(place, options.create);
  try {
    if (options.check !== false) checkDirectory(place, directory);
    // Step *.lockLifecycle of test/model.
    for (let round = 0; !tryExclusive(directory.fd, place.directory); round += 1) {
      if (!pause(round, options.deadline)) throw busy(place, directory, options.deadline);
    }
    return work(directory);
  } finally {
    // Step *.unlockLifecycle: closing the only descriptor of this open file drops the lock.
    closeQuietly(directory.fd);
  }
}

function busy(place: Place, directory: OpenDirectory, deadline: Deadline): Error {
  const { dev, ino } = attempt(place.directory, () => fs.fstatSync(directory.fd));
  const holder = lockHolder(dev, ino);
  return refusal(
    "ERR_SHM_BUSY",
    "another process keeps the directory locked",
    { path: place.directory, ...(holder && { pid: holder.pid }) },
    "continue or end that process, or wait longer (timeoutMs)",
    { holder: holder?.who, waitedMs: deadline.timeoutMs },
  );
}
