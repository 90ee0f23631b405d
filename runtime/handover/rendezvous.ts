/** A path at which two processes meet. A socket never stands there without somebody who listens, unless he was killed. */
import { dirname } from "node:path";
import type { FileId, PreparedListener } from "../os/contract.js";
import {
  SOCKET_PATH_MAX,
  closeForeign,
  endPreparation,
  listenerStatus,
  prepareListener,
  publishListener,
  removeDeadListener,
  removeListener,
  rightsOf,
  tryExclusive,
  unlock,
} from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { type Patience, rest } from "../wait/clock.js";
import { atEnd } from "../mapping/ending.js";
import type { HandOverOptions } from "../open/options.js";
import type { PlaceOptions } from "../place/place.js";
import { notASocketPath, pathInUse, pathOfSomethingElse, socketDirectoryLocked } from "./refusals.js";

/** Before anybody waits. @throws ShmError ERR_SHM_NAME for the path; ShmRangeError for the options */
export function checkMeeting(
  path: unknown,
  options: HandOverOptions & PlaceOptions,
  taker: "sendRegion" | "receiveRegion",
): void {
  checkSocketPath(path);
  checkOptions(options, taker);
  // What the file will be held to when it arrives.
  rightsOf(options, options.scope === "machine", false);
}

/** What the kernel would cut, or would not find in the file system. */
function checkSocketPath(path: unknown): void {
  const size = typeof path === "string" ? Buffer.byteLength(path) : 0;
  if (typeof path === "string" && size > 0 && size <= SOCKET_PATH_MAX && !path.includes("\0")) return;
  throw notASocketPath(path, size, SOCKET_PATH_MAX);
}

/** A socket that listens, and what ends that. */
export interface Listener {
  readonly fd: number;
  close(): void;
}

/**
 * Listens at a path, for this user or for all. It is complete before it has its path. What a receiver that was killed has left
 * there is removed. @throws ShmError ERR_SHM_EXISTS when somebody listens there, or it is no socket
 */
export async function listenAt(path: string, forAll: boolean, patience: Patience): Promise<Listener> {
  const listener = prepareListener(path, forAll);
  try {
    try {
      if (!publishListener(listener)) await replaceDead(listener, patience);
      return listenerOf(listener, listenerStatus(listener));
    } finally {
      endPreparation(listener);
    }
  } catch (error) {
    closeForeign(listener.fd);
    throw error;
  }
}

/** Under a lock on the directory, so that of two who find the same left-over, none removes what the other puts there. */
async function replaceDead(listener: PreparedListener, patience: Patience): Promise<void> {
  const { folder, path } = listener;
  for (let round = 0; !tryExclusive(folder, dirname(path)); round += 1) {
    if (!(await rest(round, patience))) throw socketDirectoryLocked(path);
  }
  try {
    const left = removeDeadListener(listener);
    if (left === "foreign") throw pathOfSomethingElse(path);
    if (left === "alive" || !publishListener(listener)) throw pathInUse(path);
  } finally {
    unlock(folder, path);
  }
}

function listenerOf({ fd, path }: PreparedListener, file: FileId): Listener {
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    forget();
    removeListener(path, file);
    closeForeign(fd);
  };
  const forget = atEnd(close);
  return { fd, close };
}
