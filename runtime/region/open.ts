/**
 * The open protocol.
 *
 * Everyone who has a region open holds a shared flock on its file. Who gets the exclusive one knows to be alone: the
 * region is new, half-made or left behind. Locks change under the lifecycle lock only; initialisation takes place outside
 * it, under the exclusive lock.
 *
 *   enter (lifecycle lock: open or make the file, lock it, prove that it is what its path says)
 *     "none"       somebody initialises it        -> again, until the deadline
 *     "shared"     it is live                     -> validate, map
 *     "exclusive"  nobody has it                  -> judge, then adopt or initialise; then exclusive -> shared
 */
import * as fs from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import { isShmError } from "../errors.js";
import { tryShared } from "../os/flock.js";
import { allocate } from "../os/memory.js";
import { attempt, closeQuietly } from "../os/syscall.js";
import { type Deadline, deadlineIn, pause, remaining } from "./clock.js";
import { type Entry, enter, removeIfAlone } from "./entry.js";
import { beginInitialisation, markReady } from "./initialise.js";
import { underLifecycleLock } from "./lifecycle.js";
import { type Opened, openMapping, regionOf } from "./mapped.js";
import { mismatchError, restIsZero } from "./mismatch.js";
import type { CreateOptions, OpenOptions, WhenReadyOptions } from "./options.js";
import { type Place, placeOf } from "./place.js";
import { type Extent, type Plan, extentOf, planOf } from "./plan.js";
import { alwaysReplaced, exists, initialising, lockedByOthers, notReadyInTime, promised, stale } from "./refusals.js";
import type { Region } from "./region.js";
import { type HeaderVerdict, judge } from "./verdict.js";

/** Bound of attempts when files come and go under our hands. */
const REPLACED_MAX = 64;

/** One call of the protocol. */
interface Request<T extends Flyweight, R extends Flyweight> {
  readonly definition: RegionDefinition<T, R>;
  readonly plan: Plan;
  readonly place: Place;
  readonly mode: "create" | "createOrOpen" | "open";
  readonly readOnly: boolean;
  readonly options: CreateOptions<T>;
  readonly deadline: Deadline;
}

/**
 * Opens a region, or makes it when it is not there or was left behind.
 * @throws ShmError ERR_SHM_VERSION, _LAYOUT, _FORMAT, _FOREIGN, _STALE, _NOT_READY, _BUSY, _NO_SPACE, _PERMISSION, _NAME
 */
export function createOrOpenRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: CreateOptions<T> = {},
): Region<T> {
  return run(requestOf(definition, name, "createOrOpen", options)) as Region<T>;
}

/** Makes a region. @throws ShmError ERR_SHM_EXISTS when somebody has it open, else as {@link createOrOpenRegion} */
export function createRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: CreateOptions<T> = {},
): Region<T> {
  return run(requestOf(definition, name, "create", options)) as Region<T>;
}

/** Opens a live region. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_STALE, else as {@link createOrOpenRegion} */
export function openRegion<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: OpenOptions = {},
): Region<T> {
  return run(requestOf(definition, name, "open", options)) as Region<T>;
}

/** Opens a live region without the right to write. @throws ShmError as {@link openRegion} */
export function openRegionReadOnly<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: OpenOptions = {},
): Region<R> {
  return run({ ...requestOf(definition, name, "open", options), readOnly: true }) as Region<R>;
}

/**
 * Waits until a region is there and ready, and opens it. Never blocks the event loop.
 * @throws ShmError ERR_SHM_NOT_READY at the timeout, with the last reason as its cause; the signal's reason when aborted
 */
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: WhenReadyOptions & { readonly access: "read-only" },
): Promise<Region<R>>;
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options?: WhenReadyOptions & { readonly access?: "read-write" },
): Promise<Region<T>>;
export async function whenRegionReady<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  options: WhenReadyOptions = {},
): Promise<Region<T | R>> {
  const deadline = deadlineIn(options.timeoutMs);
  const signal = options.signal;
  for (let delayMs = 2; ; delayMs = Math.min(50, delayMs * 2)) {
    signal?.throwIfAborted();
    try {
      const request = requestOf(definition, name, "open", { ...options, timeoutMs: 0 });
      return run({ ...request, readOnly: options.access === "read-only" });
    } catch (cause) {
      if (!isShmError(cause) || !WORTH_WAITING.has(cause.code)) throw cause;
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

function requestOf<T extends Flyweight, R extends Flyweight>(
  definition: RegionDefinition<T, R>,
  name: string,
  mode: Request<T, R>["mode"],
  options: CreateOptions<T>,
): Request<T, R> {
  const place = placeOf(name, options);
  const deadline = deadlineIn(options.timeoutMs);
  return { definition, plan: planOf(definition), place, mode, readOnly: false, options, deadline };
}

function run<T extends Flyweight, R extends Flyweight>(request: Request<T, R>): Region<T | R> {
  const { place, mode, readOnly, deadline } = request;
  const create = mode !== "open";
  // Refused before any system call.
  if (create) extentOf(request.plan, request.options.tailLength, place.path);
  let replaced = 0;
  for (let attempts = 0; ;) {
    const entry = enter({ place, create, readOnly, deadline });
    if (entry === undefined) {
      if ((replaced += 1) > REPLACED_MAX) throw alwaysReplaced(place.path, replaced);
      continue;
    }
    try {
      if (entry.lock === "exclusive") return takeOver(request, entry);
      if (mode === "create") throw exists(place.path);
      if (entry.lock === "shared") {
        const copy = readCopy(entry, request);
        return join(request, entry, copy, judge(copy, entry.size, request.plan));
      }
    } catch (error) {
      closeQuietly(entry.fd);
      throw error;
    }
    closeQuietly(entry.fd);
    if (!pause(attempts, deadline)) throw initialising(place.path, entry, deadline);
    attempts += 1;
  }
}

type Readable = Pick<Request<Flyweight, Flyweight>, "plan" | "place">;

/** The one copy of the header that everything is decided by. */
function readCopy(entry: Entry, { plan, place: { path } }: Readable): Uint8Array {
  const copy = new Uint8Array(Math.min(plan.headerSize, entry.size));
  const length = attempt(path, () => fs.readSync(entry.fd, copy, 0, copy.length, 0));
  return copy.subarray(0, length);
}

/** Somebody else has the region open: validate it, change nothing. */
function join<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  entry: Entry,
  copy: Uint8Array,
  verdict: HeaderVerdict,
): Region<T | R> {
  if (verdict.kind !== "ready") throw mismatchError(verdict, entry.fd, request.plan, request.place.path);
  const { generation, extent } = verdict;
  const headerCopy = copyToKeep(request, copy);
  return regionOf(mapEntry(request, entry, extent), { outcome: "opened", generation, headerCopy });
}

function mapEntry<T extends Flyweight, R extends Flyweight>(
  { definition, plan, place, readOnly, options }: Request<T, R>,
  entry: Entry,
  { size, tailLength }: Extent,
): Opened<T | R> {
  return openMapping<T | R>({
    accessor: readOnly ? definition.reader : definition.accessor,
    offset: plan.headerSize,
    fd: entry.fd,
    size,
    tailLength,
    readOnly,
    kind: options.mapping ?? "auto",
    name: place.name,
    path: place.path,
    dev: entry.dev,
    ino: entry.ino,
    held: { ...entry, place },
    removeIfLast: options.cleanup !== "keep",
  });
}

/** Nobody else has it open, and while we hold the exclusive lock nobody can. */
function takeOver<T extends Flyweight, R extends Flyweight>(request: Request<T, R>, entry: Entry): Region<T | R> {
  const { plan, place, options } = request;
  const copy = readCopy(entry, request);
  let verdict = judge(copy, entry.size, plan);
  if ("zeros" in verdict && verdict.zeros && !attempt(place.path, () => restIsZero(entry.fd, entry.size)))
    verdict = { kind: "foreign" };
  const replaceable = verdict.kind !== "foreign" && (verdict.kind !== "mismatch" || verdict.replaceable);
  if (!replaceable) throw mismatchError(verdict, entry.fd, plan, place.path);
  if (request.mode === "open") throw stale(place.path, "start the process that creates it, or use createOrOpen");
  const onStale = options.onStale ?? "reinitialise";
  if (verdict.kind !== "blank") {
    if (onStale === "throw")
      throw stale(place.path, 'use onStale: "reinitialise" to make it anew, or "keep" to go on with it');
    if (onStale === "keep" && verdict.kind === "mismatch") throw mismatchError(verdict, entry.fd, plan, place.path);
    if (onStale === "keep" && verdict.kind === "ready") {
      share(place, entry);
      return join(request, entry, copy, verdict);
    }
  }
  return initialise(request, entry, verdict);
}

function initialise<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  entry: Entry,
  verdict: HeaderVerdict,
): Region<T | R> {
  const { plan, place, options } = request;
  const extent = extentOf(plan, options.tailLength, place.path);
  const before = "generation" in verdict ? verdict.generation : 0;
  // 0 means "never initialised", so a counter that wraps goes on at 1.
  const generation = plan.header === "dotnet" ? 0 : (before + 1) >>> 0 || 1;
  const blank = verdict.kind === "blank";
  let opened: Opened<T | R> | undefined;
  // Empty: made by us just now, or by somebody who died at once.
  let begun = entry.size === 0;
  try {
    allocate(entry.fd, extent.size, place.path);
    opened = mapEntry(request, entry, extent);
    begun = true;
    beginInitialisation(opened.memory, { plan, extent, generation, blank });
    callInitialise(options, opened.data as T, place.path);
    markReady(opened.memory, plan, extent);
    share(place, entry);
    const headerCopy = copyToKeep(request, rawMemory(opened.memory).u8.slice(0, plan.headerSize));
    return regionOf(opened, { outcome: blank ? "created" : "reinitialised", generation, headerCopy });
  } catch (error) {
    opened?.abandon();
    if (begun) removeIfAlone({ ...entry, place }, deadlineIn());
    throw error;
  }
}

/**
 * Exclusive -> shared. The conversion is not atomic, so it takes place under the lifecycle lock. The time of the call may
 * be used up by the initialiser, and the lock is held for microseconds: it gets a time of its own.
 */
function share(place: Place, { fd }: Entry): void {
  underLifecycleLock(place, { create: true, deadline: deadlineIn() }, () => {
    if (!tryShared(fd, place.path)) throw lockedByOthers(place.path);
  });
}

/** For `region.header`, which is rarely asked for. */
function copyToKeep({ plan }: Readable, copy: Uint8Array): Uint8Array | undefined {
  return plan.header === "standard" ? copy : undefined;
}

/** Runs under no lock but the region's own. */
function callInitialise<T>(options: CreateOptions<T>, data: T, path: string): void {
  const returned: unknown = options.initialise?.(data);
  if (typeof returned === "object" && returned !== null && "then" in returned) throw promised(path);
}
