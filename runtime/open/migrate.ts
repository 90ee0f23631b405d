/**
 * Carrying a region over to another version. The old file keeps its exclusive lock, and nobody sees the new one before it is
 * complete: a file of its own, without a name where the file system has such, takes the old one's place by one rename(2).
 *
 *   make      (lifecycle lock) a file beside the old one, with the rights of a new one
 *   fill      allocate, announce, the caller's code, ready
 *   replace   (lifecycle lock) does the path still name the old one? name, open, lock shared, map, let go of the old, rename
 *
 * Whoever waited for the old file's lock finds, by looking again, that the path names another one. A death before the rename
 * leaves the old region; what it may leave beside it, `.migrating-<name>`, the next migration and cleaning remove.
 */
import { sep } from "node:path";
import type { FlyweightClass } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { rawMemory } from "../access/memory-view.js";
import type { MappingKind, OpenDirectory } from "../os/contract.js";
import {
  applyFileRights,
  closeQuietly,
  createFile,
  createUnnamed,
  deleteName,
  deleteNameIfPresent,
  flush,
  identify,
  nameFile,
  openFile,
  ownStamp,
  replaceName,
  tryShared,
} from "../os/index.js";
import { type Deadline, ownWork, withGrace } from "../wait/clock.js";
import { type Entry, directoryNames, pathLeadsTo, releaseLease } from "../file/entry.js";
import { RegionMapping } from "../mapping/region-mapping.js";
import { beginInitialisation, markReady } from "../format/initialise.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import type { OnWait } from "../wait/long-wait.js";
import { type Place, temporaryOf } from "../place/place.js";
import { readHeader } from "../format/header.js";
import type { Extent, Plan } from "../format/plan.js";
import { lockedByOthers } from "../mapping/refusals.js";
import { refusePromise } from "../format/refusals.js";
import { alwaysReplaced } from "./refusals.js";
import { type RegionView, createView } from "../mapping/region-view.js";

/** One version of the region: what it looks like, and who looks at it. */
export interface MigrationSide {
  readonly plan: Plan;
  readonly extent: Extent;
  readonly accessor: FlyweightClass;
}

/** One migration. */
export interface MigrationRequest {
  readonly place: Place;
  /** The old file, with its exclusive lock. Let go of, however it ends. */
  readonly entry: Entry;
  readonly old: MigrationSide;
  readonly next: MigrationSide;
  /** Of the new region. */
  readonly generation: number;
  /** Whether the new region is to stay although the old one was not. */
  readonly kept: boolean;
  readonly move: (old: never, next: never) => void;
  readonly mapping: MappingKind | "auto";
  /** The new file loses its name again, while the same lock is held. */
  readonly unnamed: boolean;
  readonly deadline: Deadline;
  readonly onWait: OnWait | undefined;
}

/** A file that is to take the place of the old one. */
interface NewFile {
  readonly fd: number;
  readonly dev: number;
  readonly ino: number;
  /** Where there are no files without a name it has a temporary one, and its shared lock, from the beginning. */
  readonly isNamed: boolean;
}

/**
 * `map` gets the new region's file, complete and locked, before it has its name; what it throws undoes everything.
 * Undefined when the path names another file by now: nothing was done. @throws ShmError, and what the caller's code throws
 */
export function replaceByMigrated<V extends { readonly mapping: RegionMapping }>(
  request: MigrationRequest,
  map: (entry: Entry) => V,
): V | undefined {
  const { place, entry, deadline, onWait } = request;
  const lock = { create: true, onWait, pace: "holding" } as const;
  let endOfWork: (() => void) | undefined;
  let newFile: NewFile | undefined;
  let done: V | undefined;
  let isOldOpen = true;
  const closeOld = (): void => {
    isOldOpen = false;
    closeQuietly(entry.fd);
  };
  try {
    // Step migrate.make.
    const made = underLifecycleLock(place, { ...lock, deadline }, (directory) => make(directory, place));
    newFile = made;
    endOfWork = ownWork(deadline);
    fill(made, request);
    endOfWork();
    done = underLifecycleLock(place, { ...lock, deadline: withGrace(deadline) }, (directory) =>
      replace(directory, made, { ...request, closeOld }, map),
    );
    return done;
  } finally {
    endOfWork?.();
    if (done === undefined) {
      const its = { ...place, name: temporaryOf(place.name) };
      if (newFile !== undefined) releaseLease({ ...newFile, place: its }, newFile.isNamed, deadline);
      if (isOldOpen) releaseLease({ ...entry, place }, false, deadline);
    }
  }
}

function make(directory: OpenDirectory, { name, path, rights }: Place): NewFile {
  const temporary = directory.path + sep + temporaryOf(name);
  const shown = besideIt(path, name);
  const unnamed = createUnnamed(directory.path, path);
  const isNamed = unnamed === undefined;
  if (isNamed) removeLeftover(temporary, shown);
  const fd = unnamed ?? createFile(temporary, path);
  try {
    applyFileRights(fd, rights, path);
    // Whoever cleans takes it for what it is: in use.
    if (isNamed && !tryShared(fd, path)) throw lockedByOthers(path);
    const { dev, ino } = identify(fd, path);
    return { fd, dev, ino, isNamed };
  } catch (error) {
    closeQuietly(fd);
    if (isNamed) removeLeftover(temporary, shown);
    throw error;
  }
}

/** What somebody left who died. Whoever is still at it here has lost his old region's name meanwhile, and will find out. */
function removeLeftover(temporary: string, shown: string): void {
  deleteNameIfPresent(temporary, shown, "remove what a migration left there, then try again");
}

/** The temporary file of a region, for people. */
function besideIt(path: string, name: string): string {
  return `${path.slice(0, path.length - name.length)}${temporaryOf(name)}`;
}

/** Without the lifecycle lock: the caller's code runs here. */
function fill({ fd, dev, ino }: NewFile, request: MigrationRequest): void {
  const { place, entry, old, next, generation, kept, move } = request;
  const { path } = place;
  const { plan, extent } = next;
  const sides: OpenSide[] = [];
  const open = (side: MigrationSide, file: Pick<Entry, "fd" | "dev" | "ino">, access: "read-only" | "read-write") => {
    // Step migrate.allocate, in mapFile().
    const opened = openSide(side, file, access, request);
    sides.push(opened);
    return opened.view;
  };
  try {
    const { data: before, memory: oldMemory } = open(old, entry, "read-only");
    const { memory, data } = open(next, { fd, dev, ino }, "read-write");
    beginInitialisation(memory, {
      plan,
      extent,
      generation,
      blank: true,
      kept: kept || readHeader(rawMemory(oldMemory).u8).kept,
      creator: ownStamp(),
    });
    // Step migrate.move.
    const returned: unknown = (move as (old: unknown, next: unknown) => unknown)(before, data);
    refusePromise(returned, path, "a migration");
    // Step migrate.markReady.
    markReady(memory, plan, extent);
    // On a disk the name must not be there before what it names. Nothing to do in memory.
    flush(fd, path);
  } finally {
    for (const { mapping, view } of sides) {
      rawMemory(view.memory).futex?.close?.();
      mapping.discard();
      view.memory.retire();
    }
  }
}

interface OpenSide {
  readonly mapping: RegionMapping;
  readonly view: RegionView<Flyweight>;
}

/** A mapping and view of one side, which end with the migration. */
function openSide(
  { plan, extent, accessor }: MigrationSide,
  { fd, dev, ino }: Pick<Entry, "fd" | "dev" | "ino">,
  access: "read-only" | "read-write",
  { place: { path }, mapping: kind }: MigrationRequest,
): OpenSide {
  const { size, tailLength } = extent;
  const request = { fd, size, access, kind, path, allocate: access === "read-write" };
  const mapping = new RegionMapping({ request, lease: undefined, file: { dev, ino }, tailLength });
  try {
    return {
      mapping,
      view: createView({
        source: mapping,
        accessor,
        offset: plan.headerSize,
        size,
        tailLength,
        hasHeader: true,
        containers: plan.containers,
      }),
    };
  } catch (error) {
    mapping.discard();
    throw error;
  }
}

/** Under the lifecycle lock. When it throws, the new file is as it was given. */
function replace<V extends { readonly mapping: RegionMapping }>(
  directory: OpenDirectory,
  newFile: NewFile,
  { place, entry, unnamed, closeOld }: MigrationRequest & { readonly closeOld: () => void },
  map: (entry: Entry) => V,
): V | undefined {
  const { path, name } = place;
  const { file } = directory;
  const temporary = directory.path + sep + temporaryOf(name);
  // Step migrate.checkName.
  if (!directoryNames(directory, entry)) return undefined;
  if (newFile.isNamed && !pathLeadsTo(temporary, newFile)) return undefined;
  const fd = newFile.isNamed ? newFile.fd : nameAndOpen(newFile, temporary, place);
  if (fd === undefined) return undefined;
  let mapped: V | undefined;
  try {
    // Step migrate.takeShared.
    if (!tryShared(fd, path)) throw lockedByOthers(path);
    const { dev, ino, size } = identify(fd, path);
    if (dev !== newFile.dev || ino !== newFile.ino) throw alwaysReplaced(path, 1);
    mapped = map({ fd, dev, ino, size, lock: "shared" });
    // Step migrate.closeOld. Before the rename, which Windows refuses while the old file is open. Whoever wants its lock needs the lifecycle lock.
    closeOld();
    // Step migrate.rename.
    replaceName(temporary, file, path, "migrate it, or remove it if nobody needs its data");
    if (unnamed) deleteName(file, path);
  } catch (error) {
    mapped?.mapping.discard();
    if (!newFile.isNamed) {
      closeQuietly(fd);
      deleteNameIfPresent(temporary, path);
    }
    throw error;
  }
  if (!newFile.isNamed) closeQuietly(newFile.fd);
  return mapped;
}

/** Opened by its name, so that lists of processes and mappings show it. Undefined when somebody else takes the name. */
function nameAndOpen({ fd }: NewFile, temporary: string, { path, name }: Place): number | undefined {
  const shown = besideIt(path, name);
  removeLeftover(temporary, shown);
  // Step migrate.link.
  if (!nameFile(fd, temporary, path)) return undefined;
  try {
    return openFile(temporary, "read-write", path);
  } catch (error) {
    deleteNameIfPresent(temporary, path);
    throw error;
  }
}
