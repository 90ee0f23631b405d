/** What a platform's functions take and give: plain data, with no word of any system in it that another one could not fill. */

/** Which file. Two files are the same where both numbers are, as long as one of them is open. */
export interface FileId {
  readonly dev: number;
  readonly ino: number;
}

/** A file as the platform saw it at one moment. What says who owns it, and who may use it, is the platform's own. */
export interface FileStatus extends FileId {
  /** Bytes. */
  readonly size: number;
  /** Names that it has; 0 for a file that has lost its last one. */
  readonly nlink: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** One name in a directory. */
export interface NameEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
}

/** How a file is opened: for reading, or for reading and writing. */
export type FileAccess = "read-only" | "read-write";

/** Reasons of a failed call that are no error for the one who calls, as Node names them: `"ENOENT"`. */
export type Reasons = readonly string[];

/** Options that say who may use a region. */
export interface RightsOptions {
  /**
   * Mode of the region's file, whatever the umask. Default 0o600; 0o666 in the machine's scope. Has to contain 0o600, with
   * neither execute nor set-id bits; who writes has to read. An existing file with more rights than these is refused.
   */
  readonly mode?: number;
  /** Name from /etc/group, or gid, that the group's bits of `mode` are for. Default: the group of this process. */
  readonly group?: string | number;
  /**
   * Name from /etc/passwd, or uid, of a user whose regions are accepted beside one's own. Where `mode` lets all, or the
   * group, write, everybody of those may own a region anyway.
   */
  readonly owner?: string | number;
}

/**
 * What files and directories get, and what is accepted. Plain data, because threads hand it to each other; what is in it is the
 * platform's own, and other rooms only pass it on.
 */
export interface Rights {
  /** Who we are. */
  readonly uid: number;
  /** "private": nobody else may even look into the directory. "own": only we write. "dotnet": as .NET's machine scope has it. */
  readonly kind: "private" | "own" | "shared" | "dotnet";
  /** Mode of files: what we give them, and the most that is accepted. */
  readonly file: number;
  /** Mode of directories that we make. */
  readonly directory: number;
  /** The group that has rights which others have not. */
  readonly gid: number | undefined;
  readonly owner: number | undefined;
  /** Directories of ours get `directory` when they have another mode, as .NET gives it to its own. */
  readonly mends: boolean;
}

/** A directory of regions, as far as it has to be opened, made and checked. */
export interface DirectoryPlace {
  /** Of the file that is wanted in it. */
  readonly name: string;
  /** The directory that the region's file is in. */
  readonly directory: string;
  /**
   * The directory whose lock is the lifecycle lock: the same one, or the one that `folder` is in, since a lock on a directory that
   * others remove protects nothing.
   */
  readonly lockDirectory: string;
  readonly folder: string | undefined;
  /** A directory of the system below which every directory on the way is opened and checked by itself. */
  readonly trunk: string | undefined;
  readonly rights: Rights;
  readonly allowUntrustedFileSystem: boolean;
}

/** An open directory. */
export interface OpenDirectory {
  readonly fd: number;
  /** The directory, and the region's file in it, through this descriptor: nothing that happens to its path matters. */
  readonly path: string;
  readonly file: string;
  /** Of that file. */
  readonly name: string;
}

/** Where to look for data. */
export interface Search {
  readonly fd: number;
  /** Bytes from the start of the file. */
  readonly from: number;
  readonly to: number;
  readonly path: string;
  /** Is asked before more is read: bytes that were read up to now. Default: all is read. */
  readonly goesOn?: (read: number) => boolean;
}

export type MappingKind = "wasm" | "view";

/** One mapping of a file. Plain data: whoever holds it keeps the buffer alive. */
export interface Mapping {
  readonly kind: MappingKind;
  readonly buffer: ArrayBufferLike;
  readonly range: AddressRange;
  /** The WebAssembly.Memory of a "wasm" mapping. */
  readonly memory?: object | undefined;
}

/** Where a mapping lies. Does not keep its buffer alive. */
export interface AddressRange {
  readonly address: number;
  readonly size: number;
}

/** "private": writes go to copies of the pages that this mapping alone sees. */
export type Access = "read-write" | "read-only" | "private";

/** What to map. `size` is bytes from `offset` on. */
export interface MapRequest {
  readonly fd: number;
  readonly size: number;
  /** Where in the file the mapping begins, bytes, a multiple of {@link Mappings.pageSize}. Default 0. */
  readonly offset?: number;
  /** Memory of System V in the place of a file, by the number that it has: all of it. `fd` says nothing then. */
  readonly segment?: number | undefined;
  /** Memory that has a name in the place of a file, see `NamedMappings` of contract.ts. `fd` says nothing then. */
  readonly named?: string | undefined;
  /** Of another program: no lock of ours is on the file, so the mapping may keep the descriptor that is given, which may be one that cannot be opened again. */
  readonly unlocked?: boolean;
  /** Bytes of address space to keep for `extendMapping`; at least `size`. Kind "wasm" only. */
  readonly reserve?: number;
  readonly access: Access;
  readonly kind: MappingKind | "auto";
  readonly path: string;
  /**
   * Reserves the blocks of all `size` bytes, once they are mapped: a file whose mapping fails stays as it was, and nobody
   * touches what is mapped beyond the end of a file before it is longer. Default false.
   */
  readonly allocate?: boolean;
}

/** A segment of System V's shared memory. */
export interface SegmentStatus {
  readonly id: number;
  /** 0 for one that has none. */
  readonly key: number;
  /** Bytes. */
  readonly size: number;
  /** It goes with the last process that has it attached, and no other can find it. */
  readonly isRemoved: boolean;
}

export type WaitResult = "ok" | "not-equal" | "timed-out";

/** A word and the value that it must still have for us to sleep. */
export interface FutexWord {
  readonly address: number;
  readonly expected: number;
}

/** How a sleep without a thread ended. "gone": nothing is mapped there. */
export type SleepEnd = "ok" | "timed-out" | "gone";

/** Sleeps of one thread that end as events of its loop. */
export interface EventWaits {
  /** Sleeps from here on: whoever notifies afterwards finds it. `id` is a number from 1 on that no other sleep has. */
  start(id: number, word: FutexWord, timeoutMs: number): void;
  /** They take no notification any more. None of them may be told to have ended, or it may. */
  cancel(ids: readonly number[]): void;
  /** Whether the process lives on for events. At first it does not. */
  keepAlive(isNeeded: boolean): void;
}

/** Who is told by {@link EventWaits}. */
export interface WaitEvents {
  /** "ok" also where the word had changed before, and without a reason. */
  readonly ended: (id: number, result: SleepEnd | Error) => void;
  /** No sleep ends any more. */
  readonly lost: (error: Error) => void;
}

/** The stamp that a creator leaves in the header. */
export interface ProcessStamp {
  readonly pid: number;
  /** Ticks since boot; 0 without /proc. */
  readonly startTime: bigint;
  /** First 8 bytes of the boot id, as a little-endian integer; 0 without /proc. */
  readonly bootId: bigint;
}

/** A process that has a lock on a file. */
export interface LockHolder {
  readonly pid: number;
  readonly exclusive: boolean;
}

/** What the descriptors of all processes tell, as far as we may look at them. */
export interface LockedDescriptors {
  /** Under the file's key: who has it open with a lock on the open file, taken or inherited. */
  readonly holders: ReadonlyMap<string, readonly LockHolder[]>;
  /** Processes whose descriptors were all seen. */
  readonly seen: ReadonlySet<number>;
}

/** What a process does, as far as it explains a wait. "gone": it has ended, or is not in our pid namespace. */
export type ProcessState = "running" | "stopped" | "traced" | "blocked" | "zombie" | "gone";

/** What the platform says about an open file. */
export interface FileOrigin {
  /** "memory" never had a name; "temporary" is a file that never had one; "file" has one, or had one. */
  readonly kind: "memory" | "temporary" | "file";
  /** For files the path; for memory a text like it. */
  readonly path: string;
  /** The last part of it: the file's name, or the memory's label. */
  readonly label: string;
  readonly status: FileStatus;
}

/** Memory of a new region, 0 bytes long. */
export interface NamelessMemory {
  readonly fd: number;
  /** For errors. */
  readonly path: string;
  /** Whether `sealMemory` can be called on it. */
  readonly sealed: boolean;
}

/** An open file of another process, by the number that it has there. */
export interface ForeignDescriptor {
  readonly pid: number;
  /** Of the process, so that a number that was given to another one leads nowhere. */
  readonly startTime: bigint;
  readonly descriptor: number;
}

/** Who is at the other end of a connection, as of its connect or listen. */
export interface Peer {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** One message as it came. */
export interface Message {
  readonly bytes: Uint8Array;
  /** Ours to close, with `closeForeign`. */
  readonly descriptors: readonly number[];
  /** Bytes or descriptors were lost. */
  readonly truncated: boolean;
}

/** A socket that listens already, under a name that nobody knows, and the directory in which it is to get its own. */
export interface PreparedListener {
  readonly fd: number;
  /** The open directory. Its lock is for those who replace what the dead left. */
  readonly folder: number;
  readonly temporary: string;
  readonly wanted: string;
  readonly path: string;
}
