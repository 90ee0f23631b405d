/** What the open protocol refuses, one function per situation. */
import { type ShmError, type ShmRangeError, outOfRange, refusal } from "../errors.js";
import type { FileId } from "../os/contract.js";
import { lockHolder } from "../os/index.js";
import type { Deadline } from "../wait/clock.js";
import { ownersOf, ownersText } from "../wait/owners.js";
import type { Plan } from "../format/plan.js";

export function exists(path: string): ShmError {
  const remedy = "use open or createOrOpen, or choose another name";
  return refusal("ERR_SHM_EXISTS", "the region exists and is in use", { path }, remedy);
}

export function stale(path: string, remedy: string): ShmError {
  return refusal("ERR_SHM_STALE", "the region was left behind: no process has it open", { path }, remedy);
}

/** Somebody holds the exclusive lock for longer than we wait. */
export function initialising(path: string, { dev, ino }: FileId, { timeoutMs }: Deadline): ShmError {
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

// Migrations.

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

export function notMigrations(found: unknown, path: string): ShmRangeError {
  return unfitMigrate("a list of what migration() gives", found, path);
}

export function notAMigration(found: unknown, path: string): ShmRangeError {
  return unfitMigrate("a list of what migration() gives, from a generated class of a region", found, path);
}

export function migrationWithoutHeader(header: string, path: string): ShmRangeError {
  return unfitMigrate("for regions with the standard header and a name", header, path);
}

export function migrationOfVersionedName(naming: string, path: string): ShmRangeError {
  return unfitMigrate("not for versioned names, where each version has a file of its own", naming, path);
}

export function migrationFromOtherHeader(header: string, path: string): ShmRangeError {
  return unfitMigrate("from a region with the standard header", header, path);
}

export function migrationFromOtherType(typeId: number, found: number, path: string): ShmRangeError {
  return unfitMigrate(`from a region of type ${typeId}`, found, path);
}

export function migrationFromItself(version: number, path: string): ShmRangeError {
  return unfitMigrate("from another version", `version ${version} itself`, path);
}

function unfitMigrate(expected: string, found: unknown, path: string): ShmRangeError {
  return outOfRange("{field} is {expected}", { field: "migrate", expected, found, path });
}

// Memory of another program.

/** `found`: what it is instead. */
export function onlyFilesAttach(path: string, found: string): ShmError {
  const remedy = "of what else has memory, open it and pass the descriptor: attachFd(fd, { length })";
  return refusal("ERR_SHM_FOREIGN", "only regular files are attached by their path", { path, found }, remedy);
}

/** Nobody makes the file of another program for it. */
export function noForeignFile(path: string, { errno, syscall }: ShmError): ShmError {
  const facts = { path, ...(errno !== undefined && { errno }), ...(syscall !== undefined && { syscall }) };
  const remedy = "the program that owns it has to run, and makes it; check the path as well";
  return refusal("ERR_SHM_NOT_FOUND", "there is no such file of another program", facts, remedy);
}

export function windowTooShort(struct: string, least: number, found: number, path: string): ShmRangeError {
  const facts = { field: "length", expected: `at least ${least} bytes, which ${struct} has`, found, path };
  return outOfRange("{field} is {expected}", facts, "leave it out for all that follows the offset");
}

export function windowBeyondEnd(
  { offset, length }: { readonly offset: number; readonly length: number },
  found: number,
  path: string,
): ShmError {
  const facts = { field: "length", expected: `at least ${offset + length} bytes`, found, path };
  const remedy = "what lies behind its end cannot be mapped: attach less, and refresh() when it has grown";
  return refusal("ERR_SHM_FORMAT", "the memory ends before the window does", facts, remedy, { offset, length });
}

export function lengthNeeded(path: string): ShmRangeError {
  const facts = { field: "length", expected: "bytes to map", found: undefined, path };
  return outOfRange("{field} is needed, because what has no size of its own does not say it", facts, "pass { length }");
}

export function notAMappingName(found: unknown): ShmRangeError {
  const expected = 'a name that is not empty, with no backslash but that of "Local\\" or "Global\\"';
  const remedy = "pass it as its program does to CreateFileMappingW";
  return outOfRange("the name of a {field} is {expected}", { field: "mapping", expected, found }, remedy);
}

/** `cause`: what the last look has found. */
export function notAttachedInTime(cause: ShmError, { timeoutMs }: Deadline): ShmError {
  const facts = { ...(cause.path !== undefined && { path: cause.path }), cause };
  const remedy = "start that program, or wait longer (timeoutMs)";
  return refusal("ERR_SHM_NOT_READY", "the memory of another program was not there in time", facts, remedy, {
    waitedMs: timeoutMs,
    last: cause.code,
  });
}

export function notASegment(found: unknown): ShmRangeError {
  const expected = "a key other than 0, as ftok() gives it, or { id } as `ipcs -m` shows it";
  return outOfRange("a {field} of System V is {expected}", { field: "segment", expected, found });
}

/** Sizes and offsets are bytes. `missing`: the first field that the file does not have. */
export function fileTooShort(
  { name: struct, size: least }: { readonly name: string; readonly size: number },
  missing: { readonly name: string; readonly offset: number; readonly size: number } | undefined,
  found: number,
  path: string,
  offset = 0,
): ShmError {
  return refusal(
    "ERR_SHM_FORMAT",
    `the file is too short for ${struct}`,
    { field: missing?.name ?? struct, expected: `at least ${offset + Math.max(1, least)} bytes`, found, path },
    "check that it is the right file, and that its owner has written it already",
    { ...(offset > 0 && { offset }), ...(missing && { fieldEndsAt: offset + missing.offset + missing.size }) },
  );
}

/** Memory that never becomes longer. As {@link fileTooShort}. */
export function memoryTooShort(
  { name: struct, size }: { readonly name: string; readonly size: number },
  missing: { readonly name: string; readonly offset: number; readonly size: number } | undefined,
  found: number,
  path: string,
  { offset, length = Math.max(1, size) }: { readonly offset: number; readonly length: number | undefined },
): ShmError {
  return refusal(
    "ERR_SHM_FORMAT",
    `the memory is too short for ${struct}, and its size never changes`,
    { field: missing?.name ?? struct, expected: `at least ${offset + length} bytes`, found, path },
    "check that it is the right memory, and of the version of its program that the schema describes",
    { ...(offset > 0 && { offset }), ...(missing && { fieldEndsAt: offset + missing.offset + missing.size }) },
  );
}

export function unexpectedValue(field: string, values: readonly unknown[], found: unknown, path: string): ShmError {
  const facts = { field, expected: values.map(String).join(" or "), found, path };
  const remedy = "the file is of another kind or version, or its owner has not completed it";
  return refusal("ERR_SHM_FORMAT", "a field has an unexpected value", facts, remedy);
}
