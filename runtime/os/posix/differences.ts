/** In what the systems of this room differ, as types: numbers and names, and calls. Each system's folder fulfils them. */
import type { FileAccess, FileStatus, MapRequest } from "../contract.js";

/** Members of `struct flock`: bytes. */
export interface LockLayout {
  readonly type: number;
  readonly whence: number;
  readonly start: number;
  readonly length: number;
  readonly pid: number;
  readonly size: number;
}

export interface PosixSystem {
  /** @see mmap(2) */
  readonly MAP_ANONYMOUS: number;
  readonly MAP_NORESERVE: number;
  /** @see lseek(2) */
  readonly SEEK_DATA: number;
  /** Locks of open file descriptions. @see fcntl(2) */
  readonly F_OFD_GETLK: number;
  readonly F_OFD_SETLK: number;
  readonly F_WRLCK: number;
  readonly F_UNLCK: number;
  readonly lock: LockLayout;
  /** To open a directory in order to work in it. */
  readonly O_LOOK: number;
  /** Whether what stands for `...` is passed as other arguments are not. */
  readonly variadicApart: boolean;
  /** The path of what a descriptor is open for, to be used by calls that take paths: by the descriptor, or as it was opened. */
  readonly through: (fd: number, opened: string) => string;
  /** Throws where a path that went through a descriptor is missing for another reason than what it names. */
  readonly explainMissing: (asked: string, syscall: string, path: string) => void;
}

/** With owner, group and mode, which only this platform's rooms ask for. */
export interface PosixStatus extends FileStatus {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  isFIFO(): boolean;
  isSocket(): boolean;
}

/** What is asked, as arguments, because this is asked three times for each region that is opened. */
export type Question = readonly [
  directory: number,
  file: string,
  flags: number,
  /** For people. */
  path: string,
  /** The file for who takes no directory. */
  node?: string,
];

/** What each does in its own way, for the part that they share. */
export interface OwnCalls {
  /** A status, or the error number. */
  readonly ask: (...question: Question) => PosixStatus | number;
  /** Another open file of an open file. Undefined where it cannot be had. */
  readonly openApart: (fd: number, access: FileAccess, path: string) => number | undefined;
  readonly allocate: (fd: number, size: number, path: string) => void;
  readonly freeBlocks: (fd: number, from: number, to: number, path: string) => boolean;
  /** Maps a segment of System V, over what is mapped at the address, or anywhere for 0. */
  readonly attachSegment: (
    address: number,
    request: { readonly segment: number } & Pick<MapRequest, "access" | "path">,
  ) => number;
  /** False when the new name is taken. */
  readonly renameNoReplace: (from: string, to: string, path: string) => boolean;
  /** A file that can get a name; undefined where there are none. */
  readonly createUnnamed: (directory: string, path: string) => number | undefined;
  /** Gives it one, unless that is taken or the directory is gone: then false. */
  readonly nameFile: (fd: number, to: string, path: string) => boolean;
  /** True when something of ours there was closed to us, and is not any longer. */
  readonly regainAccess: (path: string, mode: number, uid: number) => boolean;
  /** The name of the file system of a directory, if its locks are not to be trusted. */
  readonly untrustedFileSystem: (fd: number, path: string) => string | undefined;
  readonly userId: (name: string) => number | undefined;
  readonly groupId: (name: string) => number | undefined;
  /** Whether a number may stand for several users, or groups. */
  readonly isAmbiguousUser: (uid: number) => boolean;
  readonly isAmbiguousGroup: (gid: number) => boolean;
}
