/**
 * A name in the file system at which two processes meet. The socket listens before it has the name that others know, so whoever finds
 * it can connect; and it is made under a random name in the open directory, so that nobody can be tricked about which directory.
 */

import { basename, dirname, resolve } from "node:path";
import { fs } from "../node.js";
import type { FileId, FileStatus, PreparedListener } from "../contract.js";
import { randomHex } from "../random.js";
import { ownUser } from "../posix/accounts.js";
import { closeForeign } from "../posix/files.js";
import { bindTo, connectTo, listenOn, openSocket } from "./sockets.js";
import { posix, statOf } from "../posix/status.js";
import { attempt, attemptUnless, closeQuietly, syscallError } from "../posix/syscall.js";
import { checkProc } from "./proc.js";

const { O_RDONLY, O_DIRECTORY } = fs.constants;
const FOR_ALL = 0o666;
const FOR_OWNER = 0o600;

/** A socket that listens, for this user or for all, under a temporary name. @throws ShmError */
export function prepareListener(path: string, forAll: boolean): PreparedListener {
  checkProc(path, "bind");
  const directory = dirname(resolve(path));
  const folder = attempt(directory, () => fs.openSync(directory, O_RDONLY | O_DIRECTORY));
  const at = (name: string): string => `/proc/self/fd/${folder}/${name}`;
  const temporary = at(`.shmgen-${randomHex(8)}`);
  let fd: number | undefined;
  try {
    fd = openSocket(path);
    bindTo(fd, temporary, path);
    const socket = fd;
    try {
      // Nobody can connect before it listens, so the mode is in time.
      attempt(path, () => fs.chmodSync(temporary, forAll ? FOR_ALL : FOR_OWNER));
      listenOn(socket, path);
      return { fd: socket, folder, temporary, wanted: at(basename(path)), path };
    } catch (error) {
      fs.unlinkSync(temporary);
      throw error;
    }
  } catch (error) {
    if (fd !== undefined) closeForeign(fd);
    closeQuietly(folder);
    throw error;
  }
}

/** Gives it the name, unless something has it: then false. @throws ShmError */
export function publishListener({ temporary, wanted, path }: PreparedListener): boolean {
  return attemptUnless(path, ["EEXIST"], () => (fs.linkSync(temporary, wanted), true)) === true;
}

/**
 * Takes away what a receiver who was killed left under the name. With the lock on the folder in hand, so that of two who find the
 * same left-over, none removes what the other puts there. @throws ShmError
 */
export function removeDeadListener({ wanted, path }: PreparedListener): "foreign" | "alive" | "removed" {
  const status = statOf(wanted, path);
  if (status === undefined) return "removed";
  const stat = posix(status);
  if (!stat.isSocket() || stat.uid !== ownUser()) return "foreign";
  if (isAlive(wanted, path)) return "alive";
  attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(wanted));
  return "removed";
}

function isAlive(wanted: string, path: string): boolean {
  const probe = openSocket(path);
  try {
    return connectTo(probe, wanted) !== "absent";
  } finally {
    closeForeign(probe);
  }
}

/** What the socket's file is. @throws ShmError */
export function listenerStatus({ temporary, path }: PreparedListener): FileStatus {
  const status = statOf(temporary, path);
  if (status === undefined) throw syscallError("lstat", "ENOENT", path);
  return status;
}

/** The temporary name goes, and the directory is closed. The socket stays. */
export function endPreparation({ folder, temporary }: PreparedListener): void {
  try {
    fs.unlinkSync(temporary);
  } finally {
    closeQuietly(folder);
  }
}

/** Takes the name away if it is still that of this socket: somebody may have put another one there. Never throws. */
export function removeListener(path: string, { dev, ino }: FileId): void {
  try {
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat?.dev === dev && stat.ino === ino) fs.rmSync(path, { force: true });
  } catch {
    // We may not look there any more. It stays, and the next who listens there removes it.
  }
}
