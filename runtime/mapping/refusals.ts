/** What a mapping refuses: to be shared, to grow, to have a token. One function per situation. */
import { type ShmError, type ShmErrorFacts, type ShmRangeError, outOfRange, refusal } from "../errors.js";

/** Where an atomic load would end the process: see `atomicLoadsStore`. */
export function readOnlyWithAtomics(path: string): ShmError {
  const what =
    "Bun compiles Atomics.load to an instruction that stores, so that memory with atomic fields cannot be only read there";
  const remedy = 'open it for writing, too (open(), or access: "read-write"), or run this program in Node or Deno';
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, remedy);
}

/** Nobody who keeps to the protocol can lock a region's file while we turn our lock into a shared one. */
export function lockedByOthers(path: string): ShmError {
  const remedy = "find out which program locks the file without the lifecycle lock";
  return refusal("ERR_SHM_BUSY", "another program took the region's lock", { path }, remedy);
}

export function memoryWithoutDescriptor(path: string): ShmError {
  const what = "this memory of another program has no descriptor that could be handed on";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "have the other process attach it by itself");
}

// Memory of another program.

/** Sizes are bytes from where the struct begins. */
export function fileCutShort(struct: string, least: number, found: number, path: string): ShmError {
  const facts = { field: struct, expected: `at least ${least} bytes`, found: Math.max(0, found), path };
  const remedy = "attach it again once its owner has written it; what was there reads as zeros now";
  return refusal("ERR_SHM_FORMAT", `the file was made shorter than ${struct}`, facts, remedy);
}

export function lengthNotKnown(path: string): ShmError {
  const what = "how long this memory is by now cannot be asked: its descriptor could not be opened again";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "attach it again");
}

export function removalNotSeen(path: string): ShmError {
  const what = "nobody is told when a segment of System V is removed";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, "ask region.isCurrent() now and then");
}

// Deaths of others.

/** Nobody holds its lock, or it is not known who does. */
export function deathsNotSeen(path: string): ShmError {
  const what = "nobody sees who has this memory open: it is another program's, or has neither a name nor participants";
  return refusal(
    "ERR_SHM_UNSUPPORTED",
    what,
    { path },
    "give it a name, or a container that has owners, such as a mutex",
  );
}

// Sharing between threads.

export function notSharedMemory(kind: string, path: string): ShmError {
  const facts = { field: "mapping", expected: "wasm", found: kind, path };
  const remedy =
    'open the region by its name in the worker, or with mapping: "auto" or "wasm" where the system has such';
  return refusal("ERR_SHM_UNSUPPORTED", "threads can only share a SharedArrayBuffer", facts, remedy);
}

export function privateNotShared(access: string, path: string): ShmError {
  const remedy = "share a region that was opened read-write or read-only";
  return refusal("ERR_SHM_UNSUPPORTED", "private copies belong to one region", { found: access, path }, remedy);
}

export function sharedForWriting(wanted: string, access: string, path: string): ShmError {
  const facts = { field: "access", expected: access, found: wanted, path };
  const remedy = "share a region that was opened with openReadOnly";
  return refusal("ERR_SHM_UNSUPPORTED", "the shared mapping can be written, which cannot be undone", facts, remedy);
}

/** `value` is what was passed, `found` its member `field`. */
export function notShared(value: unknown, field: string, expected: string, found: unknown): ShmRangeError {
  const whole = typeof value === "object" && value !== null ? value.constructor?.name || "object" : typeof value;
  const member = typeof found === "object" && found !== null ? found.constructor?.name || "object" : String(found);
  const remedy = "post the result of share(), not the region or its memory";
  const written = { found: member.slice(0, 80), value: whole };
  return outOfRange("this is not what region.share() gave", { field, expected, found }, remedy, written);
}

// Growing.

/** Without `expected` where the region is at fault, and not the call. */
export function noTail(path: string, expected?: string): ShmRangeError {
  return outOfRange("there is no tail that could grow", { path, ...(expected !== undefined && { expected }) });
}

export function damagedTail(facts: ShmErrorFacts, fileSize: number): ShmError {
  const remedy = "somebody writes the header without the protocol; close the region";
  return refusal("ERR_SHM_FORMAT", "the header of the open region is damaged", facts, remedy, { fileSize });
}

export function growthWithoutWriting(access: string, path: string): ShmError {
  const facts = { expected: "read-write", found: access, path };
  return refusal("ERR_SHM_READ_ONLY", "a tail grows for all, so the region has to be open for writing", facts);
}

export function notALength(found: unknown, path: string): ShmRangeError {
  const facts = { field: "length", expected: "a count of elements", found, path };
  return outOfRange("the {field} of a tail is {expected}", facts);
}

/** Both are elements. */
export function tailWouldShrink(wanted: number, length: number, path: string): ShmRangeError {
  const facts = { field: "length", expected: `at least ${length}`, found: wanted, path };
  return outOfRange("a tail never shrinks, others may use all of it", facts, undefined, { field: undefined });
}

export function growthOutOfReach(path: string): ShmError {
  const what = "its directory cannot be reached from here, and growing needs the lock on it";
  const remedy = "grow it where its name can be opened, then refresh here";
  return refusal("ERR_SHM_UNSUPPORTED", what, { path }, remedy);
}

export function sealedAtItsSize(path: string): ShmError {
  const remedy = "say maxTail when it is created: then it can grow";
  return refusal("ERR_SHM_UNSUPPORTED", "the memory was sealed at its size when it was made", { path }, remedy);
}

// Tokens.

const NEW_TOKEN = "get a new token from a process that has the region open";

/** Which file a token was made for, and which was found. */
export interface OtherFile {
  readonly device: number;
  readonly deviceFound: number;
  readonly inode: number;
  readonly inodeFound: number;
}

/** Of initialisations: of which one the token was made, and which one was found. */
export interface Generations {
  readonly expected: number;
  readonly found: number;
}

export function replacedSinceToken(generations: Generations, path: string, files: OtherFile): ShmError {
  const facts = { field: "generation", ...generations, path };
  const what = "the region was replaced after the token was made";
  return refusal("ERR_SHM_STALE", what, facts, NEW_TOKEN, { ...files });
}

export function madeAnewSinceToken(generations: Generations, path: string): ShmError {
  const facts = { field: "generation", ...generations, path };
  return refusal("ERR_SHM_STALE", "the region was made anew after the token was made", facts, NEW_TOKEN);
}

/** Sizes are bytes. */
export function shortenedSinceToken(size: number, found: number, path: string): ShmError {
  const facts = { field: "size", expected: `at least ${size}`, found, path };
  return refusal("ERR_SHM_STALE", "the region's file is shorter than when the token was made", facts, NEW_TOKEN);
}

export function foreignWithoutToken(path: string): ShmError {
  return refusal("ERR_SHM_UNSUPPORTED", "memory of another program has no token", { path }, "hand its path over");
}

export function dotnetWithoutToken(path: string): ShmError {
  const remedy = "hand over what dotnetLocation was called with";
  return refusal("ERR_SHM_UNSUPPORTED", "a place of .NET has no token", { path }, remedy);
}

// Signals.

export function notASignal(signals: readonly string[], found: unknown): ShmRangeError {
  const facts = { field: "signals", expected: signals.join(", "), found };
  return outOfRange("{field} are a list of {expected}", facts, "leave it out for the default");
}

export function signalsInWorker(): ShmError {
  const what = "signals come to the main thread alone";
  return refusal(
    "ERR_SHM_UNSUPPORTED",
    what,
    {},
    "call closeOnSignals there; it closes what workers have open as well",
  );
}
