/**
 * Regions by a descriptor: inherited, received or opened through /proc. Whoever gave it may be wrong or lie, so everything
 * is asked of the kernel and of a copy of the header.
 *
 *   memory without a name   sealed against shrinking, so nobody can take pages from under us; nobody locks it
 *   a file with a name      owner, mode, links as for every opener; a shared lock under the lifecycle lock of its directory
 *
 * A descriptor that was handed over shares its open file, and so its lock, with the one who gave it. We open the file again.
 */
import { basename, dirname } from "node:path";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { show } from "../errors.js";
import type { Access, FileAccess, FileOrigin, FileStatus } from "../os/contract.js";
import {
  checkFile,
  checkSealed,
  closeQuietly,
  identify,
  identifyIfOpen,
  isWritable,
  kindOf,
  originOf,
  readAt,
  reopen,
  rightsOf,
  statIfReachable,
  tryShared,
} from "../os/index.js";
import { judgeVersions } from "../format/other-version-plan.js";
import { checkOptions } from "../arguments/check-options.js";
import { type Deadline, deadlineIn, pause } from "../wait/clock.js";
import { type Entry, type FileLease, releaseLease, probe, removeName } from "../file/entry.js";
import { FileMemory } from "../mapping/file-memory.js";
import { RegionMapping, type OpenedFacts, isOpenDescriptor } from "../mapping/region-mapping.js";
import { type Identity, checkIdentity } from "../mapping/identity.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import { mismatchError } from "../file/mismatch.js";
import { accessorOf, firstView } from "../open/opened.js";
import { markKept } from "../open/mark-kept.js";
import { lockedByOthers } from "../mapping/refusals.js";
import { initialising, stale } from "../open/refusals.js";
import {
  descriptorOfNoFile,
  descriptorReadOnly,
  dotnetByDescriptor,
  emptyFile,
  noSuchDescriptor,
  notADescriptor,
} from "./refusals.js";
import { unknownAccess } from "../region/refusals.js";
import { ACCESS } from "../open/request.js";
import type { DescriptorOptions } from "../open/options.js";
import { isDotnetPath } from "../place/location-dotnet.js";
import { type Place, fileName, isSessionName, placeFound } from "../place/place.js";
import { type Extent, type Plan, planOf, reserveOf } from "../format/plan.js";
import { Region } from "../region/region.js";

/**
 * Opens the region that a descriptor leads to, and takes the descriptor over: it is closed when the region is open, and stays
 * as it is when that fails. @throws ShmError ERR_SHM_NOT_FOUND when there is no such descriptor; _FOREIGN for pipes, sockets,
 * directories and files of others; _FORMAT, _VERSION, _LAYOUT; _UNSUPPORTED for memory that can be shortened; _READ_ONLY;
 * _PERMISSION, _STALE, _NOT_READY, _BUSY; ShmRangeError for what is no number of a descriptor
 */
export function attachRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  descriptor: number,
  options: DescriptorOptions & { readonly access: "read-only" },
): Region<R>;
export function attachRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  descriptor: number,
  options?: DescriptorOptions & { readonly access?: "read-write" | "private" },
): Region<T>;
export function attachRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  descriptor: number,
  options: DescriptorOptions = {},
): Region<T | R> {
  checkOptions(options, "attachFd");
  const path = `descriptor ${show(descriptor)}`;
  const access = accessOf(options, path);
  const deadline = deadlineIn(options.timeoutMs);
  checkDescriptor(descriptor, access, path);
  const own = reopen(descriptor, fileAccess(access), path);
  const region = attachOpen({ definition, options, access, deadline, own, given: descriptor });
  // The lock of the description that came with it would keep the region alive for ever.
  if (!isOpenDescriptor(descriptor)) closeQuietly(descriptor);
  return region;
}

/** `access` as asked for, default "read-write". @throws ShmError, ShmRangeError */
export function accessOf({ access = "read-write" }: Pick<DescriptorOptions, "access">, path: string): Access {
  if (!ACCESS.includes(access)) throw unknownAccess(ACCESS, access, path);
  return access;
}

/** How a region's file is opened for these rights. */
export function fileAccess(access: Access): FileAccess {
  return access === "read-write" ? "read-write" : "read-only";
}

/** @throws ShmError, ShmRangeError when it leads to no file that could be a region, or gives too few rights */
export function checkDescriptor(descriptor: unknown, access: Access, path: string): asserts descriptor is number {
  if (typeof descriptor !== "number" || !Number.isInteger(descriptor) || descriptor < 0 || descriptor > 0x7fff_ffff) {
    throw notADescriptor(descriptor);
  }
  const stat = identifyIfOpen(descriptor, path);
  if (stat === undefined) throw noSuchDescriptor(path);
  checkKind(stat, path);
  if (access === "read-write" && !isWritable(descriptor, path)) throw descriptorReadOnly(access, path);
}

function checkKind(stat: FileStatus, path: string): void {
  if (!stat.isFile()) throw descriptorOfNoFile(path, kindOf(stat));
  if (stat.size === 0) throw emptyFile(path);
}

/** An open file that shall be a region. */
export interface Attachment<T extends Flyweight, R extends Flyweight> {
  readonly definition: RegionDefinition<T, R>;
  readonly options: DescriptorOptions;
  readonly access: Access;
  readonly deadline: Deadline;
  /** With an open file of its own, opened by node:fs. Taken over, also when it fails. */
  readonly own: number;
  /** What it was opened from, where that shares its lock with somebody else. */
  readonly given?: number;
  readonly identity?: Identity;
}

/** @throws ShmError as {@link attachRegion} */
export function attachOpen<T extends Flyweight, R extends Flyweight>(attachment: Attachment<T, R>): Region<T | R> {
  const { definition, options, access, own } = attachment;
  const plan = planOf(definition);
  const { lease, path, name, facts, extent } = prove(attachment, plan);
  let mapping: RegionMapping | undefined;
  try {
    const { size, tailLength } = extent;
    const reserve = Math.max(size, reserveOf(facts.plan, options.maxTail, path));
    const request = { fd: own, size, reserve, access, kind: options.mapping ?? "auto", path } as const;
    mapping = new RegionMapping({ request, lease, file: { dev: lease.dev, ino: lease.ino }, tailLength });
    const accessor = accessorOf(definition, access);
    const opened = firstView<T | R>({ mapping, accessor, plan: facts.plan, size, tailLength });
    mapping.facts = facts;
    if (options.cleanup === "immediately") removeName(lease, attachment.deadline);
    const keep = options.cleanup === "keep";
    if (keep) markKept(opened.view.memory, facts.plan, access);
    const { view } = opened;
    return new Region({ ...facts, memory: new FileMemory(mapping), accessor, view, name, outcome: "opened", keep });
  } catch (error) {
    mapping?.discard();
    releaseLease(lease, options.cleanup !== "keep", attachment.deadline);
    throw error;
  }
}

/** A region that was locked as its kind needs it, and judged. */
interface Proven {
  readonly lease: FileLease;
  readonly path: string;
  readonly name: string;
  readonly facts: OpenedFacts;
  readonly extent: Extent;
}

/** Closes the file when it throws; where a lock was asked for, before the lifecycle lock is given up. */
function prove<T extends Flyweight, R extends Flyweight>(attachment: Attachment<T, R>, plan: Plan): Proven {
  const { own, options } = attachment;
  let isOpen = true;
  const closing = <V>(work: () => V): V => {
    try {
      return work();
    } catch (error) {
      if (isOpen) closeQuietly(own);
      isOpen = false;
      throw error;
    }
  };
  return closing(() => {
    const origin = originOf(own, `descriptor ${own}`);
    const { path, kind, status } = origin;
    checkKind(status, path);
    const proven = (lease: Partial<FileLease>): Proven => judged({ attachment, plan, origin, lease });
    if (kind === "memory") {
      checkSealed(own, path);
      return proven({ sealed: true });
    }
    const place = kind === "file" ? reachable(origin, options) : undefined;
    checkFile(place?.rights ?? rightsOf(options, options.scope === "machine", false), status, path);
    if (kind === "temporary") return proven({});
    // Of what is none of ours, not even the directory is locked.
    const { verdict } = readVerdict(own, plan, path);
    if (verdict.kind === "foreign" || verdict.kind === "mismatch") throw mismatchError(verdict, own, plan, path);
    if (place !== undefined) return lockAndProve(attachment, place, () => closing(() => proven({ place })));
    if (!tryShared(own, path)) throw initialising(path, status, attachment.deadline);
    return proven({ outOfReach: true });
  });
}

function lockAndProve<V>(attachment: Attachment<Flyweight, Flyweight>, place: Place, work: () => V): V {
  const { own, deadline } = attachment;
  const { path } = place;
  for (let round = 0; ; round += 1) {
    const done = underLifecycleLock(place, { create: false, deadline }, () => {
      const lock = lockFor(attachment, place);
      return lock === "none" ? undefined : { proven: work() };
    });
    if (done !== undefined) return done.proven;
    if (!pause(round, deadline)) throw initialising(path, identify(own, path), deadline);
  }
}

/** Under the lifecycle lock. "none" while somebody initialises it. */
function lockFor(
  { own, given }: Attachment<Flyweight, Flyweight>,
  { path }: Place,
): Exclude<Entry["lock"], "exclusive"> {
  let lock = probe(own, path);
  const hasName = identify(own, path).nlink > 0;
  if (lock === "none" && given !== undefined && !hasName) {
    // The last user of the lock that we were handed has made it exclusive, has taken the name away, and left.
    if (tryShared(given, path)) lock = probe(own, path);
  }
  if (lock !== "exclusive") return lock;
  if (hasName) throw stale(path, "start the process that creates it, or use createOrOpen");
  // All others have left; nobody finds it any more, so nobody can make it anew, and we were given it.
  if (!tryShared(own, path)) throw lockedByOthers(path);
  return "shared";
}

function judged({
  attachment,
  plan,
  origin,
  lease,
}: {
  readonly attachment: Attachment<Flyweight, Flyweight>;
  readonly plan: Plan;
  readonly origin: FileOrigin;
  readonly lease: Partial<FileLease>;
}): Proven {
  const { own, identity } = attachment;
  const { path, kind, label } = origin;
  const name = kind === "memory" ? label : fileName(label).name;
  const { dev, ino, size, copy, verdict } = readVerdict(own, plan, path);
  if (identity !== undefined) checkIdentity(identity, { dev, ino, size }, verdict, path);
  if (verdict.kind !== "ready") throw mismatchError(verdict, own, plan, path);
  const { generation, extent } = verdict;
  const headerCopy = plan.header === "standard" ? copy : undefined;
  const facts = { plan: verdict.plan, generation, headerCopy };
  return { lease: { fd: own, dev, ino, place: undefined, ...lease }, path, name, facts, extent };
}

function readVerdict(fd: number, plan: Plan, path: string) {
  const { dev, ino, size } = identify(fd, path);
  const copy = readAt(fd, 0, Math.min(plan.headerSize, size), path);
  return { dev, ino, size, copy, verdict: judgeVersions({ fd, copy, fileSize: size, plan, readAt }) };
}

/** The place of a file that has a name, or had one; undefined when its directory is not to be found under that path. */
function reachable({ path, status }: FileOrigin, options: DescriptorOptions): Place | undefined {
  const directory = dirname(path);
  // In another mount namespace, or where we may not look, there may be nothing, or something else.
  const found = statIfReachable(status.nlink > 0 ? path : directory, path);
  const isThere = found?.dev === status.dev && (status.nlink === 0 || found.ino === status.ino);
  if (!isThere) return undefined;
  if (isDotnetPath(path)) throw dotnetByDescriptor(path);
  const folder = basename(directory);
  const where = isSessionName(folder) ? { directory: dirname(directory), folder } : { directory, folder: "" };
  return placeFound({ ...where, name: basename(path) }, options);
}
