/** Whether locks tell who is alive, and whether space that was promised is there. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import * as fs from "node:fs";
import { LOCK_AT } from "../../../schema/containers/participants.js";
import { tryExclusive } from "../../os/posix/flock.js";
import { isByteLocked, tryLockByte } from "../../os/posix/range-locks.js";
import { ownCalls } from "../../os/posix/own-calls.js";
import { type Found, type Surroundings, refusalIn } from "../check.js";
import { nodeEnvironment } from "./partner.js";
import { type Scratch, withScratch } from "./scratch.js";

type LockFault = "refused" | "shared" | "kept";

export function flockHolds(surroundings: Surroundings): Promise<Found<LockFault>> {
  return withScratch(surroundings, 0, async (file): Promise<Found<LockFault>> => {
    try {
      return await locks(file);
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
  });
}

async function locks({ fd, other, path }: Scratch): Promise<Found<LockFault>> {
  tryExclusive(other.fd, path);
  if (tryExclusive(fd, path)) return { is: "shared", found: "two open files have the exclusive lock" };
  // The lock belongs to the open file, which the child inherits. It does nothing, and ends with us, whose pipe it reads.
  const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], {
    stdio: ["pipe", "ignore", "ignore", other.fd],
    env: nodeEnvironment(),
  });
  const gone = once(child, "exit");
  await once(child, "spawn");
  // From here on the child alone has it.
  other.close();
  const lease = !tryExclusive(fd, path);
  child.kill("SIGKILL");
  await gone;
  if (!lease) return { is: "shared", found: "the lock of another process does not exclude" };
  const free = tryExclusive(fd, path);
  return free ? { is: "ok", found: "exclude, and end with their process" } : { is: "kept", found: "still locked" };
}

/** The lock that says that the first participant of a region lives. */
const BYTE = LOCK_AT + 1n;

export function rangeLocksHold(surroundings: Surroundings): Found<LockFault | "unseen"> {
  return withScratch(surroundings, 0, ({ fd, other, path }): Found<LockFault | "unseen"> => {
    try {
      tryLockByte(other.fd, BYTE, path);
      if (!isByteLocked(fd, BYTE, path)) return { is: "unseen", found: "another open file does not see the lock" };
      if (tryLockByte(fd, BYTE, path)) return { is: "shared", found: "two open files have the same lock" };
      other.close();
      if (!tryLockByte(fd, BYTE, path)) return { is: "kept", found: "still locked when its file is closed" };
      return { is: "ok", found: "are seen, exclude, and end with their open file" };
    } catch (error) {
      return { is: "refused", found: refusalIn(error) };
    }
  });
}

/** Bytes that are reserved for a try. */
export const RESERVED = 1 << 16;

/** Makes the file longer, and looks at what it has got. */
export function reservation({ fd, path }: Scratch): Found<"refused" | "hollow"> {
  const refused = refusedBy(() => ownCalls.allocate(fd, RESERVED, path));
  if (refused !== undefined) return { is: "refused", found: refused };
  const bytes = fs.fstatSync(fd).blocks * 512;
  if (bytes < RESERVED) return { is: "hollow", found: `${bytes} of ${RESERVED} bytes reserved` };
  return { is: "ok", found: "works" };
}

/** How the system refuses; undefined when it does not. */
export function refusedBy(work: () => void): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    return refusalIn(error);
  }
}
