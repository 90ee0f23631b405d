/** What Windows says of files, by descriptor and by name. */
import type { FileId, FileStatus, OpenDirectory } from "../contract.js";
import { attempt, attemptUnless } from "./calls.js";
import { fs } from "../node.js";

/** As node:fs has it in 64 bits: identities of NTFS go beyond 2^53. */
interface Facts {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly nlink: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

class Status implements FileStatus {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly nlink: number;
  readonly #facts: Facts;

  constructor(facts: Facts) {
    this.dev = Number(facts.dev);
    this.ino = inoOf(facts.ino);
    this.size = Number(facts.size);
    this.nlink = Number(facts.nlink);
    this.#facts = facts;
  }

  isFile(): boolean {
    return this.#facts.isFile();
  }
  isDirectory(): boolean {
    return this.#facts.isDirectory();
  }
  get isLink(): boolean {
    return this.#facts.isSymbolicLink();
  }
}

/**
 * The number of a file's record, 48 bits that no two files of a volume have at once, and the lowest 5 of how often the record was used. As
 * long as the file is open nobody else gets its record. @see FILE_ID_INFO, BY_HANDLE_FILE_INFORMATION
 */
function inoOf(index: bigint): number {
  return Number(BigInt.asUintN(53, index));
}

/** Where files are that were asked about, by {@link fileKey}: Windows has no list of locks, so each file is opened and asked. */
const paths = new Map<string, string>();
const PATHS_MAX = 4096;

/** A file in one word. */
export function fileKey({ dev, ino }: FileId): string {
  return `${dev} ${ino}`;
}

export function pathOfKey(key: string): string | undefined {
  return paths.get(key);
}

function remember(status: Status, file: string): Status {
  const key = fileKey(status);
  if (!paths.has(key) && paths.size >= PATHS_MAX) paths.clear();
  if (/^(?:[A-Za-z]:)?[\\/]/.test(file)) paths.set(key, file);
  return status;
}

/** Of an open file, whatever happens to its name. @throws ShmError */
export function identify(fd: number, path: string): FileStatus {
  return remember(new Status(attempt(path, () => fs.fstatSync(fd, { bigint: true }))), path);
}

/** Undefined when the number is that of no open file. @throws ShmError */
export function identifyIfOpen(fd: number, path: string): FileStatus | undefined {
  const facts = attemptUnless(path, ["EBADF", "ENOENT"], () => fs.fstatSync(fd, { bigint: true }));
  return facts === undefined ? undefined : new Status(facts);
}

/** Bytes of an open file. @throws ShmError */
export function sizeOf(fd: number, path: string): number {
  return Number(attempt(path, () => fs.fstatSync(fd, { bigint: true })).size);
}

/** Of the name itself, without following a link; undefined when nothing has it. @throws ShmError */
export function statOf(file: string, path = file): FileStatus | undefined {
  const facts = attempt(path, () => fs.lstatSync(file, { bigint: true, throwIfNoEntry: false }));
  return facts === undefined ? undefined : remember(new Status(facts), path);
}

/** Of the region's file in its directory. @throws ShmError */
export function statIn({ file }: OpenDirectory): FileStatus | undefined {
  return statOf(file);
}

/** As {@link statOf}; undefined as well where the way to it is closed, or has gone. */
export function statIfReachable(file: string, path: string): FileStatus | undefined {
  const closed = ["ENOENT", "ENOTDIR", "EACCES", "EPERM"];
  const facts = attemptUnless(path, closed, () => fs.lstatSync(file, { bigint: true, throwIfNoEntry: false }));
  return facts === undefined ? undefined : remember(new Status(facts), file);
}

/** Of what the name leads to; undefined where nothing is there, or the way to it is closed. */
export function statOfTarget(file: string): FileStatus | undefined {
  try {
    return new Status(fs.statSync(file, { bigint: true }));
  } catch {
    return undefined;
  }
}

/** What it is that should be a file. */
export function kindOf(status: FileStatus): string {
  if (status.isDirectory()) return "a directory";
  return (status as Status).isLink ? "a link" : "a device";
}
