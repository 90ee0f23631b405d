/** A path at which two processes meet. A socket never stands there without somebody who listens, unless he was killed. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type ShmError, refusal } from "../errors.js";
import { tryExclusive, unlock } from "../os/linux/flock.js";
import { closeForeign } from "../os/linux/memfd.js";
import { SOCKET_PATH_MAX, bindTo, connectTo, listenOn, openSocket } from "../os/linux/sockets.js";
import { attempt, attemptUnless, checkProc, closeQuietly } from "../os/linux/syscall.js";
import { checkOptions } from "../arguments/check-options.js";
import { type Deadline, remaining } from "../wait/clock.js";
import type { HandOverOptions } from "../open/options.js";
import type { PlaceOptions } from "../place/place.js";
import { rightsOf } from "../os/linux/rights.js";

const { O_RDONLY, O_DIRECTORY } = fs.constants;
const DELAY_MAX_MS = 20;

/** How long to wait, and what ends the wait before. */
export interface Patience {
  readonly deadline: Deadline;
  readonly signal: AbortSignal | undefined;
}

/** Lets others run for a while, longer with every round. False when the time is up. @throws the signal's reason */
export async function rest(round: number, { deadline, signal }: Patience): Promise<boolean> {
  signal?.throwIfAborted();
  const left = remaining(deadline);
  if (left === 0) return false;
  const delay = Math.min(DELAY_MAX_MS, 2 ** Math.min(round, 10), left);
  await sleep(delay, undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
  return true;
}

/** Before anybody waits. @throws ShmError ERR_SHM_NAME for the path; ShmRangeError for the options */
export function checkMeeting(path: unknown, options: HandOverOptions & PlaceOptions): void {
  checkSocketPath(path);
  checkOptions(options);
  // What the file will be held to when it arrives.
  rightsOf(options, options.scope === "machine", false);
}

/** What the kernel would cut, or would not find in the file system. */
function checkSocketPath(path: unknown): void {
  const size = typeof path === "string" ? Buffer.byteLength(path) : 0;
  if (typeof path === "string" && size > 0 && size <= SOCKET_PATH_MAX && !path.includes("\0")) return;
  const expected = `1 to ${SOCKET_PATH_MAX} bytes without NUL`;
  const found = typeof path === "string" ? `${size} bytes` : typeof path;
  const remedy = "choose a short path in a directory of your own; abstract sockets are open to everybody";
  throw refusal(
    "ERR_SHM_NAME",
    "this cannot be the path of a socket",
    { field: "socketPath", expected, found },
    remedy,
    {
      begins: typeof path === "string" ? JSON.stringify(path.slice(0, 40)) : undefined,
    },
  );
}

/** A socket that listens, and what ends that. */
export interface Listener {
  readonly fd: number;
  close(): void;
}

/**
 * Listens at a path, for this user or, with `mode` 0666, for all. It is complete before it has its path. What a receiver
 * that was killed has left there is removed. @throws ShmError ERR_SHM_EXISTS when somebody listens there, or it is no socket
 */
export async function listenAt(path: string, mode: number, patience: Patience): Promise<Listener> {
  checkProc(path, "bind");
  const directory = dirname(resolve(path));
  const folder = attempt(directory, () => fs.openSync(directory, O_RDONLY | O_DIRECTORY));
  const at = (name: string): string => `/proc/self/fd/${folder}/${name}`;
  const temporary = at(`.shmgen-${randomBytes(8).toString("hex")}`);
  const wanted = at(basename(path));
  let fd: number | undefined;
  try {
    fd = openSocket(path);
    bindTo(fd, temporary, path);
    try {
      // Nobody can connect before it listens, so the mode is in time.
      attempt(path, () => fs.chmodSync(temporary, mode));
      listenOn(fd, path);
      if (!giveName(temporary, wanted, path)) await replaceDead({ folder, temporary, wanted, path }, patience);
      return listenerOf(
        fd,
        path,
        attempt(path, () => fs.lstatSync(temporary)),
      );
    } finally {
      fs.unlinkSync(temporary);
    }
  } catch (error) {
    if (fd !== undefined) closeForeign(fd);
    throw error;
  } finally {
    closeQuietly(folder);
  }
}

function giveName(temporary: string, wanted: string, path: string): boolean {
  return attemptUnless(path, ["EEXIST"], () => (fs.linkSync(temporary, wanted), true)) === true;
}

/** Under a lock on the directory, so that of two who find the same left-over, none removes what the other puts there. */
async function replaceDead(
  {
    folder,
    temporary,
    wanted,
    path,
  }: { readonly folder: number; readonly temporary: string; readonly wanted: string; readonly path: string },
  patience: Patience,
): Promise<void> {
  for (let round = 0; !tryExclusive(folder, dirname(path)); round += 1) {
    if (!(await rest(round, patience))) throw taken("somebody keeps the directory of the socket locked", path);
  }
  try {
    const stat = attempt(path, () => fs.lstatSync(wanted, { throwIfNoEntry: false }));
    if (stat !== undefined) {
      if (!stat.isSocket() || stat.uid !== process.geteuid?.())
        throw taken("something else has the socket's path", path);
      if (isAlive(wanted, path)) throw taken("somebody listens at this path already", path);
      attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(wanted));
    }
    if (!giveName(temporary, wanted, path)) throw taken("somebody listens at this path already", path);
  } finally {
    unlock(folder, path);
  }
}

function isAlive(wanted: string, path: string): boolean {
  const probe = openSocket(path);
  try {
    return connectTo(probe, wanted) !== "absent";
  } finally {
    closeForeign(probe);
  }
}

function taken(what: string, path: string): ShmError {
  return refusal("ERR_SHM_EXISTS", what, { path }, "choose another path, or wait until it is free");
}

function listenerOf(fd: number, path: string, { dev, ino }: fs.Stats): Listener {
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    process.off("exit", close);
    try {
      const stat = fs.lstatSync(path, { throwIfNoEntry: false });
      // Somebody may have put another one there.
      if (stat?.dev === dev && stat.ino === ino) fs.rmSync(path, { force: true });
    } catch {
      // We may not look there any more. It stays, and the next who listens there removes it.
    }
    closeForeign(fd);
  };
  process.once("exit", close);
  return { fd, close };
}
