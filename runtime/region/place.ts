/** Where regions live: the directory of a scope, and names that never lead out of it. */
import { resolve } from "node:path";
import { ShmRangeError, refusal } from "../errors.js";
import { ownSession } from "../os/processes.js";
import { type RegionLocation, dotnetParts } from "./location-dotnet.js";
import { type Rights, type RightsOptions, dotnetRights, rightsOf } from "./rights.js";

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** Where the sessions of a directory keep their regions. */
const SESSION = /^session-\d+$/;

/** One region's place. */
export interface Place {
  readonly name: string;
  /** The directory that the region's file is in. */
  readonly directory: string;
  /** For people; files are opened through the directory's descriptor. */
  readonly path: string;
  /** The directory whose lock is the lifecycle lock: the same one, or the one that `folder` is in. */
  readonly lockDirectory: string;
  /** Made, and removed by the last to leave, under the lifecycle lock. */
  readonly folder: string | undefined;
  /** A directory of the system below which every directory on the way is opened and checked by itself. */
  readonly trunk: string | undefined;
  /** Peers look at a region under the lifecycle lock only, and expect it to be complete then. */
  readonly lockedWhileInitialising: boolean;
  readonly rights: Rights;
  readonly allowUntrustedFileSystem: boolean;
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
  checkName(name);
  const place = placeIn(name, { ...options, directory, scope: options.scope === "machine" ? "machine" : "user" });
  if (folder === "") return place;
  const inner = `${place.lockDirectory}/${folder}`;
  return { ...place, folder, directory: inner, path: `${inner}/${name}` };
}

/** @throws ShmError ERR_SHM_NAME; ShmRangeError for options that contradict each other */
export function placeOf(name: string | RegionLocation, options: PlaceOptions): Place {
  if (typeof name === "object" && name !== null) {
    const { allowUntrustedFileSystem = false } = options;
    return { ...placeOfLocation(name, options), allowUntrustedFileSystem };
  }
  checkName(name);
  return placeIn(name, options);
}

/**
 * The path of the file that a region of this name has, or would have. Nothing is looked at.
 * @throws ShmError ERR_SHM_NAME; ShmRangeError for options that contradict each other
 */
export function regionPath(name: string | RegionLocation, options: PlaceOptions = {}): string {
  return placeOf(name, options).path;
}

/** The place of a whole directory: one without a name. @throws ShmRangeError */
export function placeOfDirectory(options: PlaceOptions): Place {
  return placeIn("", options);
}

/** Whether a file of this name can be a region, whatever is in it. */
export function isRegionName(name: string): boolean {
  return NAME.test(name) && !SESSION.test(name);
}

/** Whether a directory of this name belongs to a session's scope, or is about to get such a name. */
export function isSessionName(name: string): boolean {
  return SESSION.test(name) || /^\.session-\d+-/.test(name);
}

/** The folders that sessions have, or had, in a directory. */
export function sessionsOf(place: Place, names: readonly string[]): Place[] {
  const { lockDirectory } = place;
  const folders = names.filter((name) => SESSION.test(name));
  return folders.map((folder) => inFolder(place, folder, `${lockDirectory}/${folder}`));
}

function inFolder(place: Place, folder: string, directory: string): Place {
  return { ...place, folder, directory, path: directory };
}

function placeIn(name: string, options: PlaceOptions): Place {
  const { allowUntrustedFileSystem = false, scope = "user" } = options;
  if (!SCOPES.includes(scope)) {
    const expected = SCOPES.join(", ");
    throw new ShmRangeError(`scope is one of ${expected}: found=${String(scope)}`, {
      field: "scope",
      expected,
      found: scope,
    });
  }
  const chosen = options.directory ?? (process.env["SHMGEN_DIR"] || undefined);
  const rights = rightsOf(options, scope === "machine", chosen === undefined);
  const usual = scope === "machine" ? "/dev/shm/shmgen" : `/dev/shm/shmgen-${rights.uid}`;
  const lockDirectory = chosen === undefined ? usual : absolute(chosen);
  const folder = scope === "session" ? sessionFolder(lockDirectory) : undefined;
  const directory = folder === undefined ? lockDirectory : `${lockDirectory}/${folder}`;
  return {
    name,
    directory,
    path: name === "" ? directory : `${directory}/${name}`,
    lockDirectory,
    folder,
    trunk: undefined,
    lockedWhileInitialising: false,
    rights,
    allowUntrustedFileSystem,
  };
}

function checkName(name: unknown): asserts name is string {
  const found = JSON.stringify(name) ?? typeof name;
  if (typeof name !== "string" || !NAME.test(name)) {
    // A name that is too long is never cut: it would be somebody else's.
    const remedy = "use 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit";
    throw refusal("ERR_SHM_NAME", "this cannot be the name of a region", { field: "name", found }, remedy);
  }
  if (SESSION.test(name)) {
    const remedy = "choose another name";
    throw refusal("ERR_SHM_NAME", "the name is that of a session's directory", { field: "name", found }, remedy);
  }
}

function sessionFolder(path: string): string {
  const session = ownSession();
  if (session !== undefined) return `session-${session}`;
  throw refusal("ERR_SHM_UNSUPPORTED", "without /proc the session cannot be told", { path }, "use another scope");
}

const OF_NAMES = ["scope", "directory", "mode", "group", "owner"] as const;

function placeOfLocation(location: RegionLocation, options: PlaceOptions): Omit<Place, "allowUntrustedFileSystem"> {
  for (const field of OF_NAMES) {
    const found = options[field];
    if (found === undefined) continue;
    const expected = "none, a location says it all";
    throw new ShmRangeError(`${field} does not go with a location: expected="${expected}" found=${String(found)}`, {
      field,
      expected,
      found,
    });
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

/** The region, or its whole directory, is not there. */
export function notFound(path: string): Error {
  const remedy = "start the process that creates it, or use createOrOpen";
  return refusal("ERR_SHM_NOT_FOUND", "there is no region of this name", { path }, remedy);
}
