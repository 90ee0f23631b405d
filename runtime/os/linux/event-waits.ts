/** Loads the ring for waits without a thread (wait-ring.ts) when somebody waits so first: most programs never do. */
import { createRequire } from "node:module";
import { type ShmError, errorMessage, refusal } from "../../errors.js";
import type { EventWaits, WaitEvents } from "../contract.js";
import { ringCalls } from "./libc.js";
import { errnoName, syscallError } from "../posix/syscall.js";
import type * as WaitRing from "./wait-ring.js";

/** Libuv's own variable, for those whose sandbox ends who asks. */
const isForbidden = (): boolean => process.env["UV_USE_IO_URING"] === "0";
/** Bun's sockets do not hear the bell: a pipe by its descriptor gives them nothing (1.4). */
const isUnheard = (): boolean => process.versions["bun"] !== undefined;
const loadRing = (): typeof WaitRing => createRequire(import.meta.url)("./wait-ring.js") as typeof WaitRing;

/**
 * Undefined where the kernel is older than Linux 6.7, or a sandbox forbids io_uring, as Docker's does; and in Bun.
 */
export function openEventWaits(events: WaitEvents): EventWaits | undefined {
  if (isForbidden() || isUnheard()) return undefined;
  try {
    return loadRing().openWaitRing(ringCalls(), {
      ended: events.ended,
      failed: (id, errno) => events.ended(id, syscallError("io_uring", errnoName(errno), "")),
      lost: (cause) => events.lost(ringLost(cause)),
    });
  } catch {
    // Whatever it is, a thread can do without it.
    return undefined;
  }
}

/** Why {@link openEventWaits} gives nothing, for the doctor: the variable, the engine, or what the system refused with. Undefined where it works. */
export function eventWaitsObstacle(): "variable" | "engine" | { readonly errno: string } | undefined {
  if (isForbidden()) return "variable";
  if (isUnheard()) return "engine";
  try {
    loadRing().tryWaitRing(ringCalls());
    return undefined;
  } catch (error) {
    const { errno } = error as { readonly errno?: number };
    if (errno === undefined) throw error;
    return { errno: errnoName(errno) };
  }
}

function ringLost(cause: unknown): ShmError {
  const reason = cause === undefined ? "its descriptors were closed" : errorMessage(cause);
  return refusal("ERR_SHM_SYSCALL", "waits that were pending have no end", { syscall: "io_uring", cause }, undefined, {
    reason,
  });
}
