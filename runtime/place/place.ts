/**
 * Where regions live: the directory of a scope, and names that never lead out of it.
 *
 *   name and options -> Place: directory, the directory whose lock is the lifecycle lock, rights that files there have
 *   Place -> lifecycle -> the lock, and the open directory, through which every file is reached
 */
import { resolve, sep } from "node:path";
import type { DirectoryPlace, RightsOptions } from "../os/contract.js";
import { defaultDirectory, dotnetRights, ownSession, rightsOf, unusableName } from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { type RegionLocation, dotnetParts } from "./location-dotnet.js";
import {
  nameOfSession,
  notAName,
  notUsable,
  optionBesideLocation,
  unknownScope,
  versionedLocation,
} from "./refusals.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** No user's name has an @, so what follows it is the version of a versioned name. */
const FILE = /^([A-Za-z0-9][A-Za-z0-9._-]{0,199})(?:@([1-9]\d{0,9}))?$/;
/** No region's name begins like this. */
const MIGRATING = ".migrating-";
/** Where the sessions of a directory keep their regions. */
const SESSION = /^session-\d+$/;

/** One region's place. Its folder is made, and removed by the last to leave, under the lifecycle lock. */
export interface Place extends DirectoryPlace {
  /** For people; files are opened through the directory's descriptor. */
  readonly path: string;
  /** Peers look at a region under the lifecycle lock only, and expect it to be complete then. */
  readonly lockedWhileInitialising: boolean;
}

/** Options that say where a region lives, and who may use it. */
export interface PlaceOptions extends RightsOptions {
  /**
   * Who shares the name. "user" (default): all processes of this user, in `/dev/shm/shmgen-<euid>`. "session": those of
   * its session (getsid), in a folder `session-<sid>` there. "machine": everybody, in `/dev/shm/shmgen`.
   */
  readonly scope?: "user" | "session" | "machine";
  /** Default: `$SHMGEN_DIR`, else the scope's. Made when missing: 0700, or as `mode` needs it, or 1777 for the machine. */
  readonly directory?: string;
  /** Opens regions on NFS, 9p, FUSE and the like, whose locks may not tell who is alive. Default false. */
  readonly allowUntrustedFileSystem?: boolean;
}

const SCOPES: readonly unknown[] = ["user", "session", "machine"];

/** A region's place as another process has found it. */
export interface FoundPlace {
  /** The directory whose lock is the lifecycle lock. */
  readonly directory: string;
  /** The folder in it that the file is in; empty for none. */
  readonly folder: string;
  readonly name: string;
}

/** `options` say the rights that are accepted. @throws ShmError ERR_SHM_NAME; ShmRangeError */
export function placeFound({ directory, folder, name }: FoundPlace, options: PlaceOptions): Place {
  checkFileName(name);
  const place = placeIn(name, { ...options, directory, scope: options.scope === "machine" ? "machine" : "user" });
  if (folder === "") return place;
  const inner = place.lockDirectory + sep + folder;
  return { ...place, folder, directory: inner, path: inner + sep + name };
}

/**
 * `version` is that of a region whose versions have files of their own.
 * @throws ShmError ERR_SHM_NAME; ShmRangeError for options that contradict each other
 */
export function placeOf(name: string | RegionLocation, options: PlaceOptions, version?: number): Place {
  if (typeof name === "object" && name !== null) {
    if (version !== undefined) throw versionedLocation(version);
    const { allowUntrustedFileSystem = false } = options;
    return { ...placeOfLocation(name, options), allowUntrustedFileSystem };
  }
  checkName(name);
  return placeIn(version === undefined ? name : `${name}@${version}`, options);
}

/** The place of a file by its own name, which may have a version: `car-7@2`. @throws as {@link placeOf} */
export function placeOfFile(name: string, options: PlaceOptions): Place {
  checkFileName(name);
  return placeIn(name, options);
}

/**
 * The path of the file that a region of this name has, or would have. Nothing is looked at.
 * @throws ShmError ERR_SHM_NAME; ShmRangeError for options that contradict each other
 */
export function regionPath(name: string | RegionLocation, options: PlaceOptions = {}): string {
  checkOptions(options, "regionPath");
  return placeOf(name, options).path;
}

/** The place of a whole directory: one without a name. @throws ShmRangeError */
export function placeOfDirectory(options: PlaceOptions): Place {
  return placeIn("", options);
}

/** Whether a file of this name can be a region, whatever is in it. */
export function isRegionName(name: string): boolean {
  return FILE.test(regionOfTemporary(name) ?? name) && !SESSION.test(name);
}

/** The file that takes the place of another one when it is complete. */
export function temporaryOf(name: string): string {
  return MIGRATING + name;
}

/** The file whose place a temporary one was to take; undefined for a name that is none of those. */
export function regionOfTemporary(name: string): string | undefined {
  return name.startsWith(MIGRATING) ? name.slice(MIGRATING.length) : undefined;
}

/** What a file's name says. `version` is there for a versioned name. */
export interface FileName {
  readonly name: string;
  readonly version: number | undefined;
}

/** `car-7@2` is version 2 of `car-7`. */
export function fileName(file: string): FileName {
  const [, name = file, version] = FILE.exec(file) ?? [];
  return { name, version: version === undefined ? undefined : Number(version) };
}

/** The versions of one region together, the oldest first. */
export function compareFiles(one: string, other: string): number {
  const [a, b] = [fileName(one), fileName(other)];
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return (a.version ?? 0) - (b.version ?? 0);
}

/** The name that a place was opened by. Names at places of .NET may have any letters. */
export function nameAt({ name, trunk }: Pick<Place, "name" | "trunk">): string {
  const at = trunk === undefined ? name.indexOf("@") : -1;
  return at < 0 ? name : name.slice(0, at);
}

/** Whether a directory of this name belongs to a session's scope, or is about to get such a name. */
export function isSessionName(name: string): boolean {
  return SESSION.test(name) || /^\.session-\d+-/.test(name);
}

/** The folders that sessions have, or had, in a directory. */
export function sessionsOf(place: Place, names: readonly string[]): Place[] {
  const { lockDirectory } = place;
  const folders = names.filter((name) => SESSION.test(name));
  return folders.map((folder) => inFolder(place, folder, lockDirectory + sep + folder));
}

function inFolder(place: Place, folder: string, directory: string): Place {
  return { ...place, folder, directory, path: directory };
}

function placeIn(name: string, options: PlaceOptions): Place {
  const { allowUntrustedFileSystem = false, scope = "user" } = options;
  if (!SCOPES.includes(scope)) throw unknownScope(SCOPES, scope);
  const chosen = options.directory ?? (process.env["SHMGEN_DIR"] || undefined);
  const rights = rightsOf(options, scope === "machine", chosen === undefined);
  const usual = scope as "user" | "session" | "machine";
  const lockDirectory = chosen === undefined ? defaultDirectory(usual, rights) : absolute(chosen);
  const folder = scope === "session" ? sessionFolder(lockDirectory) : undefined;
  const directory = folder === undefined ? lockDirectory : lockDirectory + sep + folder;
  return {
    name,
    directory,
    path: name === "" ? directory : directory + sep + name,
    lockDirectory,
    folder,
    trunk: undefined,
    lockedWhileInitialising: false,
    rights,
    allowUntrustedFileSystem,
  };
}

/** A versioned name counts as what it is without its version. */
function checkFileName(name: unknown): asserts name is string {
  const file = typeof name === "string" ? fileName(regionOfTemporary(name) ?? name).name : "";
  checkName(NAME.test(file) ? file : name);
}

function checkName(name: unknown): asserts name is string {
  // A name that is too long is never cut: it would be somebody else's.
  if (typeof name !== "string" || !NAME.test(name)) throw notAName(name);
  if (SESSION.test(name)) throw nameOfSession(name);
  const why = unusableName(name);
  if (why !== undefined) throw notUsable(name, why);
}

function sessionFolder(path: string): string {
  return `session-${ownSession(path, "use another scope")}`;
}

const OF_NAMES = ["scope", "directory", "mode", "group", "owner"] as const;

function placeOfLocation(location: RegionLocation, options: PlaceOptions): Omit<Place, "allowUntrustedFileSystem"> {
  for (const field of OF_NAMES) {
    const found = options[field];
    if (found !== undefined) throw optionBesideLocation(field, found);
  }
  const { name, trunk, lockDirectory, folder } = dotnetParts(location);
  const directory = `${lockDirectory}/${folder}`;
  return {
    name,
    directory,
    path: `${directory}/${name}`,
    lockDirectory,
    folder,
    trunk,
    lockedWhileInitialising: true,
    rights: dotnetRights(location.userScope),
  };
}

/** Paths that need no normalising are the rule, and `resolve` costs as much as a system call. */
function absolute(path: string): string {
  return /^(?:\/[A-Za-z0-9_-][A-Za-z0-9_.-]*)+$/.test(path) ? path : resolve(path);
}
