/** Whether locks tell who is alive, and whether space that was promised is there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { LOCK_AT } from "../../../schema/containers/participants.js";
import { tryExclusive } from "../../os/posix/flock.js";
import { allocate } from "../../os/linux/blocks.js";
import { isByteLocked, tryLockByte } from "../../os/posix/range-locks.js";
import { closeQuietly } from "../../os/posix/syscall.js";
import { type Finding, type Surroundings, refusalIn } from "../check.js";
import { limitOf } from "./check-limits.js";
import { sizeOfTmpfs } from "./check-space.js";
import { nodeEnvironment } from "./partner.js";
import { type Scratch, openAgain, withScratch } from "./scratch.js";

export function flockHolds(surroundings: Surroundings): Promise<Finding<"flock">> {
  return withScratch(surroundings, 0, async (file): Promise<Finding<"flock">> => {
    try {
      return await locks(file);
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
  });
}

async function locks(file: Scratch): Promise<Finding<"flock">> {
  const lent = openAgain(file);
  let own: number | undefined = lent;
  try {
    tryExclusive(lent, file.path);
    if (tryExclusive(file.fd, file.path)) return { is: "shared", found: "two open files have the exclusive lock" };
    // The lock belongs to the open file, which the child inherits. It does nothing, and ends with us, whose pipe it reads.
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
      stdio: ["pipe", "ignore", "ignore", lent],
      env: nodeEnvironment(),
    });
    const gone = once(child, "exit");
    await once(child, "spawn");
    // From here on the child alone has it.
    closeQuietly(lent);
    own = undefined;
    const lease = !tryExclusive(file.fd, file.path);
    child.kill("SIGKILL");
    await gone;
    if (!lease) return { is: "shared", found: "the lock of another process does not exclude" };
    const free = tryExclusive(file.fd, file.path);
    return free ? { is: "ok", found: "exclude, and end with their process" } : { is: "kept", found: "still locked" };
  } finally {
    if (own !== undefined) closeQuietly(own);
  }
}

/** The lock that says that the first participant of a region lives. */
const BYTE = LOCK_AT + 1n;

export function rangeLocksHold(surroundings: Surroundings): Finding<"range-locks"> {
  return withScratch(surroundings, 0, (file): Finding<"range-locks"> => {
    const { fd, path } = file;
    const other = openAgain(file);
    let isOpen = true;
    const close = (): void => {
      if (isOpen) closeQuietly(other);
      isOpen = false;
    };
    try {
      tryLockByte(other, BYTE, path);
      if (!isByteLocked(fd, BYTE, path)) return { is: "unseen", found: "another open file does not see the lock" };
      if (tryLockByte(fd, BYTE, path)) return { is: "shared", found: "two open files have the same lock" };
      close();
      if (!tryLockByte(fd, BYTE, path)) return { is: "kept", found: "still locked when its file is closed" };
      return { is: "ok", found: "are seen, exclude, and end with their open file" };
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    } finally {
      close();
    }
  });
}

const SIZE = 1 << 16;

export function fallocateHolds(surroundings: Surroundings): Finding<"fallocate"> {
  return withScratch(surroundings, 0, ({ fd, path }) => {
    const refused = refusedBy(() => allocate(fd, SIZE, path));
    if (refused !== undefined) return { is: "refused", found: refused };
    const bytes = fs.fstatSync(fd).blocks * 512;
    if (bytes < SIZE) return { is: "hollow", found: `${bytes} of ${SIZE} bytes reserved` };
    // More than there is at all, which tmpfs refuses at once. Elsewhere it might take all the space for a moment.
    const total = sizeOfTmpfs(fd);
    if (total === undefined || limitOf("Max file size") !== Infinity) return { is: "ok", found: "works" };
    const answer = refusedBy(() => allocate(fd, total + SIZE, path));
    if (answer === undefined) return { is: "lax", found: `${total + SIZE} bytes promised, ${total} are there` };
    return { is: "ok", found: "works, and says when there is no space" };
  });
}

function refusedBy(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return refusalIn(error);
  }
}
