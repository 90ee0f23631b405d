/** What places refuse: names, scopes, locations, and the lock on a directory. One function per situation. */
import { type ShmError, type ShmRangeError, outOfRange, refusal, show } from "../errors.js";

/** The region, or its whole directory, is not there. */
export function notFound(path: string): ShmError {
  const remedy = "start the process that creates it, or use createOrOpen";
  return refusal("ERR_SHM_NOT_FOUND", "there is no region of this name", { path }, remedy);
}

// Names, scopes and locations.

export function unknownScope(scopes: readonly unknown[], found: unknown): ShmRangeError {
  return outOfRange("{field} is one of {expected}", { field: "scope", expected: scopes.join(", "), found });
}

export function notAName(name: unknown): ShmError {
  const remedy = "use 1 to 200 of A-Z a-z 0-9 . _ -, beginning with a letter or digit";
  const facts = { field: "name", found: quoted(name) };
  return refusal("ERR_SHM_NAME", "this cannot be the name of a region", facts, remedy);
}

/** `why`: of this system. */
export function notUsable(name: string, why: string): ShmError {
  const facts = { field: "name", found: quoted(name) };
  return refusal("ERR_SHM_NAME", `no file can have this name, because ${why}`, facts, "choose another name");
}

export function nameOfSession(name: string): ShmError {
  const facts = { field: "name", found: quoted(name) };
  return refusal("ERR_SHM_NAME", "the name is that of a session's directory", facts, "choose another name");
}

export function versionedLocation(version: number): ShmRangeError {
  const facts = { field: "name", expected: "a name", found: "a location" };
  const what = "a region whose versions have files of their own has no location";
  return outOfRange(what, facts, undefined, { version });
}

export function optionBesideLocation(field: string, found: unknown): ShmRangeError {
  const facts = { field, expected: "none, a location says it all", found };
  return outOfRange("{field} does not go with a location", facts);
}

export function notALocation(kind: unknown): ShmError {
  const facts = { field: "location", expected: "what dotnetLocation() returns", found: show(kind) };
  return refusal("ERR_SHM_NAME", "this is neither a name nor a location", facts);
}

export function notADotnetName(name: unknown, bytes: number, bytesMax: number): ShmError {
  const facts = { field: "name", expected: `1 to ${bytesMax} bytes`, found: quoted(name) };
  const remedy = "use a name without / \\ NUL, after the prefix Global\\ or Local\\";
  return refusal("ERR_SHM_NAME", "this cannot be the name of a shared object of .NET", facts, remedy, { bytes });
}

export function prefixAgainstScope(scope: string, name: string): ShmError {
  const facts = { field: "name", expected: scope, found: quoted(name) };
  return refusal("ERR_SHM_NAME", "the name's prefix contradicts the scope", facts, "leave one of them out");
}

function quoted(name: unknown): string {
  return typeof name === "string" ? JSON.stringify(name) : show(name);
}

// Directories.

export function directoryReplaced(path: string, attempts: number): ShmError {
  const remedy = "find out what removes or replaces it";
  return refusal("ERR_SHM_BUSY", "the directory is replaced again and again", { path }, remedy, { attempts });
}

/** Somebody holds the lifecycle lock for longer than we wait. */
export function directoryLocked(
  path: string,
  holder: { readonly pid: number; readonly who: string } | undefined,
  waitedMs: number,
): ShmError {
  return refusal(
    "ERR_SHM_BUSY",
    "another process keeps the directory locked",
    { path, ...(holder && { pid: holder.pid }) },
    "continue or end that process, or wait longer (timeoutMs)",
    { holder: holder?.who, waitedMs },
  );
}
