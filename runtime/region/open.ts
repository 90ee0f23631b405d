/**
 * The open protocol.
 *
 * Everyone who has a region open holds a shared flock on its file. Who gets the exclusive one knows to be alone: the
 * region is new, half-made or left behind. Locks change under the lifecycle lock only; initialisation takes place outside
 * it, under the exclusive lock. docs/PROTOCOL.md has the whole of it, test/model the proof.
 *
 *   enter (lifecycle lock: open or make the file; shared, exclusive, shared lock; prove that it is what its path says)
 *     decide (still there: read the header, judge it, and give up or say how to go on)
 *       "none"       somebody initialises it  -> again, until the deadline
 *       "shared"     it is live, or adopted   -> map
 *       "exclusive"  nobody has it            -> initialise; then exclusive -> shared under the lifecycle lock
 *                                             -> or migrate: a new file takes its place
 */
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import type { FlyweightClass } from "../access/definition.js";
import { ShmRangeError, isShmError } from "../errors.js";
import { tryShared } from "../os/flock.js";
import { type Access, type MapRequest, allocate } from "../os/memory.js";
import { attempt, closeQuietly } from "../os/syscall.js";
import { judgeVersions } from "./acting-plan.js";
import { type Deadline, deadlineIn, pause, remaining } from "./clock.js";
import { type Entry, enter, leave, names, removeName, renewRights } from "./entry.js";
import { beginInitialisation, markReady, zeroBetween } from "./initialise.js";
import { underLifecycleLock } from "./lifecycle.js";
import { LongWait, type RegionWait } from "./long-wait.js";
import { statOf } from "./directory.js";
import { Hold, type HoldFacts, isFor, knownHold } from "./hold.js";
import { type Identity, checkIdentity, isIdentical } from "./identity.js";
import { type Succession, succeed } from "./migrate.js";
import { type Migration, checkMigrations } from "./migration.js";
import { mismatchError, restIsZero } from "./mismatch.js";
import type { RegionLocation } from "./location-dotnet.js";
import type { CreateOptions, OpenOptions, WhenReadyOptions } from "./options.js";
import { type Place, nameAt, placeOf } from "./place.js";
import { type Extent, type Plan, extentOf, planOf, reserveOf } from "./plan.js";
import {
  alwaysReplaced,
  exists,
  foreign,
  inUseByOthers,
  initialising,
  lockedByOthers,
  notReadyInTime,
  promised,
  stale,
  unknownAccess,
} from "./refusals.js";
import { Region, type RegionOutcome } from "./region.js";
import { isSame } from "./rights.js";
import { type Sight, type SightRequest, lookAt } from "./sight.js";
import { type HeaderVerdict, judge } from "./verdict.js";

/** Bound of attempts when files come and go under our hands. */
const REPLACED_MAX = 64;

/** One call of the protocol. */
interface Request<T extends Flyweight, R extends Flyweight> {
  readonly definition: RegionDefinition<T, R>;
  readonly plan: Plan;
  readonly place: Place;
  readonly mode: "create" | "createOrOpen" | "open";
  readonly access: Access;
  readonly options: CreateOptions<T>;
  readonly deadline: Deadline;
  /** Which region it has to be, where more is known than its name. */
  readonly identity?: Identity;
}

/**
 * Opens a region, or makes it when it is not there or was left behind.
 * @throws ShmError ERR_SHM_VERSION, _LAYOUT, _FORMAT, _FOREIGN, _STALE, _NOT_READY, _BUSY, _NO_SPACE, _PERMISSION, _NAME
 */
export function createOrOpenRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: CreateOptions<T> = {},
): Region<T> {
  return run(requestOf(definition, name, "createOrOpen", options)) as Region<T>;
}

/** Makes a region. @throws ShmError ERR_SHM_EXISTS when somebody has it open, else as {@link createOrOpenRegion} */
export function createRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: CreateOptions<T> = {},
): Region<T> {
  return run(requestOf(definition, name, "create", options)) as Region<T>;
}

/** Opens a live region. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_STALE, else as {@link createOrOpenRegion} */
export function openRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: OpenOptions = {},
): Region<T> {
  return run(requestOf(definition, name, "open", options)) as Region<T>;
}

/** Opens a live region without the right to write. @throws ShmError as {@link openRegion} */
export function openRegionReadOnly<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: OpenOptions = {},
): Region<R> {
  return run({ ...requestOf(definition, name, "open", options), access: "read-only" }) as Region<R>;
}

/** Opens the one region that has this identity. @throws ShmError as {@link openRegion} */
export function openIdentified<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  place: Place,
  options: Omit<OpenOptions, "access" | "directory"> & { readonly access?: Access },
  identity: Identity,
): Region<T | R> {
  const { access = "read-write" } = options;
  return run({ ...requestAt(definition, place, "open", options, ACCESS), access, identity });
}

/**
 * Waits until a region is there and ready, and opens it. Never blocks the event loop.
 * @throws ShmError ERR_SHM_NOT_READY at the timeout, with the last reason as its cause; the signal's reason when aborted
 */
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: WhenReadyOptions & { readonly access: "read-only" },
): Promise<Region<R>>;
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options?: WhenReadyOptions & { readonly access?: "read-write" | "private" },
): Promise<Region<T>>;
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  options: WhenReadyOptions = {},
): Promise<Region<T | R>> {
  const deadline = deadlineIn(options.timeoutMs);
  const signal = options.signal;
  let wait: LongWait | undefined;
  for (let delayMs = 2; ; delayMs = Math.min(50, delayMs * 2)) {
    signal?.throwIfAborted();
    try {
      const { access = "read-write" } = options;
      return run({ ...requestOf(definition, name, "open", { ...options, timeoutMs: 0 }, ACCESS), access });
    } catch (cause) {
      if (!isShmError(cause) || !WORTH_WAITING.has(cause.code)) throw cause;
      const { code, path = "" } = cause;
      const what = AWAITED[code];
      // A region that is not there yet has nobody to name.
      wait = what && (wait ?? new LongWait(what, path, options.onWait));
      wait?.look(() => statOf(path));
      const left = remaining(deadline);
      if (left === 0) throw notReadyInTime(cause, deadline);
      await sleep(Math.min(delayMs, left), undefined, signal && { signal }).catch(() => signal?.throwIfAborted());
    }
  }
}

const WORTH_WAITING: ReadonlySet<string> = new Set([
  "ERR_SHM_NOT_FOUND",
  "ERR_SHM_NOT_READY",
  "ERR_SHM_STALE",
  "ERR_SHM_BUSY",
]);

/** Refusals with somebody behind them. */
const AWAITED: Readonly<Record<string, RegionWait["what"]>> = {
  ERR_SHM_NOT_READY: "initialiser",
  ERR_SHM_BUSY: "lifecycle-lock",
};

/** A misspelt choice must not remove or zero what somebody wanted to keep. */
const CHOICES: readonly (readonly [option: string, values: readonly string[]])[] = [
  ["onStale", ["reinitialise", "keep", "throw"]],
  ["cleanup", ["last-close", "keep", "immediately"]],
];

/** What `access` can be: reading only has a function of its own, and whoever may have to initialise has to write. */
const ACCESS_OF_MODE = {
  create: ["read-write"],
  createOrOpen: ["read-write"],
  open: ["read-write", "private"],
} as const;
/** What `access` can be where nothing is made. */
export const ACCESS = ["read-write", "read-only", "private"] as const;

function unknownChoice(field: string, expected: readonly string[], found: unknown): ShmRangeError {
  return new ShmRangeError(`${field} is one of ${expected.join(", ")}: found=${String(found)}`, {
    field,
    expected,
    found,
  });
}

function requestOf<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string | RegionLocation,
  mode: Request<T, R>["mode"],
  options: CreateOptions<T> & { readonly access?: Access },
  rights: readonly Access[] = ACCESS_OF_MODE[mode],
): Request<T, R> {
  const version = definition.naming === "versioned" ? definition.version : undefined;
  return requestAt(definition, placeOf(name, options, version), mode, options, rights);
}

function requestAt<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  place: Place,
  mode: Request<T, R>["mode"],
  options: CreateOptions<T> & { readonly access?: Access },
  rights: readonly Access[],
): Request<T, R> {
  for (const [option, values] of CHOICES) {
    const found = (options as Readonly<Record<string, unknown>>)[option];
    if (found !== undefined && !values.includes(found as string)) throw unknownChoice(option, values, found);
  }
  const { access = "read-write", onWait } = options;
  if (onWait !== undefined && typeof onWait !== "function") throw unknownChoice("onWait", ["a function"], onWait);
  if (!rights.includes(access)) throw unknownAccess(rights, access, place.path);
  if (mode !== "open" && options.migrate !== undefined) checkMigrations(definition, options.migrate, place);
  const deadline = deadlineIn(options.timeoutMs);
  return { definition, plan: planOf(definition), place, mode, access, options, deadline };
}

function run<T extends Flyweight, R extends Flyweight>(request: Request<T, R>): Region<T | R> {
  const { place, mode, access, deadline, options } = request;
  const { onWait } = options;
  const create = mode !== "open";
  // Refused before any system call.
  if (create) extentOf(request.plan, request.options.tailLength, place.path);
  const known = mode === "create" ? undefined : openKnown(request);
  if (known !== undefined) return known;
  const readOnly = access !== "read-write";
  let replaced = 0;
  let wait: LongWait | undefined;
  for (let attempts = 0; ;) {
    const decision = enter({ place, create, readOnly, deadline, onWait }, (entry) => {
      const next = decide(request, entry);
      return next.kind === "initialise" && place.lockedWhileInitialising ? settle(request, next) : next;
    });
    if (decision?.kind === "done") return decision.region();
    if (decision?.kind === "join") return join(request, decision);
    if (decision?.kind === "initialise") return initialise(request, decision);
    if (decision?.kind === "occupied") throw inUseByOthers(decision.entry, request.plan, decision.found, place.path);
    const migrated = decision?.kind === "migrate" ? migrate(request, decision) : undefined;
    if (migrated !== undefined) return migrated;
    if (decision?.kind !== "wait") {
      if ((replaced += 1) > REPLACED_MAX) throw alwaysReplaced(place.path, replaced);
      continue;
    }
    // Step open.waitForInitialiser. Who opens a region in its own initialise would wait for himself.
    const { entry } = decision;
    wait ??= new LongWait("initialiser", place.path, onWait);
    wait.look(() => entry);
    if (own.has(place.path) || !pause(attempts, deadline)) throw initialising(place.path, entry, deadline);
    attempts += 1;
  }
}

/** Initialises under the lifecycle lock. Its own failure has let go of the file already. */
function settle<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  decision: Decision & { readonly kind: "initialise" },
): { readonly kind: "done"; readonly region: () => Region<T | R> } {
  try {
    const region = initialise(request, decision);
    return { kind: "done", region: () => region };
  } catch (error) {
    return {
      kind: "done",
      region: () => {
        throw error;
      },
    };
  }
}

/** Regions whose `initialise` or migration this thread is running. */
const own = new Set<string>();

type Readable = Pick<Request<Flyweight, Flyweight>, "plan" | "place">;

/** The one copy of the header that everything is decided by. */
function readCopy(entry: Entry, { plan, place: { path } }: Readable): Uint8Array {
  const copy = new Uint8Array(Math.min(plan.headerSize, entry.size));
  const length = attempt(path, () => fs.readSync(entry.fd, copy, 0, copy.length, 0));
  return copy.subarray(0, length);
}

type ReadyVerdict = HeaderVerdict & { readonly kind: "ready" };

/** How an opener goes on when it has left the lifecycle lock. */
type Decision =
  | { readonly kind: "wait"; readonly entry: Entry }
  | {
      readonly kind: "join";
      readonly entry: Entry;
      readonly verdict: ReadyVerdict;
      readonly copy: Uint8Array;
      readonly adopted: boolean;
    }
  | { readonly kind: "initialise"; readonly entry: Entry; readonly verdict: HeaderVerdict }
  | {
      readonly kind: "migrate";
      readonly entry: Entry;
      readonly migration: Migration<never>;
      /** Of the old region, as its own version sees it. */
      readonly verdict: ReadyVerdict;
    }
  /** It could be migrated, if others had not got it open. Closed already. */
  | { readonly kind: "occupied"; readonly entry: Entry; readonly found: number };

/** Runs under the lifecycle lock. What it refuses is closed there: nobody else ever meets a lock of one who gave up. */
function decide<T extends Flyweight, R extends Flyweight>(request: Request<T, R>, entry: Entry): Decision {
  const { plan, place, mode, options } = request;
  const { path } = place;
  const { fd, lock, size } = entry;
  if (lock !== "exclusive" && mode === "create") throw exists(path);
  if (lock === "none") return { kind: "wait", entry };
  // Step open.readHeader.
  const copy = readCopy(entry, request);
  const verdict = judgeVersions({ fd, copy, fileSize: size, plan, padded: place.lockedWhileInitialising });
  const { kind } = verdict;
  if (request.identity !== undefined) checkIdentity(request.identity, entry, verdict, path);
  // Somebody else has it open: change nothing.
  if (lock === "shared" && kind === "ready") return { kind: "join", entry, verdict, copy, adopted: false };
  const { onStale = "reinitialise" } = options;
  const way = mode === "open" ? undefined : wayFrom(copy, size, options.migrate ?? []);
  if (way !== undefined && lock === "shared") {
    closeQuietly(fd);
    return { kind: "occupied", entry, found: way.verdict.plan.version };
  }
  if (way !== undefined && onStale !== "throw") return { kind: "migrate", entry, ...way };
  const refused = kind === "mismatch" && (!verdict.replaceable || onStale === "keep");
  if (lock === "shared" || kind === "foreign" || refused) throw mismatchError(verdict, fd, plan, path);
  if (hidesData(verdict, fd, Math.min(size, GLANCE), path)) throw foreign(path);
  // Nobody else has it open, and while we hold the exclusive lock nobody can.
  if (mode === "open") throw stale(path, "start the process that creates it, or use createOrOpen");
  if (kind !== "blank" && onStale === "throw")
    throw stale(path, 'use onStale: "reinitialise" to make it anew, or "keep" to go on with it');
  if (kind !== "ready" || onStale !== "keep") return { kind: "initialise", entry, verdict };
  // Step open.keepShared.
  if (!tryShared(fd, path)) throw lockedByOthers(path);
  return { kind: "join", entry, verdict, copy, adopted: true };
}

/** The migration for a complete region of the version that it comes from. */
function wayFrom(
  copy: Uint8Array,
  size: number,
  migrations: readonly Migration<never>[],
): Pick<Decision & { readonly kind: "migrate" }, "migration" | "verdict"> | undefined {
  for (const migration of migrations) {
    const verdict = judge(copy, size, planOf(migration.from));
    if (verdict.kind === "ready") return { migration, verdict };
  }
  return undefined;
}

/** Bytes that are looked at with the lifecycle lock, which is held for microseconds. The rest is looked at without it. */
const GLANCE = 1 << 16;

/** Whether a file that begins like one of ours which is all zeros holds something after all. */
function hidesData(verdict: HeaderVerdict, fd: number, size: number, path: string): boolean {
  return "zeros" in verdict && verdict.zeros && !attempt(path, () => restIsZero(fd, size));
}

/**
 * The region as this thread has it open already, without a lock or a mapping of its own. Our shared lock is in place, so
 * nobody can have made it anew; only its name may have gone.
 */
function openKnown<T extends Flyweight, R extends Flyweight>(request: Request<T, R>): Region<T | R> | undefined {
  const { plan, place, options, access, identity } = request;
  if (access === "private" || own.has(place.path)) return undefined;
  const hold = knownHold({ path: place.path, access, kind: options.mapping ?? "auto" });
  const facts = hold?.facts;
  if (hold === undefined || facts === undefined || !isFor(facts, plan)) return undefined;
  if (!names(place.path, hold.file)) return undefined;
  // What was accepted with other rights has to be looked at again.
  const before = hold.held?.place?.rights;
  if (before === undefined || !isSame(before, place.rights)) return undefined;
  if (identity !== undefined && !isIdentical(identity, hold.file, facts.generation)) return undefined;
  const { mapped: size, tailLength } = hold;
  const accessor = accessorOf(request.definition, access);
  const opened = lookThrough({ hold, accessor, plan: facts.plan, size, tailLength });
  const region = regionOf(request, opened, facts, "opened");
  region.refresh();
  if (options.cleanup === "immediately") removeName({ ...hold.file, fd: -1, place }, options.onWait);
  return region;
}

/** Holds a shared lock on a complete region. */
function join<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  { entry, verdict, copy, adopted }: Decision & { readonly kind: "join" },
): Region<T | R> {
  const { generation, extent, plan } = verdict;
  const { place, options } = request;
  try {
    const opened = mapEntry(request, entry, extent, plan);
    const facts = { plan, generation, headerCopy: copyToKeep(request, copy) };
    const region = regionOf(request, opened, facts, "opened");
    if (options.cleanup === "immediately") removeName({ ...entry, place }, options.onWait);
    return region;
  } catch (error) {
    // As a user who leaves. But what it was asked to keep stays.
    leave({ ...entry, place }, !adopted && options.cleanup !== "keep");
    throw error;
  }
}

/** Mapped, but not yet a region that anybody else knows of. */
export interface Opened<D extends Flyweight> {
  readonly hold: Hold;
  readonly accessor: FlyweightClass<D>;
  readonly sight: Sight<D>;
}

function mapEntry<T extends Flyweight, R extends Flyweight>(
  { definition, place, access, options }: Request<T, R>,
  entry: Entry,
  { size, tailLength }: Extent,
  plan: Plan,
): Opened<T | R> {
  const { fd, dev, ino } = entry;
  const { path } = place;
  const reserve = Math.max(size, reserveOf(plan, options.maxTail, path));
  const request: MapRequest = { fd, size, reserve, access, kind: options.mapping ?? "auto", path };
  const hold = new Hold({ request, held: { fd, dev, ino, place }, file: { dev, ino }, tailLength });
  try {
    return lookThrough<T | R>({ hold, accessor: accessorOf(definition, access), plan, size, tailLength });
  } catch (error) {
    hold.discard();
    throw error;
  }
}

/** The first look at a mapping. */
export function lookThrough<D extends Flyweight>({
  hold,
  accessor,
  plan,
  size,
  tailLength,
}: Omit<SightRequest<D>, "offset" | "hasHeader" | "acting"> & { readonly plan: Plan }): Opened<D> {
  const hasHeader = plan.header === "standard";
  const { headerSize: offset, acting } = plan;
  return { hold, accessor, sight: lookAt({ hold, accessor, offset, size, tailLength, hasHeader, acting }) };
}

/** What shows the data to one who has these rights. */
export function accessorOf<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  access: Access,
): FlyweightClass<T | R> {
  return access === "read-only" ? definition.reader : definition.accessor;
}

function regionOf<T extends Flyweight, R extends Flyweight>(
  { place, options }: Request<T, R>,
  opened: Opened<T | R>,
  facts: HoldFacts,
  outcome: RegionOutcome,
): Region<T | R> {
  const { hold, accessor, sight } = opened;
  const { plan, generation, headerCopy } = facts;
  if (hold.facts === undefined) hold.publish(facts);
  const keep = options.cleanup === "keep";
  // Property by property, because spreading objects costs as much as a system call.
  return new Region({ name: nameAt(place), outcome, hold, sight, accessor, plan, generation, headerCopy, keep });
}

/** Under the exclusive lock, without the lifecycle lock where the place does not demand it. */
function initialise<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  { entry, verdict }: Decision & { readonly kind: "initialise" },
): Region<T | R> {
  const { plan, place, options } = request;
  const { path } = place;
  const { fd, size } = entry;
  const before = "generation" in verdict ? verdict.generation : 0;
  // 0 means "never initialised", so a counter that wraps goes on at 1.
  const generation = plan.header === "dotnet" ? 0 : (before + 1) >>> 0 || 1;
  const blank = verdict.kind === "blank";
  let opened: Opened<T | R> | undefined;
  // Empty: made by us just now, or by somebody who died at once.
  let begun = size === 0;
  try {
    if (plan.tailStride > 0 && options.tailLength === undefined) throw tailLengthNeeded(plan.name, path);
    const extent = extentOf(plan, options.tailLength, path);
    if (size > GLANCE && hidesData(verdict, fd, size, path)) throw foreign(path);
    renewRights(entry, place);
    // Step initialise.allocate.
    allocate(fd, extent.size, path);
    opened = mapEntry(request, entry, extent, plan);
    const { memory, data } = opened.sight;
    begun = true;
    beginInitialisation(memory, { plan, extent, generation, blank });
    if (!blank) attempt(path, () => zeroBetween(fd, extent.size, size));
    // Step initialise.payload.
    own.add(path);
    callInitialise(options, data as T, path);
    markReady(memory, plan, extent);
    share(request, entry);
    const headerCopy = copyToKeep(request, rawMemory(memory).u8.slice(0, plan.headerSize));
    const facts = { plan, generation, headerCopy };
    return regionOf(request, opened, facts, blank ? "created" : "reinitialised");
  } catch (error) {
    const memory = opened?.sight.memory;
    if (memory !== undefined) rawMemory(memory).futex?.close?.();
    opened?.hold.discard();
    leave({ ...entry, place }, begun);
    // Last, because it throws where the initialiser has put an accessor on a prototype without a class.
    memory?.retire();
    throw error;
  } finally {
    own.delete(path);
  }
}

/** Undefined when the path names another file by now. */
function migrate<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  { entry, migration, verdict }: Decision & { readonly kind: "migrate" },
): Region<T | R> | undefined {
  const { definition, plan, place, options } = request;
  const { path } = place;
  const generation = (verdict.generation + 1) >>> 0 || 1;
  let succession: Succession;
  try {
    const extent = extentOf(plan, tailFor(request, verdict), path);
    const { mapping = "auto", cleanup, onWait } = options;
    const old = { plan: verdict.plan, extent: verdict.extent, accessor: migration.from.reader };
    const next = { plan, extent, accessor: definition.accessor };
    const unnamed = cleanup === "immediately";
    succession = { place, entry, old, next, generation, move: migration.move, mapping, unnamed, onWait };
  } catch (error) {
    leave({ ...entry, place }, false);
    throw error;
  }
  own.add(path);
  try {
    const opened = succeed(succession, (its) => mapEntry(request, its, succession.next.extent, plan));
    if (opened === undefined) return undefined;
    const headerCopy = copyToKeep(request, rawMemory(opened.sight.memory).u8.slice(0, plan.headerSize));
    return regionOf(request, opened, { plan, generation, headerCopy }, "migrated");
  } finally {
    own.delete(path);
  }
}

/** By default as long as the old one. */
function tailFor<T extends Flyweight, R extends Flyweight>(
  { plan, place, options }: Request<T, R>,
  { plan: old, extent }: ReadyVerdict,
): number {
  const { tailLength = old.tailStride > 0 && plan.tailStride > 0 ? extent.tailLength : undefined } = options;
  if (plan.tailStride > 0 && tailLength === undefined) throw tailLengthNeeded(plan.name, place.path);
  return tailLength ?? 0;
}

/**
 * Exclusive -> shared. The conversion is not atomic, so it takes place under the lifecycle lock. The time of the call may
 * be used up by the initialiser, and the lock is held for microseconds: it gets a time of its own.
 */
function share<T extends Flyweight, R extends Flyweight>({ place, options }: Request<T, R>, entry: Entry): void {
  const { cleanup, onWait } = options;
  // Step share.lockLifecycle.
  underLifecycleLock(place, { create: true, deadline: deadlineIn(), onWait }, ({ file }) => {
    // Step share.takeShared.
    if (!tryShared(entry.fd, place.path)) throw lockedByOthers(place.path);
    // Nobody but who is handed the descriptor finds it, and the kernel frees it with the last of them.
    if (cleanup === "immediately" && names(file, entry)) fs.unlinkSync(file);
  });
}

/** For `region.header`, which is rarely asked for. */
function copyToKeep({ plan }: Readable, copy: Uint8Array): Uint8Array | undefined {
  return plan.header === "standard" ? copy : undefined;
}

/** An empty tail is seldom what somebody wants who forgot to say how long it is. */
export function tailLengthNeeded(struct: string, path: string): ShmRangeError {
  const message = `to create the region, tailLength has to say how long its tail is: struct=${struct} path=${path}`;
  return new ShmRangeError(message, { field: "tailLength", expected: "a count of elements, 0 for none", path });
}

/** Runs under no lock but the region's own. */
export function callInitialise<T>(options: CreateOptions<T>, data: T, path: string): void {
  const returned: unknown = options.initialise?.(data);
  if (typeof returned === "object" && returned !== null && "then" in returned) throw promised(path);
}
