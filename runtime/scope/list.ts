/** The regions of a scope, as they are. Nothing is changed by looking. */
import { type ShmError, isShmError } from "../errors.js";
import { closeQuietly, describeProcess, openForReading, stillRuns } from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { deadlineIn } from "../wait/clock.js";
import { type RegionHeader, creatorOf } from "../format/header.js";
import { type RegionOwner, ownersOfMany } from "../wait/owners.js";
import { type LookedAt, ParticipantCounter, type ParticipantCounts } from "../participants/count.js";
import { type PlaceOptions, fileName, placeOfDirectory } from "../place/place.js";
import { type Finding, type OpenFile, type RegionState, keyOf } from "./finding.js";
import { needsFullRead } from "./remove.js";
import { type Survey, type Surveyed, survey } from "./survey.js";

/** Options of {@link listRegions}: which directory. */
export interface ListOptions extends PlaceOptions {
  /**
   * Longest wait for the lifecycle lock, default 500. Without the lock, the states of regions that nobody is seen to hold are
   * "unknown".
   */
  readonly timeoutMs?: number;
}

/** A file in a directory of regions. */
export interface ListedRegion {
  /** Of the file; `removeRegion` takes it. */
  readonly name: string;
  /** What the region is opened by: `name`, without the version of a versioned name. */
  readonly logicalName: string;
  /** Of a versioned name: 2 in `car-7@2`. */
  readonly nameVersion?: number;
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /**
   * "live": somebody has it open. "initialising": somebody is making it. "stale": complete or half-made, and nobody has it
   * open. "damaged": of shmgen, but its header cannot be right. "foreign": not of shmgen, or of a format that this version does
   * not know, .NET's included. "unknown": it may not be looked at, or the lifecycle lock could not be had.
   */
  readonly state: RegionState;
  /** Why the state is what it is, where that is not plain. */
  readonly why?: string;
  /** Who has it open, sorted by pid. Empty for a "live" region: its users are in other pid namespaces. */
  readonly owners: readonly RegionOwner[];
  /** Somebody has it open who is not in sight, in another pid namespace or container. */
  readonly unseen: boolean;
  /** `type` of the schema. This and what follows is there where the header is intact. */
  readonly typeId?: number;
  /** `version` of the schema. */
  readonly version?: number;
  /** Of the layout, 16 hex digits. */
  readonly fingerprint?: string;
  /** Initialisations of this file. */
  readonly generation?: number;
  /** Elements of the tail. */
  readonly tailLength?: number;
  /** Somebody has opened it with `cleanup: "keep"`: cleaning leaves it, unless it is told otherwise. */
  readonly kept?: boolean;
  /**
   * Of a region with containers that have owners: numbers of participants that are taken, those of them whose owners are dead and not
   * recovered yet, and how many there are. Absent as well where the lifecycle lock could not be had.
   */
  readonly participants?: { readonly taken: number; readonly dead: number; readonly capacity: number };
  /** The process that initialised it, and whether that very process still runs; pid as its own pid namespace numbers it. */
  readonly creator?: { readonly pid: number; readonly isRunning: boolean };
  /** By the clock of then. For people. */
  readonly initialisedAt?: Date;
}

const TIMEOUT_MS = 500;

/**
 * All files of a scope's directory, sorted by name, versions of one name by their numbers; none where there is no directory. Each is judged under the lifecycle lock,
 * which is held for a few files at a time: no opener meets us, and nobody's lock is disturbed.
 * @throws ShmError ERR_SHM_PERMISSION, _UNSUPPORTED, _SYSCALL; ShmRangeError for options that contradict each other
 */
export function listRegions(options: ListOptions = {}): ListedRegion[] {
  checkOptions(options, "listRegions");
  const { timeoutMs = TIMEOUT_MS, ...where } = options;
  const participants = new CountedParticipants();
  const { findings, busy } = participants.surveyed({ place: placeOfDirectory(where), deadline: deadlineIn(timeoutMs) });
  const keys = new Set(findings.filter(isHeld).map(keyOf));
  const owners = ownersOfMany(keys);
  const runs = creatorsOf(findings);
  return findings.map((finding) =>
    listed(finding, owners.get(keyOf(finding)) ?? [], { runs, busy, participants: participants.of(finding) }),
  );
}

/** Participants of regions. Their files are opened once more: counting takes longer than anybody should wait for the lifecycle lock. */
class CountedParticipants {
  readonly #counter = new ParticipantCounter();
  readonly #counted = new Map<Finding, ParticipantCounts>();
  readonly #open: (LookedAt & { readonly finding: Finding })[] = [];

  of(finding: Finding): ParticipantCounts | undefined {
    return this.#counted.get(finding);
  }

  surveyed(request: Survey): Surveyed {
    try {
      return survey({ ...request, act: (finding, file) => this.#keep(finding, file), between: () => this.#count() });
    } finally {
      for (const { fd } of this.#open) closeQuietly(fd);
    }
  }

  #keep(finding: Finding, { file }: OpenFile): undefined {
    const { header, path } = finding;
    if (header === undefined || !this.#counter.mayHave(header)) return;
    try {
      // Not the open file that was found, which has the region's lock.
      const fd = openForReading(file, path);
      if (fd !== undefined) this.#open.push({ fd, header, path, finding });
    } catch (error) {
      // Without a descriptor for it, the rest of the list is told all the same.
      if (!isShmError(error)) throw error;
    }
  }

  #count(): void {
    for (let file = this.#open.pop(); file !== undefined; file = this.#open.pop()) {
      try {
        const counts = this.#counter.mayHave(file.header) ? this.#counter.count(file) : undefined;
        if (counts !== undefined) this.#counted.set(file.finding, counts);
      } finally {
        closeQuietly(file.fd);
      }
    }
  }
}

/** What else was found out. */
interface FoundOut {
  readonly runs: ReadonlyMap<string, boolean>;
  readonly busy: ShmError | undefined;
  readonly participants: ParticipantCounts | undefined;
}

function listed(
  finding: Finding,
  owners: readonly RegionOwner[],
  { runs, busy, participants }: FoundOut,
): ListedRegion {
  const { state, why } = busy && finding.life === "unknown" ? guess(finding, owners, busy) : sure(finding);
  const { name, path, size, header } = finding;
  const unseen = (state === "live" || state === "initialising") && owners.length === 0;
  const { name: logicalName, version: nameVersion } = fileName(name);
  const names = { name, logicalName, ...(nameVersion !== undefined && { nameVersion }) };
  return {
    ...names,
    path,
    size,
    state,
    ...(why !== undefined && { why }),
    owners,
    unseen,
    ...factsOf(header, runs),
    ...(participants && { participants }),
  };
}

/** A long file of zeros is not read to its end: that takes longer than a list should. */
function sure(finding: Finding): Pick<Finding, "state" | "why"> {
  if (!needsFullRead(finding)) return finding;
  return { state: "unknown", why: `its first ${finding.searched} bytes are zeros; the rest was not looked at` };
}

/** Whether somebody may have it open. */
function isHeld({ life, refusal }: Finding): boolean {
  return life === "used" || life === "initialising" || (life === "unknown" && refusal === undefined);
}

/**
 * Without the lifecycle lock, what /proc/locks shows. Whoever has that lock may be listing regions himself, and has the lock of
 * one region at a time for that; and that /proc/locks shows nobody proves nothing, because of other pid namespaces.
 */
function guess(
  finding: Finding,
  owners: readonly RegionOwner[],
  busy: ShmError,
): Partial<Finding> & Pick<Finding, "state"> {
  const { state, why, refusal, header } = finding;
  if (refusal !== undefined) return { state, why };
  const others = owners.filter(({ pid }) => pid !== busy.pid);
  if (others.some(({ exclusive }) => exclusive)) return { state: "initialising" };
  if (others.length > 0) return header === undefined ? { state: "damaged" } : { state: "live" };
  const who = busy.pid === undefined ? "somebody" : `${busy.pid} (${describeProcess(busy.pid)})`;
  return { state: "unknown", why: `${who} keeps the directory locked` };
}

/** Which creators still run. Many regions have the same one. */
function creatorsOf(findings: readonly Finding[]): Map<string, boolean> {
  const runs = new Map<string, boolean>();
  for (const { header } of findings) {
    if (header === undefined) continue;
    const key = creatorKey(header);
    if (!runs.has(key)) runs.set(key, stillRuns(creatorOf(header)));
  }
  return runs;
}

function creatorKey({ creatorPid, creatorStartTime, bootId }: RegionHeader): string {
  return `${creatorPid} ${creatorStartTime} ${bootId}`;
}

const NONE = {};

function factsOf(header: RegionHeader | undefined, runs: ReadonlyMap<string, boolean>): Partial<ListedRegion> {
  if (header === undefined) return NONE;
  const { typeId, version, fingerprint, generation, tailLength, kept, creatorPid: pid } = header;
  const isRunning = runs.get(creatorKey(header)) ?? false;
  const initialisedAt = new Date(Number(header.initialisedAt / 1_000_000n));
  const facts = { typeId, version, fingerprint, generation, tailLength, kept, creator: { pid, isRunning } };
  // Peers may write any number.
  return Number.isNaN(initialisedAt.getTime()) ? facts : { ...facts, initialisedAt };
}
