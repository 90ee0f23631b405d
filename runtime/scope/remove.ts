/** Taking one region away, by name. */
import { type ShmError } from "../errors.js";
import { type Content, contentOf } from "../file/blank.js";
import { checkOptions } from "../arguments/check-options.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import { releaseLease } from "../file/entry.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import type { RegionWait } from "../wait/long-wait.js";
import { ownersOf } from "../wait/owners.js";
import { type Place, type PlaceOptions, placeOfFile } from "../place/place.js";
import { foreign, tooManyZeros } from "../file/refusals.js";
import { deleteName } from "../os/index.js";
import { type Finding, type OpenFile, type RegionState, findRegion } from "./finding.js";
import { beingInitialised, inUse, missing } from "./refusals.js";

/** Options of {@link removeRegion}. */
export interface RemoveOptions extends PlaceOptions {
  /**
   * Takes the name of a region away that somebody has open. Its users keep its memory until they close it, and the next
   * opener makes a new region. Never a file that is not of shmgen. Default false.
   */
  readonly force?: boolean;
  /** Longest wait for the lifecycle lock, and longest look through a file of zeros. Default 5000. */
  readonly timeoutMs?: number;
  /** Is told once of a wait for the lifecycle lock that has lasted a second. Default: a line on stderr. */
  readonly onWait?: (wait: RegionWait) => void;
}

/** A file that was removed. */
export interface RemovedRegion {
  readonly name: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** As it was: "live" and "initialising" only with `force`. */
  readonly state: RegionState;
}

/**
 * A file that nobody uses and of which only the first bytes were read, all of them zeros. Open, and locked exclusively by whoever
 * means to remove it.
 */
export interface PartlyRead extends Pick<OpenFile, "fd"> {
  readonly finding: Finding;
  readonly place: Place;
}

/**
 * Removes a region that nobody has open, by the name of its file (`car-7@2` for a versioned name): its file has our magic, or holds nothing at all; it is a regular file with one name
 * and the rights of a region; and its exclusive lock was got under the lifecycle lock.
 * @returns what it removed
 * @throws ShmError ERR_SHM_BUSY naming the owners when somebody has it open; _NOT_FOUND; _FOREIGN for a file that is not of
 * shmgen, of a format that this version does not know, or of more zeros than are looked through; _PERMISSION, _NAME
 */
export function removeRegion(name: string, options: RemoveOptions = {}): RemovedRegion {
  checkOptions(options, "removeRegion");
  const { force = false, timeoutMs, onWait } = options;
  const place = placeOfFile(name, options);
  const partlyRead: PartlyRead[] = [];
  const deadline = deadlineIn(timeoutMs);
  const finding = underLifecycleLock(place, { create: false, deadline, onWait }, (directory, removeIfEmpty) => {
    const act = (its: Finding, { fd, file }: OpenFile): "taken" | undefined => {
      if (!mayRemove(its, force)) return undefined;
      if (needsFullRead(its)) {
        partlyRead.push({ fd, finding: its, place });
        return "taken";
      }
      // Step look.unlink.
      deleteName(file, place.path, "remove it");
      return undefined;
    };
    const found = findRegion(place, directory, { locked: true, act });
    removeIfEmpty();
    return found;
  });
  if (finding === undefined) throw missing(place.path);
  if (finding.refusal !== undefined) throw finding.refusal;
  for (const file of partlyRead) {
    const content = readFully(file, deadline, true);
    if (content === "data") throw foreign(place.path);
    if (content === "unknown") throw tooManyZeros(place.path, finding.size);
  }
  if (!mayRemove(finding, force)) throw occupied(finding);
  return removed(finding);
}

/** By force only what shows that it is ours: somebody may have locked an empty file of another program. */
function mayRemove({ refusal: why, life, mark }: Finding, force: boolean): boolean {
  return why === undefined && (life === "dead" || (force && mark === "magic"));
}

/** Whether only zeros were found in a long file that nobody uses: to read the rest takes longer than the lifecycle lock may be held. */
export function needsFullRead({ mark, searched, size, life }: Finding): boolean {
  return mark === "zeros" && searched < size && life === "dead";
}

/**
 * Reads all of a file, without the lifecycle lock, and closes it; with `remove`, it is removed if there is nothing but zeros.
 * Its exclusive lock is that of an initialiser, so openers wait meanwhile, and find it given up afterwards.
 */
export function readFully(file: PartlyRead, deadline: Deadline, remove: boolean): Content {
  const { fd, finding } = file;
  let content: Content = "unknown";
  try {
    content = contentOf({ fd, size: finding.size, path: finding.path }, deadline);
  } finally {
    release(file, content === "zeros" && remove);
  }
  return content;
}

/** Unlocks and closes it; with `remove`, its name goes first. */
export function release({ fd, finding: { stat }, place }: PartlyRead, remove = false): void {
  releaseLease({ fd, dev: stat?.dev ?? 0, ino: stat?.ino ?? 0, place }, remove);
}

/** What a caller is told of it. */
export function removed({ name, path, size, state }: Finding): RemovedRegion {
  return { name, path, size, state };
}

function occupied({ path, life, stat }: Finding): ShmError {
  const owners = stat === undefined ? [] : ownersOf(stat);
  return life === "initialising" ? beingInitialised(path, owners) : inUse(path, owners);
}
