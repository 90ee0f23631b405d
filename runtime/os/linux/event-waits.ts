/** Loads the ring for waits without a thread (wait-ring.ts) when somebody waits so first: most programs never do. */
import { createRequire } from "node:module";
import { type ShmError, errorMessage, refusal } from "../../errors.js";
import type { EventWaits, WaitEvents } from "../contract.js";
import { ringCalls } from "./libc.js";
import { errnoName, syscallError } from "./syscall.js";
import type * as WaitRing from "./wait-ring.js";

/** Libuv's own variable, for those whose sandbox ends who asks. */
const isForbidden = (): boolean => process.env["UV_USE_IO_URING"] === "0";
const loadRing = (): typeof WaitRing => createRequire(import.meta.url)("./wait-ring.js") as typeof WaitRing;

/**
 * Undefined where the kernel is older than Linux 6.7, or a sandbox forbids io_uring, as Docker's does.
 */
export function openEventWaits(events: WaitEvents): EventWaits | undefined {
  if (isForbidden()) return undefined;
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

/** Why {@link openEventWaits} gives nothing, for the doctor: the variable, or what the system refused with. Undefined where it works. */
export function eventWaitsObstacle(): "variable" | { readonly errno: string } | undefined {
  if (isForbidden()) return "variable";
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
