/** What handing a region over refuses: descriptors, tokens, sockets, threads. One function per situation. */
import { type ShmError, type ShmErrorCode, type ShmRangeError, outOfRange, refusal } from "../errors.js";
import { notAFile } from "../os/index.js";

// Descriptors.

export function notADescriptor(found: unknown): ShmRangeError {
  return outOfRange("a {field} is {expected}", { field: "descriptor", expected: "an integer, at least 0", found });
}

export function noSuchDescriptor(path: string): ShmError {
  const remedy = 'hand it over: spawn(command, args, { stdio: ["inherit", "inherit", "inherit", region.descriptor] })';
  return refusal("ERR_SHM_NOT_FOUND", "no descriptor of this number is open", { path }, remedy);
}

export function noForeignDescriptor(path: string): ShmError {
  const remedy = "pass the number of an open descriptor, such as one that was inherited";
  return refusal("ERR_SHM_NOT_FOUND", "no descriptor of this number is open", { path }, remedy);
}

export function descriptorReadOnly(access: string, path: string): ShmError {
  const facts = { field: "access", expected: "read-only", found: access, path };
  return refusal("ERR_SHM_READ_ONLY", "the descriptor was opened for reading", facts, 'use access: "read-only"');
}

const HAND_REGION_OVER = "hand over the descriptor of a region";

/** `found`: what it is instead. */
export function descriptorOfNoFile(path: string, found: string): ShmError {
  return notAFile(path, found, HAND_REGION_OVER);
}

export function emptyFile(path: string): ShmError {
  const facts = { field: "size", expected: "a region", found: 0, path };
  return refusal("ERR_SHM_FORMAT", "the file is empty", facts, HAND_REGION_OVER);
}

/** Its lock is that of a directory further up, and its rights are .NET's: both follow from the location alone. */
export function dotnetByDescriptor(path: string): ShmError {
  const remedy = "hand over what dotnetLocation was called with, and open that";
  return refusal("ERR_SHM_UNSUPPORTED", "a place of .NET is not opened by its descriptor", { path }, remedy);
}

// Tokens.

/** What a token says of a region, and what the code says. */
export interface TokenContrast {
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
}

/** The names of both structs. */
export interface TokenStructs {
  readonly struct: string;
  readonly tokenIsFor: string;
}

export function tokenOfOtherStruct(facts: TokenContrast, structs: TokenStructs): ShmError {
  return refusal("ERR_SHM_FORMAT", "the token is for a region of another struct", facts, undefined, { ...structs });
}

export function tokenOfOtherLayout(facts: TokenContrast, structs: TokenStructs): ShmError {
  return refusal("ERR_SHM_LAYOUT", "the token is for another layout", facts, undefined, { ...structs });
}

/** A process that had memory open, and its descriptor in /proc. */
export interface FormerOwner {
  readonly pid: number;
  readonly path: string;
}

export function ownerEnded(owner: FormerOwner): ShmError {
  return memoryGone("the process that had the memory open has ended", owner);
}

export function ownerClosedMemory(owner: FormerOwner): ShmError {
  return memoryGone("the process has closed the memory", owner);
}

export function ownerOpenedAnother(owner: FormerOwner): ShmError {
  return memoryGone("the process has closed the memory, and has something else open there", owner);
}

function memoryGone(what: string, owner: FormerOwner): ShmError {
  return refusal("ERR_SHM_NOT_FOUND", what, owner, "get a new token, or have the descriptor itself handed over");
}

export function ownerOutOfReach(owner: FormerOwner): ShmError {
  const what = "this process may not look into the one that has the memory open";
  const remedy = "use a process of the same user, or have the descriptor itself handed over";
  return refusal("ERR_SHM_PERMISSION", what, { ...owner, errno: "EACCES" }, remedy);
}

// Threads.

export function sharedReadOnly(wanted: string, access: string, path: string): ShmError {
  const facts = { field: "access", expected: access, found: wanted, path };
  const remedy = 'say access: "read-only", or share a region that was opened for writing';
  return refusal("ERR_SHM_READ_ONLY", "the region was opened read-only before it was shared", facts, remedy);
}

export function closedBeforeOpened(path: string): ShmError {
  const what = "the region was closed before it was opened from what was shared";
  return refusal("ERR_SHM_CLOSED", what, { path }, "keep it open until the other thread has called fromShared");
}

// Sockets.

export function notASocketPath(path: unknown, size: number, sizeMax: number): ShmError {
  const isText = typeof path === "string";
  const expected = `1 to ${sizeMax} bytes without NUL`;
  const facts = { field: "socketPath", expected, found: isText ? `${size} bytes` : typeof path };
  const remedy = "choose a short path in a directory of your own; abstract sockets are open to everybody";
  return refusal("ERR_SHM_NAME", "this cannot be the path of a socket", facts, remedy, {
    begins: isText ? JSON.stringify(path.slice(0, 40)) : undefined,
  });
}

export function socketDirectoryLocked(path: string): ShmError {
  return pathTaken("somebody keeps the directory of the socket locked", path);
}

export function pathOfSomethingElse(path: string): ShmError {
  return pathTaken("something else has the socket's path", path);
}

export function pathInUse(path: string): ShmError {
  return pathTaken("somebody listens at this path already", path);
}

function pathTaken(what: string, path: string): ShmError {
  return refusal("ERR_SHM_EXISTS", what, { path }, "choose another path, or wait until it is free");
}

/** Both are ids of users; `process` describes the one at the other end. */
export function peerOfAnotherUser(
  own: number,
  { uid, pid }: { readonly uid: number; readonly pid: number },
  process: string,
  path: string,
): ShmError {
  const facts = { expected: `user ${own}`, found: `user ${uid}`, pid, path };
  const remedy = "say allowOtherUsers: true if that is meant";
  return refusal("ERR_SHM_PERMISSION", "another user is at the other end of the socket", facts, remedy, { process });
}

export function notAMessage(field: string, expected: unknown, found: unknown): ShmError {
  return refusal("ERR_SHM_FORMAT", "this is no message of a hand-over", { field, expected, found });
}

export function messageWithoutRegion(expected: number, found: number): ShmError {
  return refusal("ERR_SHM_FORMAT", "the message brings no region", { field: "status", expected, found });
}

export function notOneDescriptor(found: number): ShmError {
  const facts = { field: "descriptors", expected: 1, found };
  return refusal("ERR_SHM_FORMAT", "a region comes with exactly one descriptor", facts);
}

/** `code` and `reason` are the receiver's. The reason is quoted, because it goes to logs. */
export function refusedByReceiver(code: ShmErrorCode, reason: string, path: string): ShmError {
  const what = "the receiver refused the region";
  return refusal(code, what, { path }, undefined, { reason: JSON.stringify(reason) });
}

export function notTakenInTime(last: string, path: string, waitedMs: number): ShmError {
  const remedy = "start the process that calls receiveRegion, or wait longer (timeoutMs)";
  return refusal("ERR_SHM_NOT_READY", "nobody took the region in time", { path }, remedy, { waitedMs, last });
}

/** What came meanwhile and was refused. */
export interface Refused {
  readonly refused: number;
  /** The code of the last refusal, if it has one. */
  readonly last: string | undefined;
}

export function noneArrivedInTime(
  path: string,
  waitedMs: number,
  { refused, last }: Refused,
  cause: unknown,
): ShmError {
  const remedy = "start the process that calls sendRegion, or wait longer (timeoutMs)";
  const facts = { path, ...(cause !== undefined && { cause }) };
  const numbers = { waitedMs, refused, last };
  return refusal("ERR_SHM_NOT_READY", "no region arrived in time", facts, remedy, numbers);
}
