/** Where regions lie, and where they had better not. @see confstr(3), fstatfs(2) */
import type { Rights } from "../contract.js";
import { errnoName, syscallError } from "../posix/syscall.js";
import { NUMBERS, STRUCTS } from "./headers.js";
import { darwinCalls } from "./libc.js";
import { textOf } from "./texts.js";

/** Everybody may put files there, and nobody takes them away, as the system does below /tmp after three days. */
const FOR_ALL = "/Users/Shared/shmgen";

/** Of the user: in the cache directory that the system gives to each, not in the one for temporary files, which is swept. */
export function defaultDirectory(scope: "user" | "session" | "machine", { uid }: Rights): string {
  if (scope === "machine") return FOR_ALL;
  const text = new Uint8Array(NUMBERS.MAXPATHLEN);
  const c = darwinCalls();
  const length = Number(c.confstr(NUMBERS._CS_DARWIN_USER_CACHE_DIR, text, text.length));
  if (length <= 1) throw syscallError("confstr", errnoName(c.errno()), "_CS_DARWIN_USER_CACHE_DIR");
  return `${textOf(text).replace(/\/+$/, "")}/shmgen-${uid}`;
}

export interface FileSystem {
  readonly name: string;
  readonly isLocal: boolean;
  /** Bytes. */
  readonly blockSize: number;
}

/** @throws ShmError */
export function fileSystemOf(fd: number, path: string): FileSystem {
  const at = STRUCTS["struct statfs"];
  const status = new Uint8Array(at.size);
  const c = darwinCalls();
  if (c.fstatfs(fd, status) !== 0) throw syscallError("fstatfs", errnoName(c.errno()), path);
  const view = new DataView(status.buffer);
  return {
    name: textOf(status.subarray(at.f_fstypename, at.f_fstypename + NUMBERS.MFSTYPENAMELEN)),
    isLocal: (view.getUint32(at.f_flags, true) & NUMBERS.MNT_LOCAL) !== 0,
    blockSize: view.getUint32(at.f_bsize, true),
  };
}

/** The name of the file system that a directory is on, if another machine, or a program, has the files. @throws ShmError */
export function untrustedFileSystem(fd: number, path: string): string | undefined {
  const { name, isLocal } = fileSystemOf(fd, path);
  return isLocal && !name.includes("fuse") ? undefined : name;
}
