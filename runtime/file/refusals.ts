/** What the open protocol refuses, one function per situation. */
import { Flyweight } from "../access/flyweight.js";
import { type ShmError, ShmRangeError, refusal } from "../errors.js";
import type { FileId } from "../os/contract.js";
import { describeProcess, lockHolder } from "../os/index.js";
import type { Deadline } from "../wait/clock.js";
import { ownersOf, ownersText } from "../wait/owners.js";
import type { Plan } from "../format/plan.js";

export function exists(path: string): ShmError {
  const remedy = "use open or createOrOpen, or choose another name";
  return refusal("ERR_SHM_EXISTS", "the region exists and is in use", { path }, remedy);
}

/** A migration needs the region for itself. */
export function inUseByOthers(
  file: FileId,
  plan: Pick<Plan, "name" | "version">,
  found: number,
  path: string,
): ShmError {
  const owners = ownersOf(file);
  const [pid] = owners.map((owner) => owner.pid);
  return refusal(
    "ERR_SHM_VERSION",
    "the region is of another version, and a migration needs it for itself, but others have it open",
    { field: "version", expected: plan.version, found, path, ...(pid !== undefined && { pid }) },
    "end these processes, then open it again",
    { struct: plan.name, owners: ownersText(owners) },
  );
}

export function stale(path: string, remedy: string): ShmError {
  return refusal("ERR_SHM_STALE", "the region was left behind: no process has it open", { path }, remedy);
}

/** Somebody holds the exclusive lock for longer than we wait. */
export function initialising(
  path: string,
  { dev, ino }: { readonly dev: number; readonly ino: number },
  { timeoutMs }: Deadline,
): ShmError {
  const holder = lockHolder(dev, ino);
  const own = holder?.pid === process.pid ? "; a region cannot be opened in its own initialise" : "";
  return refusal(
    "ERR_SHM_NOT_READY",
    "the region is still being initialised",
    { path, ...(holder && { pid: holder.pid }) },
    `wait longer (timeoutMs), or continue or end that process${own}`,
    { initialiser: holder?.who, waitedMs: timeoutMs },
  );
}

/** Somebody has it open although it never became ready. */
export function neverReady(path: string, creatorPid: number | undefined): ShmError {
  return refusal(
    "ERR_SHM_NOT_READY",
    "the region is held open, but its initialisation was never completed",
    { path, ...(creatorPid && { pid: creatorPid }) },
    "end the processes that hold it",
    { initialiser: creatorPid ? describeProcess(creatorPid) : undefined },
  );
}

export function notReadyInTime(cause: ShmError | ShmRangeError, { timeoutMs }: Deadline): ShmError {
  const facts = { ...(cause.path !== undefined && { path: cause.path }), cause };
  const remedy = "start the process that creates it, or wait longer (timeoutMs)";
  return refusal("ERR_SHM_NOT_READY", "the region did not become ready in time", facts, remedy, {
    waitedMs: timeoutMs,
    last: cause.code,
  });
}

export function alwaysReplaced(path: string, attempts: number): ShmError {
  const remedy = "find out what removes or replaces it";
  return refusal("ERR_SHM_BUSY", "the region's file is replaced again and again", { path }, remedy, { attempts });
}

/** Nobody who keeps to the protocol can lock a region's file while we turn our lock into a shared one. */
export function lockedByOthers(path: string): ShmError {
  const remedy = "find out which program locks the file without the lifecycle lock";
  return refusal("ERR_SHM_BUSY", "another program took the region's lock", { path }, remedy);
}

export function foreign(path: string): ShmError {
  const remedy = "it is left untouched; remove it if nobody needs it, or choose another name";
  return refusal("ERR_SHM_FOREIGN", "the file is not a shmgen region", { path }, remedy);
}

/** What begins like a region of zeros is looked through before it is taken for one, but not for ever. */
export function tooManyZeros(path: string, size: number): ShmError {
  const what = "the file begins with zeros and is too long to be looked through, so it is not taken for a region";
  const remedy = "it is left untouched; remove it if nobody needs it, or choose another name";
  return refusal("ERR_SHM_FOREIGN", what, { path }, remedy, { size });
}

/** A wish for rights that cannot be had. */
export function unknownAccess(allowed: readonly string[], found: unknown, path: string): ShmError | ShmRangeError {
  if (/exec/i.test(String(found))) {
    return refusal(
      "ERR_SHM_UNSUPPORTED",
      "regions are never mapped executable: whoever may write one could run code in every process that has it open",
      { field: "access", expected: allowed.join(" or "), found, path },
    );
  }
  const expected = allowed.join(" or ");
  return new ShmRangeError(`access is ${expected} here: found=${String(found)} path=${path}`, {
    field: "access",
    expected,
    found,
    path,
  });
}

/** Refuses what a callback returned, when it is a promise. A field may be called `then`, so accessors are not asked. */
export function refusePromise(returned: unknown, path: string, what = "initialise"): void {
  if (typeof returned !== "object" || returned === null || returned instanceof Flyweight) return;
  if (typeof (returned as { readonly then?: unknown }).then !== "function") return;
  const remedy = "await what it needs before the call";
  throw refusal("ERR_SHM_UNSUPPORTED", `${what} has to be synchronous, but it returned a promise`, { path }, remedy);
}
