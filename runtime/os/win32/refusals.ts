/** What this platform refuses, one function per situation. */
import { type ShmError, errorCode, errorMessage, refusal } from "../../errors.js";

const NOT_HERE = "ERR_SHM_UNSUPPORTED";

/** `mode`, `group` and `owner`. */
export function optionOfPosix(field: string, found: unknown): ShmError {
  const what = "{field} is for systems with modes; on Windows access lists say who may use a directory";
  return refusal(NOT_HERE, what, { field, found }, "leave it out, and set the directory's access list (icacls)");
}

export function machineScope(): ShmError {
  const what = 'scope "machine" is not there on Windows: regions are those of one user';
  const remedy = "use the scope of the user, or a directory whose access list (icacls) lets others in";
  return refusal(NOT_HERE, what, { field: "scope", found: "machine" }, remedy);
}

export function placesOfDotnet(): ShmError {
  const what = "the places of .NET's shared memory are those of Linux and macOS";
  return refusal(NOT_HERE, what, {}, "on Windows, attach .NET's named memory: attach({ mapping: name })");
}

export function replacedFileOpen(path: string, remedy: string, cause: unknown): ShmError {
  const what = "somebody has the file open or mapped that is to be replaced, which Windows does not allow";
  return refusal(
    "ERR_SHM_BUSY",
    what,
    { path, cause },
    `close it there (inspect, a reader that attached it), then ${remedy}`,
  );
}

export function directoryOfAnother(path: string, expected: string, found: string): ShmError {
  const what = "the directory belongs to another user";
  return refusal("ERR_SHM_PERMISSION", what, { path, expected, found }, "use a directory of your own");
}

/** `found`: who may put files there, by security identifiers. */
export function directoryOpenToOthers(path: string, found: string): ShmError {
  const what = "others may put files into the directory, or replace those that are there";
  const remedy = "take their rights away (icacls), or use another directory";
  return refusal("ERR_SHM_PERMISSION", what, { path, found }, remedy);
}

export function remoteDrive(path: string): ShmError {
  const what = "the locks of a drive of another machine cannot be trusted to tell who is alive";
  const remedy = "use a local directory, or allowUntrustedFileSystem: true if only this machine uses it";
  return refusal(NOT_HERE, what, { path, found: "a remote drive" }, remedy);
}

export function withoutWasm(path: string): ShmError {
  const what = 'mapping "wasm", a SharedArrayBuffer over a file, is not there on Windows';
  const remedy = 'use mapping: "view" or "auto"; a worker opens the region by its name';
  return refusal(NOT_HERE, what, { field: "mapping", found: "wasm", path }, remedy);
}

export function withoutSegments(path: string): ShmError {
  return refusal(NOT_HERE, "Windows has no shared memory of System V", { path }, "use attach({ mapping: name })");
}

// Memory of other programs that has a name.

export function noNamedMapping(name: string, path: string): ShmError {
  const what = "there is no memory of that name";
  const global = name.startsWith("Global\\");
  const other = global ? `"Local\\${name.slice(7)}"` : `"Global\\${name.replace(/^Local\\/, "")}"`;
  const where = global ? "programs of one session" : "services and programs for all sessions";
  const remedy = `the program that makes it has to run, and it goes with that: wait by whenAttached(); if it runs, try ${other}, where ${where} have it, and see that both run in one session`;
  return refusal("ERR_SHM_NOT_FOUND", what, { path }, remedy);
}

export function namedMappingDenied(access: string, path: string): ShmError {
  const remedy =
    access === "read-write"
      ? "attach it read-only, or run this program as its maker runs, as administrator where that one does"
      : "its maker's access list or integrity level keeps others out: run this program as that one runs, as administrator where that one does. To open Global\\ needs no privilege; only to make it does (SeCreateGlobalPrivilege)";
  return refusal("ERR_SHM_PERMISSION", "access to the memory is denied", { path, expected: access }, remedy);
}

export function nameOfAnotherKind(path: string): ShmError {
  const what = "the name is that of something else than memory: an event, a semaphore, a mutex, a timer or a job";
  return refusal("ERR_SHM_FOREIGN", what, { path }, "look up what the program calls its memory");
}

export function notCommitted(path: string): ShmError {
  const what = "the memory is reserved, and its maker has not committed its pages yet";
  return refusal("ERR_SHM_BUSY", what, { path }, "wait by whenAttached()");
}

/** `found`: how many sleep. */
export function tooManySleep(path: string, found: number): ShmError {
  const what = "too many wait at once for words of regions in one directory";
  return refusal("ERR_SHM_NO_SPACE", what, { path, expected: `at most ${found}`, found }, "wait for fewer at once");
}

export function pipeForWaitsEnded(cause: unknown): ShmError {
  const code = errorCode(cause) ?? "";
  const remedy = code === "ERR_ACCESS_DENIED" ? "with Node's --permission allow it (--allow-net)" : undefined;
  const reason = cause === undefined ? "it was closed" : errorMessage(cause);
  return refusal("ERR_SHM_UNSUPPORTED", "the pipe by which waits are woken has ended", { cause }, remedy, { reason });
}
