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
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { isShmError } from "../errors.js";
import type { Access } from "../os/contract.js";
import { isSame, statOf } from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { deadlineIn, pause, rest } from "../wait/clock.js";
import { type Decision, decide } from "./decide.js";
import { enter, releaseLease, pathLeadsTo, removeName } from "../file/entry.js";
import { canShare, findMapping } from "../mapping/region-mapping.js";
import { type Identity, isIdentical } from "../mapping/identity.js";
import type { RegionLocation } from "../place/location-dotnet.js";
import { LongWait, type RegionWait } from "../wait/long-wait.js";
import { checkSize, initialise, isBeingMadeHere, migrate } from "./make.js";
import { accessorOf, copyToKeep, firstView, mapEntry, regionOf } from "./opened.js";
import type { CreateOptions, OpenOptions, WhenReadyOptions } from "./options.js";
import type { Place } from "../place/place.js";
import { extentOf } from "../format/plan.js";
import { alwaysReplaced, inUseByOthers, initialising, notReadyInTime } from "./refusals.js";
import type { Region } from "../region/region.js";
import { ACCESS, type Request, requestAt, requestOf } from "./request.js";

/** Bound of attempts when files come and go under our hands. */
const REPLACED_MAX = 64;

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
  checkOptions(options, "whenReady");
  const deadline = deadlineIn(options.timeoutMs);
  const patience = { deadline, signal: options.signal };
  let wait: LongWait | undefined;
  options.signal?.throwIfAborted();
  for (let round = 1; ; round += 1) {
    try {
      const { access = "read-write" } = options;
      return run({ ...requestOf(definition, name, "open", { ...options, timeoutMs: 0 }, ACCESS, "whenReady"), access });
    } catch (cause) {
      if (!isShmError(cause) || !WORTH_WAITING.has(cause.code)) throw cause;
      const { code, path = "" } = cause;
      const what = AWAITED[code];
      // A region that is not there yet has nobody to name.
      wait = what && (wait ?? new LongWait(what, path, options.onWait));
      wait?.tellOnceLong(() => statOf(path));
      if (!(await rest(round, patience, LOOK_MAX_MS))) throw notReadyInTime(cause, deadline);
    }
  }
}

/** Longest time between two looks whether a region is ready. */
const LOOK_MAX_MS = 50;
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

function run<T extends Flyweight, R extends Flyweight>(request: Request<T, R>): Region<T | R> {
  const { place, mode, access, deadline, options } = request;
  const { onWait } = options;
  const create = mode !== "open";
  // Refused before any system call.
  if (create) checkSize(request, extentOf(request.plan, request.options.tailLength, place.path));
  const known = mode === "create" ? undefined : openKnown(request);
  if (known !== undefined) return known;
  const readOnly = access !== "read-write";
  let replaced = 0;
  let wait: LongWait | undefined;
  for (let attempts = 0; ;) {
    const decision = enter({ place, create, readOnly, deadline, onWait }, (entry) => {
      const next = decide(request, entry);
      return next.kind === "initialise" && place.lockedWhileInitialising ? initialiseUnderLock(request, next) : next;
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
    wait.tellOnceLong(() => entry);
    if (isBeingMadeHere(place.path) || !pause(attempts, deadline)) throw initialising(place.path, entry, deadline);
    attempts += 1;
  }
}

/**
 * Initialises before the lifecycle lock is released. A failure is kept for later: the file has been released by then, which a throw
 * from here would do a second time.
 */
function initialiseUnderLock<T extends Flyweight, R extends Flyweight>(
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

/**
 * The region as this thread has it open already, without a lock or a mapping of its own. Our shared lock is in place, so
 * nobody can have made it anew; only its name may have gone, which one lstat tells. The handle has accessors of its own.
 */
function openKnown<T extends Flyweight, R extends Flyweight>(request: Request<T, R>): Region<T | R> | undefined {
  const { plan, place, options, access, identity } = request;
  if (access === "private" || isBeingMadeHere(place.path)) return undefined;
  const mapping = findMapping({ path: place.path, access, kind: options.mapping ?? "auto" });
  const facts = mapping?.facts;
  if (mapping === undefined || facts === undefined || !canShare(facts, plan)) return undefined;
  if (!pathLeadsTo(place.path, mapping.file)) return undefined;
  // What was accepted with other rights has to be looked at again.
  const before = mapping.lease?.place?.rights;
  if (before === undefined || !isSame(before, place.rights)) return undefined;
  if (identity !== undefined && !isIdentical(identity, mapping.file, facts.generation)) return undefined;
  const { mapped: size, tailLength } = mapping;
  const accessor = accessorOf(request.definition, access);
  const opened = firstView({ mapping, accessor, plan: facts.plan, size, tailLength });
  const region = regionOf(request, opened, facts, "opened");
  region.refresh();
  if (options.cleanup === "immediately")
    removeName({ ...mapping.file, fd: -1, place }, request.deadline, options.onWait);
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
    if (options.cleanup === "immediately") removeName({ ...entry, place }, request.deadline, options.onWait);
    return region;
  } catch (error) {
    // As a user who leaves. But what it was asked to keep stays.
    releaseLease({ ...entry, place }, !adopted && options.cleanup !== "keep", request.deadline);
    throw error;
  }
}
