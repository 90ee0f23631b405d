/** Files that the checks need for a moment. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { errorCode, refusal } from "../../errors.js";
import type { Mapping } from "../../os/contract.js";
import { discard, releaseRange } from "../../os/posix/memory.js";
import { createFile } from "../../os/posix/files.js";
import { reopen } from "../../os/linux/reopening.js";
import { deleteName } from "../../os/posix/names.js";
import { attempt, closeQuietly } from "../../os/posix/syscall.js";
import type { Surroundings } from "../check.js";

/** A file without a name: nobody else sees it, and nothing remains of it however we end. */
export interface Scratch {
  readonly fd: number;
  /** For error messages. */
  readonly path: string;
}

/**
 * Gives `work` a file of `size` bytes on the file system of the regions. Its name begins with a dot, as no region's does,
 * and is gone before the work begins. The file is gone when the work is done, also when that takes a promise.
 */
export function withScratch<T>({ workplace, directory }: Surroundings, size: number, work: (file: Scratch) => T): T {
  if (workplace === undefined) {
    throw refusal("ERR_SHM_PERMISSION", "no file can be made there", { path: directory }, "see the check of directory");
  }
  const path = `${workplace}/.shmgen-doctor-${process.pid}-${randomBytes(6).toString("hex")}`;
  const fd = createFile(path, path);
  let result: T | undefined;
  try {
    deleteName(path, path);
    attempt(path, () => fs.ftruncateSync(fd, size));
    result = work({ fd, path });
    return result;
  } finally {
    if (result instanceof Promise) {
      const close = (): void => closeQuietly(fd);
      result.then(close, close);
    } else closeQuietly(fd);
  }
}

/** Another open file of the same file, as another process would have it. */
export function openAgain({ fd, path }: Scratch): number {
  return reopen(fd, "read-write", path);
}

const released = new FinalizationRegistry(releaseRange);

/** Puts zero pages over a mapping; the address range of a view goes when V8 has forgotten its buffer. */
export function letGo({ kind, buffer, range }: Mapping): void {
  discard(range);
  if (kind === "view") released.register(buffer, range);
}

/** The text of a file of the system; undefined when it is missing or the system refuses it. */
export function textOf(path: string): string | undefined {
  try {
    return fs.readFileSync(path, "utf8");
  } catch (error) {
    // That Node itself refuses says nothing about the file.
    if (errorCode(error) === "ERR_ACCESS_DENIED") throw error;
    return undefined;
  }
}
