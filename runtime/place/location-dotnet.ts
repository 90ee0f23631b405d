/**
 * The places of .NET's own shared memory manager, which keeps its named mutexes there: `/tmp/.dotnet/shm/global/<name>` and
 * so on. The lifecycle lock is that of the `shm` directory.
 */
import { relative } from "node:path";
import { ownSession, ownUser } from "../os/index.js";
import { checkOptions } from "../arguments/check-options.js";
import { notADotnetName, notALocation, prefixAgainstScope, unknownScope } from "./refusals.js";

/** Where .NET on Linux keeps what processes share. It looks at no environment variable for it. */
const SHARED_FILES = "/tmp";
/** Longest file name, bytes. */
const NAME_MAX = 255;

/** Options of {@link dotnetLocation}. */
export interface DotnetLocationOptions {
  /** "machine" is .NET's prefix `Global\`, "session" its prefix `Local\`. Default: what the name begins with, else "session". */
  readonly scope?: "machine" | "session";
  /** For this user alone: .NET 10's NamedWaitHandleOptions.CurrentUserOnly. Default false. */
  readonly userScope?: boolean;
}

/** A place that every open function takes instead of a name. Plain data: it can be posted, and goes through JSON. */
export interface RegionLocation {
  readonly kind: "dotnet";
  /** Without its prefix. */
  readonly name: string;
  readonly scope: "machine" | "session";
  readonly userScope: boolean;
  /** The region's file, for people: what is opened follows from the rest, in the process that opens it. */
  readonly path: string;
}

/**
 * The place of .NET's shared object of a name, such as `Global\cache`, with .NET's directories, modes and locks. Regions there
 * need `header: "dotnet"`, type 0, version 1 for a mutex. `initialise` runs under the lifecycle lock of all of them.
 * @throws ShmError ERR_SHM_NAME for a name that .NET refuses, or that would lead elsewhere
 */
export function dotnetLocation(name: string, options: DotnetLocationOptions = {}): RegionLocation {
  checkOptions(options, "dotnetLocation");
  const { scope, userScope = false } = options;
  if (scope !== undefined && scope !== "machine" && scope !== "session")
    throw unknownScope(["machine", "session"], scope);
  const prefix = (typeof name === "string" && /^(?:Global|Local)\\/.exec(name)?.[0]) || "";
  const own = prefix === "" ? undefined : prefix === "Global\\" ? "machine" : "session";
  if (scope !== undefined && own !== undefined && own !== scope) throw prefixAgainstScope(scope, name);
  const bare = typeof name === "string" ? name.slice(prefix.length) : name;
  const location = { kind: "dotnet", name: bare, scope: own ?? scope ?? "session", userScope } as const;
  const { lockDirectory, folder } = dotnetParts(location);
  return Object.freeze({ ...location, path: `${lockDirectory}/${folder}/${bare}` });
}

/** Directories of a location, anew from its parts, because it may come from another process. @throws ShmError ERR_SHM_NAME */
export function dotnetParts({ kind, name, scope, userScope }: Omit<RegionLocation, "path">): {
  readonly name: string;
  readonly trunk: string;
  readonly lockDirectory: string;
  readonly folder: string;
} {
  if (kind !== "dotnet" || typeof userScope !== "boolean" || (scope !== "machine" && scope !== "session")) {
    throw notALocation(kind);
  }
  checkDotnetName(name);
  const top = userScope ? `.dotnet-uid${ownUser()}` : ".dotnet";
  const lockDirectory = `${SHARED_FILES}/${top}/shm`;
  const isSession = scope === "session";
  const folder = isSession ? `session${ownSession(lockDirectory, 'use scope: "machine"')}` : "global";
  return { name, trunk: SHARED_FILES, lockDirectory, folder };
}

/** Whether a path is one of .NET's, of whatever user and session. */
export function isDotnetPath(path: string): boolean {
  return /^\.dotnet(?:-uid\d+)?\/shm\//.test(relative(SHARED_FILES, path));
}

/** .NET refuses separators and what is too long; the rest here would name another file than the one it says. */
function checkDotnetName(name: unknown): void {
  const bytes = typeof name === "string" ? Buffer.byteLength(name) : 0;
  // A lone half of a surrogate pair has no UTF-8, and would silently become another character.
  const isWellFormed = typeof name === "string" && !/\p{Cs}/u.test(name);
  // oxlint-disable-next-line no-control-regex
  const isPlain = typeof name === "string" && !/[/\\\0]/.test(name) && name !== "." && name !== "..";
  if (isWellFormed && isPlain && bytes > 0 && bytes <= NAME_MAX) return;
  throw notADotnetName(name, bytes, NAME_MAX);
}
