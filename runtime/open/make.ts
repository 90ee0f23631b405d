/** Making a region: initialised under its exclusive lock, or migrated from one of an older version. */
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import { checkMappable, deleteNameIfPresent, ownStamp, renewFileRights, tryShared, zeroFile } from "../os/index.js";
import { SEARCHED_AT_ONCE, contentOf } from "../file/blank.js";
import { ownWork, withGrace } from "../wait/clock.js";
import type { Decision, ReadyVerdict } from "./decide.js";
import { type Entry, directoryNames, releaseLease } from "../file/entry.js";
import { freeAdded } from "../file/free-added.js";
import { beginInitialisation, markReady } from "../format/initialise.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import { type MigrationRequest, replaceByMigrated } from "./migrate.js";
import { type Opened, copyToKeep, mapEntry, regionOf } from "./opened.js";
import type { CreateOptions } from "./options.js";
import { type Extent, extentOf, reserveOf } from "../format/plan.js";
import { foreign, tooManyZeros } from "../file/refusals.js";
import { lockedByOthers } from "../mapping/refusals.js";
import { refusePromise, tailLengthNeeded } from "../format/refusals.js";
import type { Region } from "../region/region.js";
import type { Request } from "./request.js";

/** Regions whose `initialise` or migration this thread is running. */
const beingMade = new Set<string>();

/** Whether this thread is making the region: whoever opens it then would wait for himself. */
export function isBeingMadeHere(path: string): boolean {
  return beingMade.has(path);
}

/** Under the exclusive lock, without the lifecycle lock where the place does not demand it. */
export function initialise<T extends Flyweight, R extends Flyweight>(
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
  const endOfWork = ownWork(request.deadline);
  try {
    if (plan.tailStride > 0 && options.tailLength === undefined) throw tailLengthNeeded(plan.name, path);
    const extent = extentOf(plan, options.tailLength, path);
    if ("zeros" in verdict && verdict.zeros) proveBlank(entry, extent, request);
    renewFileRights(fd, place.rights, path);
    // Step initialise.allocate, in mapFile().
    opened = mapEntry(request, entry, extent, plan, true);
    const { memory, data } = opened.view;
    begun = true;
    const kept = options.cleanup === "keep";
    beginInitialisation(memory, { plan, extent, generation, blank, kept, creator: ownStamp() });
    // Step initialise.zero for what an older, larger region left behind the end of this one. A file never shrinks.
    if (!blank) zeroFile({ fd, from: extent.size, to: size, path });
    // Step initialise.payload.
    beingMade.add(path);
    callInitialise(options, data as T, path);
    markReady(memory, plan, extent);
    endOfWork();
    convertToShared(request, entry);
    const headerCopy = copyToKeep(request, rawMemory(memory).u8.slice(0, plan.headerSize));
    const facts = { plan, generation, headerCopy };
    return regionOf(request, opened, facts, blank ? "created" : "reinitialised");
  } catch (error) {
    const memory = opened?.view.memory;
    if (memory !== undefined) rawMemory(memory).futex?.close?.();
    opened?.mapping.discard();
    endOfWork();
    if (!begun) freeAdded(fd, size, path);
    releaseLease({ ...entry, place }, begun, request.deadline);
    memory?.retire();
    throw error;
  } finally {
    beingMade.delete(path);
  }
}

/** Throws for a file of zeros that holds something after all, or too many of them: before anything is stored. */
function proveBlank<T extends Flyweight, R extends Flyweight>(
  { fd, size }: Entry,
  extent: Extent,
  { place: { path }, deadline }: Request<T, R>,
): void {
  // The rest was looked at under the lifecycle lock.
  if (size <= SEARCHED_AT_ONCE) return;
  const content = contentOf({ fd, size, path }, deadline, extent.size);
  if (content === "data") throw foreign(path);
  if (content === "unknown") throw tooManyZeros(path, size);
}

/** Undefined when the path names another file by now. */
export function migrate<T extends Flyweight, R extends Flyweight>(
  request: Request<T, R>,
  { entry, migration, verdict }: Decision & { readonly kind: "migrate" },
): Region<T | R> | undefined {
  const { definition, plan, place, options } = request;
  const { path } = place;
  const generation = (verdict.generation + 1) >>> 0 || 1;
  let migrationRequest: MigrationRequest;
  try {
    const extent = extentOf(plan, tailFor(request, verdict), path);
    checkSize(request, extent);
    const { mapping = "auto", cleanup, onWait } = options;
    const old = { plan: verdict.plan, extent: verdict.extent, accessor: migration.from.reader };
    const next = { plan, extent, accessor: definition.accessor };
    const unnamed = cleanup === "immediately";
    const { deadline } = request;
    migrationRequest = {
      place,
      entry,
      old,
      next,
      generation,
      kept: cleanup === "keep",
      move: migration.move,
      mapping,
      unnamed,
      deadline,
      onWait,
    };
  } catch (error) {
    releaseLease({ ...entry, place }, false, request.deadline);
    throw error;
  }
  beingMade.add(path);
  try {
    const opened = replaceByMigrated(migrationRequest, (its) =>
      mapEntry(request, its, migrationRequest.next.extent, plan),
    );
    if (opened === undefined) return undefined;
    const headerCopy = copyToKeep(request, rawMemory(opened.view.memory).u8.slice(0, plan.headerSize));
    return regionOf(request, opened, { plan, generation, headerCopy }, "migrated");
  } finally {
    beingMade.delete(path);
  }
}

/** Refuses what could not be mapped, before anything is allocated for it. @throws ShmError, ShmRangeError */
export function checkSize<T extends Flyweight, R extends Flyweight>(
  { plan, place: { path }, options: { maxTail, mapping: kind = "auto" } }: Request<T, R>,
  { size }: Extent,
): void {
  checkMappable({ size, reserve: reserveOf(plan, maxTail, path), kind, path });
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
 * Exclusive -> shared. The conversion is not atomic, so it takes place under the lifecycle lock. Where that cannot be had in time, the
 * region is given up: what is left is a complete region that nobody has open, as after a death at this point.
 */
function convertToShared<T extends Flyweight, R extends Flyweight>(
  { place, options, deadline }: Request<T, R>,
  entry: Entry,
): void {
  const { cleanup, onWait } = options;
  const lock = { create: true, deadline: withGrace(deadline), onWait, pace: "holding" } as const;
  // Step share.lockLifecycle.
  underLifecycleLock(place, lock, (directory) => {
    // Step share.takeShared.
    if (!tryShared(entry.fd, place.path)) throw lockedByOthers(place.path);
    // Nobody but who is handed the descriptor finds it, and the kernel frees it with the last of them.
    if (cleanup === "immediately" && directoryNames(directory, entry)) deleteNameIfPresent(directory.file, place.path);
  });
}

/** Runs under no lock but the region's own. */
export function callInitialise<T>(options: CreateOptions<T>, data: T, path: string): void {
  const returned: unknown = options.initialise?.(data);
  refusePromise(returned, path);
}
