/**
 * A walk through a directory of regions. The lifecycle lock is held for a few files at a time, and others have their turn.
 *
 *   Place -> survey -> for each file: finding (what it is, whether anybody has it open) -> list | remove | clean
 *
 * Nothing here maps memory: a region is known by its file, its lock and the first bytes of its header.
 */
import { sep } from "node:path";
import { type ShmError, isShmError } from "../errors.js";
import type { NameEntry, OpenDirectory } from "../os/contract.js";
import { namesIn } from "../os/index.js";
import { type Deadline, deadlineIn, ownWork, pause } from "../wait/clock.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import type { OnWait } from "../wait/long-wait.js";
import { type Place, compareFiles, isSessionName } from "../place/place.js";
import { type Finding, type OpenFile, findRegion } from "./finding.js";

/** Files that are judged before the lock is released for a moment: some milliseconds. */
const BATCH = 32;
/** Others who wait for the lock try again within this time. */
const TURN_MS = 0.2;

/** How to walk. */
export interface Survey {
  readonly place: Place;
  /** Of the call: for all the waits of all its walks. */
  readonly deadline: Deadline;
  readonly onWait?: OnWait | undefined;
  /** Called for each file with the lifecycle lock in hand, while the file is open. See {@link findRegion}. */
  readonly act?: (finding: Finding, open: OpenFile) => "taken" | undefined;
  /** Called each time after the lock was released. */
  readonly between?: () => void;
}

/** What a walk has seen, sorted by name, and the versions of a versioned name by their numbers. */
export interface Surveyed {
  readonly findings: readonly Finding[];
  /** The lock could not be had: from there on, nobody's liveness could be told. */
  readonly busy: ShmError | undefined;
}

/** Empty where there is no directory. Goes on without the lock when it cannot be had. @throws ShmError */
export function survey(request: Survey): Surveyed {
  const { place, deadline, onWait, act, between } = request;
  const findings: Finding[] = [];
  let entries: readonly NameEntry[] | undefined;
  let next = 0;
  const visit = (directory: OpenDirectory, locked: boolean, count: number): void => {
    const endOfWork = ownWork(deadline);
    entries ??= entriesOf(place, directory);
    for (const entry of entries.slice(next, next + count)) {
      const { name } = entry;
      const its = { ...place, name, path: place.directory + sep + name };
      const look = { locked, act: locked ? act : undefined, isFile: entry.isFile() };
      const finding = findRegion(its, { ...directory, file: directory.path + sep + name }, look);
      if (finding !== undefined) findings.push(finding);
    }
    next += count;
    endOfWork();
  };
  try {
    do {
      underLifecycleLock(place, { create: false, deadline, onWait }, (directory) => visit(directory, true, BATCH));
      const endOfWork = ownWork(deadline);
      between?.();
      endOfWork();
      if (next < (entries ?? []).length) pause(0, deadlineIn(TURN_MS));
    } while (next < (entries ?? []).length);
    return { findings, busy: undefined };
  } catch (error) {
    if (!isShmError(error) || error.code === "ERR_SHM_RANGE") throw error;
    // The directory itself: the files in it say ENOENT when they go.
    if (error.code === "ERR_SHM_NOT_FOUND") return { findings, busy: undefined };
    if (error.code !== "ERR_SHM_BUSY") throw error;
    const options = { create: false, deadline: deadlineIn(0), lock: false };
    underLifecycleLock(place, options, (directory) => visit(directory, false, Infinity));
    return { findings, busy: error };
  }
}

/** Names in the directory, without the folders of sessions, which are directories of regions themselves. */
function entriesOf(place: Place, directory: OpenDirectory): NameEntry[] {
  return namesIn(directory.path, place.directory)
    .filter((entry) => !(entry.isDirectory() && isSessionName(entry.name)))
    .sort((a, b) => compareFiles(a.name, b.name));
}
