/** Taking away what the dead left behind: only what is provably dead, and provably ours. */
import { deleteName, isThere, namesIfThere, openForReading, ownershipObstacle } from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { type Deadline, deadlineIn } from "../wait/clock.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import type { RegionWait } from "../wait/long-wait.js";
import { ownersOfMany, ownersText } from "../wait/owners.js";
import { type Place, type PlaceOptions, placeOfDirectory, regionOfTemporary, sessionsOf } from "../place/place.js";
import { type Finding, type OpenFile, keyOf } from "./finding.js";
import { type PartlyRead, type RemovedRegion, needsFullRead, readFully, release, removed } from "./remove.js";
import { survey } from "./survey.js";

/** Options of {@link cleanStale}: which directory. */
export interface CleanOptions extends PlaceOptions {
  /** Says what would be removed, and removes nothing. Default false. */
  readonly dryRun?: boolean;
  /** Removes also what somebody has opened with `cleanup: "keep"`, which is meant to be there when nobody has it open. Default false. */
  readonly includeKept?: boolean;
  /**
   * Longest wait for lifecycle locks, altogether, and longest look through files of zeros, ms. What the cleaning takes itself does
   * not count as a wait. Default 5000.
   */
  readonly timeoutMs?: number;
  /** Is told once of a wait for the lifecycle lock that has lasted a second. Default: a line on stderr. */
  readonly onWait?: (wait: RegionWait) => void;
}

/** A file that was left where it is. */
export interface KeptRegion extends RemovedRegion {
  /** `"in use by 4711 (node writer.js)"`, `"not a shmgen region"` ... */
  readonly why: string;
  /** It could go, but was opened with `cleanup: "keep"`: `includeKept` removes it. */
  readonly isKept: boolean;
}

/** What a cleaning has done, or would do; both lists sorted by name. */
export interface CleanResult {
  readonly dryRun: boolean;
  readonly removed: readonly RemovedRegion[];
  readonly kept: readonly KeptRegion[];
}

/**
 * Removes the regions of a scope that nobody has open, complete, half-made or damaged. Each is judged and removed in one hold
 * of the lifecycle lock, with its exclusive lock in hand: whoever opens it at the same time either has it before and keeps it,
 * or comes later and makes a new one. Files without our magic, of other users or with other names stay. Empty files, which show
 * nothing of their maker, are taken for half-made regions only with the mode of one, in a directory that has nothing foreign. What was
 * opened with `cleanup: "keep"` is complete and says that it is to stay: it stays, unless `includeKept` says otherwise.
 * The user's scope includes the folders of its sessions, which nobody else would clean: who comes later has another session.
 * @throws ShmError ERR_SHM_BUSY when the lifecycle lock cannot be had; what was removed until then stays removed.
 * _PERMISSION, _UNSUPPORTED, _SYSCALL; ShmRangeError for options that contradict each other
 */
export function cleanStale(options: CleanOptions = {}): CleanResult {
  checkOptions(options, "cleanStale");
  const place = placeOfDirectory(options);
  const ends = { waiting: deadlineIn(options.timeoutMs), reading: deadlineIn(options.timeoutMs) };
  const result = cleanIn(place, options, ends);
  if (place.folder !== undefined) return result;
  for (const session of sessionsOf(place, foldersIn(place))) {
    const its = cleanIn(session, options, ends);
    result.removed.push(...its.removed);
    result.kept.push(...its.kept);
  }
  return result;
}

function foldersIn({ directory }: Place): string[] {
  return namesIfThere(directory).map(({ name }) => name);
}

/** Of one directory. */
interface Cleaned extends CleanResult {
  readonly removed: RemovedRegion[];
  readonly kept: KeptRegion[];
}

/** Of the whole call: until when it waits for locks, and until when it reads files of zeros. */
interface Ends {
  readonly waiting: Deadline;
  readonly reading: Deadline;
}

function cleanIn(place: Place, options: CleanOptions, { waiting, reading }: Ends): Cleaned {
  const { dryRun = false, includeKept = false, onWait } = options;
  const walk = { place, deadline: waiting, onWait };
  // The first walk only looks: it tells whether the directory has anything that may be of others.
  const before = survey(walk);
  if (before.busy !== undefined) throw before.busy;
  const isOwn = before.findings.every(({ refusal }) => refusal === undefined);
  const dead = new Set<Finding>();
  const partlyRead: PartlyRead[] = [];
  const unknown = new Set<string>();
  const inTheWay = (finding: Finding) => obstacle(finding, place, isOwn) ?? (includeKept ? undefined : wish(finding));
  const act = (finding: Finding, { fd, file }: OpenFile): "taken" | undefined => {
    if (inTheWay(finding) !== undefined) return undefined;
    if (needsFullRead(finding)) {
      const its = { ...place, name: finding.name, path: finding.path };
      // A dry run keeps no lock: the file opened once more has none.
      const other = dryRun ? openForReading(file, its.path) : fd;
      if (other !== undefined) partlyRead.push({ fd: other, finding, place: its });
      return dryRun ? undefined : "taken";
    }
    // Step look.unlink.
    if (!dryRun) deleteName(file, finding.path, "remove it");
    dead.add(finding);
    return undefined;
  };
  const between = (): void => {
    for (let file = partlyRead.pop(); file !== undefined; file = partlyRead.pop()) {
      const content = readFully(file, reading, !dryRun);
      if (content === "zeros") dead.add(file.finding);
      if (content === "unknown") unknown.add(file.finding.name);
    }
  };
  try {
    const { findings, busy } = survey({ ...walk, act, between });
    if (busy !== undefined) throw busy;
    if (!dryRun) removeFolderIfEmpty(place, waiting, onWait);
    const reason = (finding: Finding) => (unknown.has(finding.name) ? LONG : inTheWay(finding));
    return { dryRun, ...divide(findings, dead, reason) };
  } finally {
    for (const file of partlyRead) release(file);
  }
}

const NOT_OURS = "not a shmgen region";
const IN_USE = "in use";
const KEPT = "kept: it was opened to stay";
const LONG = "zeros, too many to be looked through";

/** What is in the way of a removal; undefined for what may go. */
function obstacle({ why, refusal, life, mark, stat }: Finding, { rights }: Place, isOwn: boolean): string | undefined {
  if (refusal !== undefined || stat === undefined) return why ?? NOT_OURS;
  if (life !== "dead") return IN_USE;
  const isEmpty = mark !== "magic";
  const notOurs = ownershipObstacle(stat, rights, isEmpty);
  if (notOurs !== undefined || !isEmpty) return notOurs;
  return isOwn ? undefined : "empty, among files of other programs: perhaps of one of them";
}

/** Why it stays although it could go. */
function wish({ name, header }: Finding): string | undefined {
  // What a migration has left beside a region is no region yet.
  return header?.kept === true && regionOfTemporary(name) === undefined ? KEPT : undefined;
}

function divide(
  findings: readonly Finding[],
  dead: ReadonlySet<Finding>,
  reason: (finding: Finding) => string | undefined,
): Pick<Cleaned, "removed" | "kept"> {
  const kept = findings.filter((finding) => !dead.has(finding));
  const owners = ownersOfMany(new Set(kept.filter(({ life }) => life !== "dead").map(keyOf)));
  const explained = (finding: Finding): KeptRegion => {
    const why = reason(finding) ?? NOT_OURS;
    const users = why === IN_USE ? ` by ${ownersText(owners.get(keyOf(finding)) ?? [])}` : "";
    return { ...removed(finding), why: why + users, isKept: why === KEPT };
  };
  return { removed: findings.filter((finding) => dead.has(finding)).map(removed), kept: kept.map(explained) };
}

/** A session's folder goes with its last region, or with its maker who died before the first. */
function removeFolderIfEmpty(place: Place, deadline: Deadline, onWait: CleanOptions["onWait"]): void {
  const { folder, directory } = place;
  if (folder === undefined || !isThere(directory)) return;
  underLifecycleLock(place, { create: false, deadline, onWait }, (_directory, removeIfEmpty) => removeIfEmpty());
}
