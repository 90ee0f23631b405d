/** Files that the checks need for a moment. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { refusal } from "../../errors.js";
import type { Mapping } from "../../os/contract.js";
import { discard, releaseRange } from "../../os/posix/memory.js";
import { createFile, openFile } from "../../os/posix/files.js";
import { deleteName } from "../../os/posix/names.js";
import { attempt, closeQuietly } from "../../os/posix/syscall.js";
import type { Surroundings } from "../check.js";

/** A path for a file that nobody else has. */
export function scratchName({ workplace, directory }: Surroundings): string {
  if (workplace === undefined) {
    throw refusal("ERR_SHM_PERMISSION", "no file can be made there", { path: directory }, "see the check of directory");
  }
  return `${workplace}/.shmgen-doctor-${process.pid}-${randomBytes(6).toString("hex")}`;
}

/** A file without a name: nobody else sees it, and nothing remains of it however we end. */
export interface Scratch {
  readonly fd: number;
  /** The same file, open once more, as another process would have it: who has no name cannot be opened again everywhere. */
  readonly other: OpenFile;
  /** For error messages. */
  readonly path: string;
}

/** What may be closed before the work is done. */
export interface OpenFile {
  readonly fd: number;
  close(): void;
}

/**
 * Gives `work` a file of `size` bytes on the file system of the regions. Its name begins with a dot, as no region's does,
 * and is gone before the work begins. The file is gone when the work is done, also when that takes a promise.
 */
export function withScratch<T>(surroundings: Surroundings, size: number, work: (file: Scratch) => T): T {
  const path = scratchName(surroundings);
  const file = opened(createFile(path, path));
  let other: OpenFile | undefined;
  const close = (): void => {
    other?.close();
    file.close();
  };
  let result: T | undefined;
  try {
    try {
      other = opened(openFile(path, "read-write", path));
    } finally {
      deleteName(path, path);
    }
    attempt(path, () => fs.ftruncateSync(file.fd, size));
    result = work({ fd: file.fd, other, path });
    return result;
  } finally {
    if (result instanceof Promise) result.then(close, close);
    else close();
  }
}

function opened(fd: number): OpenFile {
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeQuietly(fd);
    isOpen = false;
  };
  return { fd, close };
}

const released = new FinalizationRegistry(releaseRange);

/** Puts zero pages over a mapping; the address range of a view goes when V8 has forgotten its buffer. */
export function letGo({ kind, buffer, range }: Mapping): void {
  discard(range);
  if (kind === "view") released.register(buffer, range);
}
