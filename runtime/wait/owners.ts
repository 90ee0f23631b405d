/** Who has a region open, by what the kernel knows. Information for people: liveness is decided by the lock alone. */
import type { FileId, LockHolder, ProcessState } from "../os/contract.js";
import { commandOf, fileKey, lockTakers, lockedDescriptors, processState, withState } from "../os/index.js";

/** A process that has a region open: it has a flock on the region's file. */
export interface RegionOwner {
  /** As our own pid namespace numbers it. */
  readonly pid: number;
  /** Program and script, `"node writer.js"`; `"unknown"` where /proc does not tell. */
  readonly command: string;
  /**
   * "running": it runs, or could. "stopped" (SIGSTOP) and "traced" (by a debugger): alive, and its lock stays. "blocked": in
   * uninterruptible sleep. "zombie": its first thread has ended, but not yet the one that holds the lock. "gone": it has ended
   * just now.
   */
  readonly state: ProcessState;
  /** It has the exclusive lock: it is initialising the region. */
  readonly exclusive: boolean;
}

/**
 * The processes that hold a file, sorted by pid, each once: who took its lock by /proc/locks, and who inherited it by the
 * descriptors in /proc, as far as we may look at those. Who is in another pid namespace is missing.
 */
export function ownersOf(file: FileId): RegionOwner[] {
  const key = fileKey(file);
  return described(trueHolders(key, lockTakers(new Set([key])), new Set([key])), new Map());
}

/**
 * As {@link ownersOf}, for hundreds of processes that wait at once: it reads the one list of locks, and the descriptors of those alone
 * who stand there. Who inherited a lock is looked for only where the same process took it a moment later as well, and has it no
 * more; else it has simply moved on.
 */
export function ownersByLockList(file: FileId): RegionOwner[] {
  const key = fileKey(file);
  const only = new Set([key]);
  const first = lockTakers(only);
  const takers = first.get(key) ?? [];
  const found = trueHolders(key, first, only, takers);
  if (found.length > 0 || takers.length === 0) return described(found, new Map());
  const again = lockTakers(only).get(key) ?? [];
  const isSame = again.some(({ pid }) => takers.some((taker) => taker.pid === pid));
  return isSame ? ownersOf(file) : described(again, new Map());
}

/** The owners of many files: under {@link fileKey}. Descriptors are looked at only where /proc/locks shows nobody. */
export function ownersOfMany(files: ReadonlySet<string>): Map<string, RegionOwner[]> {
  const takers = lockTakers(files);
  const unexplained = new Set([...files].filter((key) => !takers.has(key)));
  const { holders } = unexplained.size === 0 ? { holders: takers } : lockedDescriptors(unexplained);
  const known = new Map<number, Description>();
  return new Map([...files].map((key) => [key, described(takers.get(key) ?? holders.get(key) ?? [], known)]));
}

/** Who took a lock and handed its descriptor on may have closed it, which /proc/locks does not show. */
function trueHolders(
  key: string,
  takers: ReadonlyMap<string, readonly LockHolder[]>,
  files: ReadonlySet<string>,
  processes?: readonly LockHolder[],
): LockHolder[] {
  const { holders, seen } = lockedDescriptors(files, processes);
  return [...(takers.get(key) ?? []).filter(({ pid }) => !seen.has(pid)), ...(holders.get(key) ?? [])];
}

type Description = Pick<RegionOwner, "command" | "state">;

function described(holders: readonly LockHolder[], known: Map<number, Description>): RegionOwner[] {
  const owners = new Map<number, RegionOwner>();
  for (const { pid, exclusive } of holders) {
    const description = known.get(pid) ?? { command: commandOf(pid), state: processState(pid) };
    known.set(pid, description);
    owners.set(pid, { pid, ...description, exclusive: exclusive || owners.get(pid)?.exclusive === true });
  }
  return [...owners.values()].sort((a, b) => a.pid - b.pid);
}

/** What is said of a lock whose holder is not in sight. */
const UNSEEN = "nobody in sight, perhaps in another pid namespace or container";

/** `"4711 (node writer.js, stopped), 4720 (node)"`, five at most. */
export function ownersText(owners: readonly RegionOwner[]): string {
  if (owners.length === 0) return UNSEEN;
  const shown = owners.slice(0, 5).map(({ pid, command, state }) => `${pid} (${withState(command, state)})`);
  return owners.length > 5 ? `${shown.join(", ")} and ${owners.length - 5} more` : shown.join(", ");
}
