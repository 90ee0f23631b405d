/**
 * The lifecycle lock: an exclusive flock on the scope's directory. Every change of a region's lock happens under it, and
 * nothing else does: no user code, no allocation, no wait for somebody's initialisation.
 */
import { refusal } from "../errors.js";
import { tryExclusive } from "../os/flock.js";
import { lockHolder } from "../os/processes.js";
import { closeQuietly } from "../os/syscall.js";
import { type Deadline, pause } from "./clock.js";
import { type OpenDirectory, type Place, openDirectory } from "./place.js";

/** @throws ShmError ERR_SHM_BUSY at the deadline, naming the holder; what openDirectory throws */
export function underLifecycleLock<T>(
  place: Place,
  options: { readonly create: boolean; readonly deadline: Deadline },
  work: (directory: OpenDirectory) => T,
): T {
  const directory = openDirectory(place, options.create);
  try {
    for (let attempt = 0; !tryExclusive(directory.fd, place.directory); attempt += 1) {
      if (!pause(attempt, options.deadline)) throw busy(place, directory, options.deadline);
    }
    return work(directory);
  } finally {
    // Closing the only descriptor of this open file drops the lock.
    closeQuietly(directory.fd);
  }
}

function busy(place: Place, directory: OpenDirectory, deadline: Deadline): Error {
  const holder = lockHolder(directory.dev, directory.ino);
  return refusal(
    "ERR_SHM_BUSY",
    "another process keeps the directory locked",
    { path: place.directory, ...(holder && { pid: holder.pid }) },
    "continue or end that process, or wait longer (timeoutMs)",
    { holder: holder?.who, waitedMs: deadline.timeoutMs },
  );
}
