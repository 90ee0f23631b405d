/**
 * What this thread has of one file to take part in it: an open file of its own, with the locks that say so, and its number. One for each
 * thread and file, whatever handles and mappings of it there are.
 *
 * No mapping is ever made through the descriptor, and nobody inherits or is sent it: either would keep the locks, and the thread would
 * look alive after its end. A worker's descriptor is closed by Node when the worker is terminated; the kernel closes that of a process.
 */
import { LOCK_AT } from "../../schema/containers/participants.js";
import type { RegionContainers } from "../access/placed.js";
import type { FileId } from "../os/contract.js";
import { closeQuietly, isByteLocked, reopen, tryLockByte, unlockByte } from "../os/index.js";

/** The number of the recoverers' lock. */
export const RECOVERERS = 0;

/** The byte that is locked for a number. */
function byteOf(number: number): bigint {
  return LOCK_AT + BigInt(number);
}

/** Whether anybody else has the lock of a number. `fd`: of this thread, or any of the file through which no such lock was taken. */
export function isLocked(fd: number, number: number, path: string): boolean {
  return isByteLocked(fd, byteOf(number), path);
}

export class ParticipantFile {
  /** 0 until it is claimed. */
  number = 0;
  /** By which this thread's code may have taken something. Several where it has several versions of a region's code. */
  readonly containers = new Set<RegionContainers>();
  readonly fd: number;
  readonly #path: string;
  readonly #key: string;
  #users = 0;

  private constructor(key: string, fd: number, path: string) {
    this.#key = key;
    this.fd = fd;
    this.#path = path;
    byFile.set(key, new WeakRef(this));
    collected.register(this, fd, this);
  }

  /** What this thread has of a file already, or a new one. `fd`: of the file, to open it again. @throws ShmError */
  static join({ dev, ino }: FileId, fd: number, path: string): ParticipantFile {
    const key = `${dev} ${ino}`;
    const file = byFile.get(key)?.deref() ?? new ParticipantFile(key, reopen(fd, "read-write", path), path);
    file.#users += 1;
    return file;
  }

  /** True for the last one: then {@link ParticipantFile.close} is to be called. */
  leave(): boolean {
    this.#users -= 1;
    return this.#users === 0;
  }

  isLocked(number: number): boolean {
    return isLocked(this.fd, number, this.#path);
  }
  tryLock(number: number): boolean {
    return tryLockByte(this.fd, byteOf(number), this.#path);
  }
  unlock(number: number): void {
    unlockByte(this.fd, byteOf(number), this.#path);
  }

  /** Has no number from now on. */
  forget(): void {
    this.unlock(this.number);
    this.number = 0;
  }

  /** Drops all its locks. */
  close(): void {
    byFile.delete(this.#key);
    collected.unregister(this);
    closeQuietly(this.fd);
  }
}

const byFile = new Map<string, WeakRef<ParticipantFile>>();

/** Of regions that were collected without being closed: whoever took part in them counts as dead from then on. */
const collected = new FinalizationRegistry<number>(closeQuietly);
