/** One file of a directory of regions: what it is, and whether anybody has it open. Looking at it changes nothing. */
import { type ShmError, isShmError } from "../errors.js";
import type { FileStatus, OpenDirectory } from "../os/contract.js";
import { checkFile, closeQuietly, fileKey, identify, openForReading, statOf } from "../os/index.js";
import { SEARCHED_AT_ONCE, hasDataNearStart } from "../file/blank.js";
import { pathLeadsTo, probe } from "../file/entry.js";
import { type RegionHeader, readHeader } from "../format/header.js";
import { readHead } from "../file/mismatch.js";
import { type Place, isRegionName, regionOfTemporary } from "../place/place.js";
import { foreign } from "../file/refusals.js";
import { denied } from "./refusals.js";
import { type AnyVerdict, judgeAny } from "../format/verdict.js";

/**
 * "live": somebody has it open. "initialising": somebody is making it. "stale": complete or half-made, and nobody has it.
 * "damaged": a region whose header cannot be right. "foreign": no region of this runtime's format. "unknown": we may not
 * look, or cannot tell.
 */
export type RegionState = "live" | "initialising" | "stale" | "damaged" | "foreign" | "unknown";

/** What a look at one file has found. */
export interface Finding {
  readonly name: string;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  readonly state: RegionState;
  /** Why the state is what it is, where that is not plain; in the words of an error's message. */
  readonly why: string | undefined;
  /** What a removal is refused with: the file is not ours, or we may not look. */
  readonly refusal: ShmError | undefined;
  readonly stat: FileStatus | undefined;
  /** Of a region whose header is intact. */
  readonly header: RegionHeader | undefined;
  /** By the file's lock, which is tried only under the lifecycle lock: "unknown" without. */
  readonly life: "used" | "initialising" | "dead" | "unknown";
  /** Shows that the file is ours: its magic; or nothing at all, where it is empty or has only zeros so far as we looked. */
  readonly mark: "magic" | "zeros" | "none";
  /** Bytes from the start that were searched for anything but zeros. */
  readonly searched: number;
}

/** Under what its owners are found; empty where there is no file. */
export function keyOf({ stat }: Pick<Finding, "stat">): string {
  return stat === undefined ? "" : fileKey(stat);
}

/** What can be done with a file while it is open: with `life` "dead", its exclusive lock is ours. */
export interface OpenFile {
  readonly fd: number;
  /** Its path through the directory's descriptor. */
  readonly file: string;
}

/** How to look. */
export interface FindRequest {
  /** The lifecycle lock is in hand: only then the file's lock is tried, so that nobody ever takes us for a user. */
  readonly locked: boolean;
  /** Is called while the file is open; when it returns "taken", the descriptor is the caller's. */
  readonly act?: ((finding: Finding, open: OpenFile) => "taken" | undefined) | undefined;
  /** The directory says that it is a regular file. */
  readonly isFile?: boolean;
}

/**
 * Looks at a file. Undefined when it has gone, or was replaced meanwhile.
 * @throws ShmError of other causes than this file
 */
export function findRegion(place: Place, directory: OpenDirectory, look: FindRequest): Finding | undefined {
  const { path, name } = place;
  const { file } = directory;
  const { locked, act, isFile = false } = look;
  // A FIFO or a device is not even opened: that alone may do something.
  if (!isRegionName(name) || !isFile) {
    const stat = statOf(file, path);
    if (stat === undefined) return undefined;
    if (!isRegionName(name) || !stat.isFile()) return refused(place, stat, foreign(path));
  }
  const fd = openForReading(file, path);
  if (fd === undefined) {
    const stat = statOf(file, path);
    return stat && refused(place, stat, denied(path));
  }
  let taken = false;
  try {
    const stat = identify(fd, path);
    const found = judgeFile(place, fd, stat, locked);
    // Step look.checkName of test/model.
    if (!pathLeadsTo(file, stat)) return undefined;
    taken = act?.(found, { fd, file }) === "taken";
    return found;
  } finally {
    // Step look.closeFile: under the lifecycle lock, like everything before.
    if (!taken) closeQuietly(fd);
  }
}

/** A file that is not looked into: its state is said by why it is refused. */
function refused({ name, path }: Place, stat: FileStatus, error: ShmError): Finding {
  const state = error.code === "ERR_SHM_FOREIGN" ? "foreign" : "unknown";
  const why = stat.isFile() ? firstClause(error) : "not a regular file";
  const { size } = stat;
  const nothing = { header: undefined, life: "unknown", mark: "none", searched: 0 } as const;
  return { name, path, size, state, why, refusal: error, stat, ...nothing };
}

/** What is wrong, without facts and remedy. */
function firstClause(error: ShmError): string {
  return /^[^:;]*/.exec(error.message)?.[0] ?? error.message;
}

function judgeFile(place: Place, fd: number, stat: FileStatus, locked: boolean): Finding {
  const { path } = place;
  try {
    checkFile(place.rights, stat, path);
  } catch (error) {
    if (!isShmError(error) || error.code === "ERR_SHM_RANGE") throw error;
    // What is no region at all is not said to be one with wrong rights.
    const isRegion = !stat.isFile() || judgeAny(readHead(fd, stat.size, path), stat.size).kind !== "foreign";
    return refused(place, stat, isRegion ? error : foreign(path));
  }
  const lock = locked ? probe(fd, path) : undefined;
  const life = lock === undefined ? "unknown" : LIFE[lock];
  const copy = readHead(fd, stat.size, path);
  const verdict = judgeAny(copy, stat.size);
  const searched = Math.min(stat.size, SEARCHED_AT_ONCE);
  const isForeign =
    verdict.kind === "foreign" ||
    (verdict.kind === "mismatch" && !verdict.replaceable) ||
    hasDataNearStart(verdict, { fd, size: stat.size, path });
  if (isForeign) {
    const why = verdict.kind === "mismatch" ? verdict.what : undefined;
    return { ...refused(place, stat, foreign(path)), life, ...(why !== undefined && { why }) };
  }
  const { name } = place;
  const mark = verdict.kind === "blank" || (verdict.kind === "torn" && verdict.zeros) ? "zeros" : "magic";
  const header = verdict.kind === "ready" ? readHeader(copy) : undefined;
  const { size } = stat;
  const state = stateIn(name, life) ?? stateOf(verdict, life);
  return { name, path, size, ...state, refusal: undefined, stat, header, life, mark, searched };
}

/** Of a file that is to take another one's place. */
function stateIn(name: string, life: Finding["life"]): Pick<Finding, "state" | "why"> | undefined {
  const region = regionOfTemporary(name);
  if (region === undefined || life === "unknown") return undefined;
  if (life === "dead") return { state: "stale", why: `left by a migration of ${region} that did not come to its end` };
  return { state: "initialising", why: `a migration of ${region} makes it` };
}

const LIFE = { exclusive: "dead", shared: "used", none: "initialising" } as const;

function stateOf(verdict: AnyVerdict, life: Finding["life"]): Pick<Finding, "state" | "why"> {
  if (life === "initialising") return { state: "initialising", why: undefined };
  if (verdict.kind === "mismatch") return { state: "damaged", why: `${verdict.what}: ${verdict.field}` };
  if (verdict.kind !== "ready") {
    const why = verdict.kind === "blank" ? "nothing in it yet" : "its initialisation was never completed";
    // Who has a half-made region open does not keep to the protocol.
    return { state: life === "dead" ? "stale" : life === "used" ? "damaged" : "unknown", why };
  }
  return { state: life === "dead" ? "stale" : life === "used" ? "live" : "unknown", why: undefined };
}
