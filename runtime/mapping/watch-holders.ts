/**
 * The watch behind {@link Region.onPeerDeath} for regions without participants: who has the region open is who has the lock of its file, and
 * a death is a process that has ended and has the lock no more.
 *
 * Each look reads the kernel's list of locks, once for all regions of the thread: 4 system calls, 0.03 ms, and 1 ms more for every
 * thousand locks of the machine. A pidfd tells of a death by an event, but Node hears no such event without a thread, and nobody tells who
 * has come; inotify tells of both, and a user has 128 of those for all his programs; a lock that is waited for takes a thread for each peer.
 */
import { onAbort } from "../arguments/wait-options.js";
import type { FileId, LockHolder } from "../os/contract.js";
import { fileKey, hasEnded, lockTakers, startTimeOf } from "../os/index.js";
import { Failures, type WatchOptions, callListener, lookOften } from "../wait/watches.js";

/** Who died. */
export interface PeerDeath {
  /** Of the participant; 0 in a region without participants. */
  readonly number: number;
  /**
   * As this process's pid namespace numbers it, and for a participant as its own does; 0 where somebody else had the participant's number
   * again before anybody looked.
   */
  readonly pid: number;
}

/** Options of {@link Region.onPeerDeath}. */
export type OnPeerDeathOptions = WatchOptions;
/** Of a process, so that no other one that has its number is taken for it: when it began, in ticks since boot. */
type Holders = Map<number, bigint>;

interface Watch {
  readonly key: string;
  see(takers: readonly LockHolder[]): void;
}

const watches = new Set<Watch>();
let endOfLooks: (() => void) | undefined;

/** `listener` gets the process. */
export function watchHolders(
  file: FileId,
  path: string,
  listener: (pid: number) => void,
  { signal, onError }: WatchOptions,
): () => void {
  const warning = { what: "who has an open region cannot be looked after", path, code: "SHM_DEATHS_MISSED" };
  const failures = new Failures(onError, warning);
  const holders: Holders = new Map();
  const key = fileKey(file);
  const watch = {
    key,
    see: (takers: readonly LockHolder[]): void => {
      try {
        for (const pid of gone(holders, takers)) callListener(() => listener(pid));
        failures.worked();
      } catch (error) {
        failures.tell(error);
      }
    },
  };
  if (signal?.aborted === true) return () => undefined;
  watch.see(lockTakers(new Set([key])).get(key) ?? []);
  watches.add(watch);
  endOfLooks ??= lookOften(lookAtAll);
  const end = (): void => {
    watches.delete(watch);
    unheard();
    if (watches.size > 0) return;
    endOfLooks?.();
    endOfLooks = undefined;
  };
  const unheard = onAbort(signal, end);
  return end;
}

function lookAtAll(): void {
  const takers = lockTakers(new Set([...watches].map(({ key }) => key)));
  for (const { key, see } of watches) see(takers.get(key) ?? []);
}

/** Who has died since the last look. Who has come is remembered, and who has closed the region is forgotten. */
function gone(holders: Holders, takers: readonly LockHolder[]): number[] {
  const dead: number[] = [];
  const here = new Set(takers.map(({ pid }) => pid));
  for (const [pid, startTime] of holders) {
    if (here.has(pid)) continue;
    holders.delete(pid);
    if (hasEnded(pid, startTime)) dead.push(pid);
  }
  for (const pid of here) {
    const startTime = holders.has(pid) || pid === process.pid ? undefined : startTimeOf(pid);
    if (startTime !== undefined) holders.set(pid, startTime);
  }
  return dead;
}
