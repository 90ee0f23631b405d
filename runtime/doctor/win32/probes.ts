/** What the doctor looks at on Windows: one probe for each of the checks that words.ts words. */
import { randomBytes } from "node:crypto";
import * as fs from "node:fs";
import { release } from "node:os";
import { dirname } from "node:path";
import { isShmError, refusal } from "../../errors.js";
import { allocate } from "../../os/win32/blocks.js";
import { checkDirectory } from "../../os/win32/directory.js";
import { createFile, openFile, readAt, writeAt } from "../../os/win32/files.js";
import { closeQuietly } from "../../os/win32/handles.js";
import { isWine, kernel32 } from "../../os/win32/kernel32.js";
import { isByteLocked, tryExclusive, tryLockByte, tryShared } from "../../os/win32/locks.js";
import { discard, mapFile, releaseRange } from "../../os/win32/memory.js";
import { rightsOf } from "../../os/win32/ownership.js";
import {
  type Check,
  type CheckId,
  type Finding,
  type Found,
  type ProbesFor,
  type Surroundings,
  type System,
  bytesText,
  refusalIn,
} from "../check.js";
import { externalBuffers, koffiLoads, nodeVersion } from "../check-engine.js";
import { staleRegions } from "../check-regions.js";
import { WORDS } from "./words.js";

/** Build of Windows 10 1803, which has VirtualAlloc2 and MapViewOfFile3. */
const BUILD_MIN = 17_134;
const LITTLE = 64 << 20;

function windowsVersion(): Finding<"windows-version"> {
  const found = release();
  const build = Number(found.split(".")[2]);
  if (!(build >= BUILD_MIN)) return { is: "old", found };
  return isWine() ? { is: "wine", found: `${found}, by wine` } : { is: "ok", found };
}

function koffi(): Found<"missing" | "other"> {
  return koffiLoads(() => kernel32().version);
}

function directoryOf({ directory }: Surroundings): Found<"unsafe"> {
  if (!fs.existsSync(directory)) return { is: "ok", found: `${directory} is made when it is needed` };
  try {
    checkDirectory({
      name: "",
      directory,
      lockDirectory: directory,
      folder: undefined,
      trunk: undefined,
      rights: rightsOf({}, false, false),
      allowUntrustedFileSystem: false,
    });
    return { is: "ok", found: directory };
  } catch (error) {
    if (!isShmError(error)) throw error;
    return { is: "unsafe", found: error.message };
  }
}

interface Scratch {
  readonly fd: number;
  readonly path: string;
}

/** A file on the volume of the regions. Its name begins with a dot, as no region's does. */
function withScratch<T>({ workplace, directory }: Surroundings, size: number, work: (file: Scratch) => T): T {
  if (workplace === undefined) {
    throw refusal("ERR_SHM_PERMISSION", "no file can be made there", { path: directory }, "see the check of directory");
  }
  const path = `${workplace}\\.shmgen-doctor-${process.pid}-${randomBytes(6).toString("hex")}`;
  const fd = createFile(path, path);
  try {
    allocate(fd, size, path);
    return work({ fd, path });
  } finally {
    closeQuietly(fd);
    fs.rmSync(path, { force: true });
  }
}

const SIZE = 4096;
const released = new FinalizationRegistry(releaseRange);

function viewMapping(surroundings: Surroundings): Found<"refused" | "apart"> {
  // Where such buffers are forbidden, trying it would end the process.
  if (externalBuffers().is !== "ok") return { is: "skipped", found: "needs buffers over foreign memory" };
  return withScratch(surroundings, SIZE, ({ fd, path }): Found<"refused" | "apart"> => {
    try {
      const { buffer, range } = mapFile({ fd, size: SIZE, access: "read-write", kind: "view", path });
      try {
        const bytes = new Uint8Array(buffer);
        bytes[1] = 0xa5;
        writeAt(fd, 2, Uint8Array.of(0x5a), path);
        const isOne = readAt(fd, 1, 1, path)[0] === 0xa5 && bytes[2] === 0x5a;
        return isOne
          ? { is: "ok", found: "works" }
          : { is: "apart", found: "what is written in one is not in the other" };
      } finally {
        discard(range);
        released.register(buffer, range);
      }
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
  });
}

/** Any byte of those that stand for participants. */
const BYTE = 0x4000_0000_0000_0001n;

function fileLocks(surroundings: Surroundings): Finding<"file-locks"> {
  return withScratch(surroundings, 0, ({ fd, path }): Finding<"file-locks"> => {
    try {
      const other = openFile(path, "read-write", path);
      try {
        if (!tryShared(fd, path) || !tryShared(other, path))
          return { is: "shared", found: "shared locks exclude each other" };
        if (tryExclusive(fd, path)) return { is: "shared", found: "an exclusive lock beside a shared one" };
        if (!tryLockByte(other, BYTE, path) || !isByteLocked(fd, BYTE, path)) {
          return { is: "shared", found: "the lock of a byte does not show" };
        }
      } finally {
        closeQuietly(other);
      }
      const isFree = tryExclusive(fd, path) && !isByteLocked(fd, BYTE, path);
      return isFree ? { is: "ok", found: "exclude, and end with their file" } : { is: "kept", found: "still locked" };
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
  });
}

function diskSpace({ workplace, directory }: Surroundings): Finding<"disk-space"> {
  if (workplace === undefined) return { is: "skipped", found: "needs the directory" };
  const { bavail, bsize } = fs.statfsSync(workplace);
  const free = bavail * bsize;
  return { is: free < LITTLE ? "low" : "ok", found: `${bytesText(free)} free for ${directory}` };
}

const PROBES: ProbesFor<typeof WORDS> = {
  "node-version": nodeVersion,
  "windows-version": windowsVersion,
  koffi,
  "external-buffers": externalBuffers,
  directory: directoryOf,
  "view-mapping": viewMapping,
  "file-locks": fileLocks,
  "disk-space": diskSpace,
  "stale-regions": staleRegions,
};

const NATIVE: ReadonlySet<CheckId> = new Set(["directory", "view-mapping", "file-locks", "stale-regions"]);

function obstacle(id: CheckId, checks: readonly Check[]): string | undefined {
  const hasKoffi = checks.find((check) => check.id === "koffi")?.status !== "problem";
  return !hasKoffi && NATIVE.has(id) ? "needs koffi" : undefined;
}

/** The directory, or its parent as long as it is missing. */
function workplaceOf(directory: string): string | undefined {
  const isDirectory = (path: string): boolean => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  return [directory, dirname(directory)].find(isDirectory);
}

export const WIN32: System = {
  words: WORDS,
  probes: PROBES,
  needed: new Set(["koffi"]),
  obstacle,
  workplaceOf,
};
