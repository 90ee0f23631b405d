/**
 * What outlives the JavaScript objects of a region: its lock and its address range. It is let go when the region is
 * closed, when the buffer was collected without that, or when the process ends in an orderly way.
 */
import { type AddressRange, type Mapping, discard, releaseRange } from "../os/memory.js";
import { closeQuietly } from "../os/syscall.js";
import { deadlineIn, remaining } from "./clock.js";
import { type Held, leave } from "./entry.js";

/** Does not keep the buffer alive. */
export interface Lifeline {
  readonly dev: number;
  readonly ino: number;
  readonly range: AddressRange;
  readonly kind: Mapping["kind"];
  readonly path: string;
  /** Absent for foreign memory, which nobody holds. */
  readonly held?: Held;
  readonly removeIfLast: boolean;
  /** Closed when its memory was no longer that of its buffer: the addresses stay reserved for good. */
  moved?: boolean;
}

/** Without the lifecycle lock the file stays behind, stale, which harms nobody. */
const EXIT_TIMEOUT_MS = 100;

const alive = new Set<Lifeline>();
let hasExitHook = false;
let hasWarned = false;

const collected = new FinalizationRegistry<Lifeline>((lifeline) => {
  const { kind, range, held, path } = lifeline;
  // A byte stream may have moved the memory to a buffer that we do not know of; only close() can tell.
  if (alive.has(lifeline)) {
    letGo(lifeline);
    if (held) warn(path);
    lifeline.moved = true;
  }
  if (kind === "view") (lifeline.moved ? discard : releaseRange)(range);
});

/** Watches over the address range of a mapping from now on. */
export function guardRange(lifeline: Lifeline, buffer: ArrayBufferLike): void {
  collected.register(buffer, lifeline);
}

/** Watches over the lock, too: from here on the region is open. */
export function guardLock(lifeline: Lifeline): void {
  alive.add(lifeline);
  if (hasExitHook) return;
  hasExitHook = true;
  // The kernel drops the locks anyway; this removes the files of which we are the last user.
  process.once("exit", () => {
    // One deadline for all of them, so that many regions do not wait many times.
    const deadline = deadlineIn(EXIT_TIMEOUT_MS);
    for (const line of alive) letGo(line, remaining(deadline));
  });
}

/** Puts zero pages over the memory and lets go of the lock. */
export function closeLifeline(lifeline: Lifeline, moved: boolean): void {
  lifeline.moved = moved;
  // Step close.unmap.
  discard(lifeline.range);
  letGo(lifeline);
}

function letGo(lifeline: Lifeline, timeoutMs?: number): void {
  const { held, removeIfLast } = lifeline;
  if (!alive.delete(lifeline) || held === undefined) return;
  if (removeIfLast) leave(held, true, timeoutMs);
  // Step close.closeFile: whoever leaves the file to the next one only drops a shared lock, which needs no other.
  else closeQuietly(held.fd);
}

function warn(path: string): void {
  if (hasWarned) return;
  hasWarned = true;
  process.emitWarning(
    `a region was collected without being closed: path=${path}; call close(), or declare it with using`,
    {
      type: "ShmWarning",
      code: "SHM_NOT_CLOSED",
    },
  );
}
