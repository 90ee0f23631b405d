/**
 * The watch behind {@link Region.onPeerDeath} for regions with participants: recovers the dead that it finds, and tells of them. Whoever else
 * recovers one leaves its epoch in the entry, so nobody who died is missed because others were faster.
 *
 * Looks instead of waiting for pidfds: Node can only wait for those in a thread, and they do not tell of threads.
 */
import { Failures, type WatchOptions, callListener, lookOften } from "../wait/watches.js";
import type { Participants } from "./participants.js";

/** What was seen of an entry when it was last looked at. */
interface Seen {
  readonly epoch: number;
  readonly pid: number;
  /** Epoch of the death that was told last. */
  readonly told: number;
}

/** `listener` gets a participant's number and its process; 0 where somebody else had the number again before anybody looked. */
export function watchDeaths(
  participants: Participants,
  listener: (number: number, pid: number) => void,
  { signal, onError }: WatchOptions,
): () => void {
  const { path } = participants;
  const warning = { what: "participants of an open region cannot be looked after", path, code: "SHM_DEATHS_MISSED" };
  const failures = new Failures(onError, warning);
  const { count } = participants.table();
  const seen = Array.from({ length: count }, (_, index) => firstSight(participants, index + 1));
  let isOver = false;
  const lookAtAll = (): void => {
    for (let number = 1; number <= count; number += 1) {
      if (participants.closed || isOver || signal?.aborted === true) return;
      try {
        const death = look(participants, number, seen, (error) => failures.tell(error));
        if (death !== undefined) callListener(() => listener(number, death));
      } catch (error) {
        failures.tell(error);
      }
    }
  };
  const endOfLooks = lookOften(lookAtAll, { signal });
  return () => {
    isOver = true;
    endOfLooks();
  };
}

function firstSight(participants: Participants, number: number): Seen {
  const table = participants.table();
  return { epoch: table.epoch(number), pid: table.pid(number), told: table.lost(number) };
}

/** The process of who has died since the last look, if anybody has; 0: not known. `fail` is told why one could not be recovered. */
function look(
  participants: Participants,
  number: number,
  seen: Seen[],
  fail: (error: unknown) => void,
): number | undefined {
  const table = participants.table();
  const last = seen[number - 1] ?? firstSight(participants, number);
  const [epoch, pid] = [table.epoch(number), table.pid(number)];
  const isTaken = (): boolean => table.isTaken(number) && table.epoch(number) === epoch;
  // Who gives a number back says so before the lock goes: taken without a lock, and still taken, it is that of a dead one.
  const isDead = isTaken() && !participants.isAlive(number) && isTaken();
  if (isDead && last.told !== epoch && !participants.readOnly) {
    try {
      // Somebody else is at it: to be told by the next look.
      if (!participants.recover(number)) return undefined;
    } catch (error) {
      fail(error);
    }
  }
  const lost = isDead ? epoch : table.lost(number);
  seen[number - 1] = { epoch, pid, told: lost };
  if (lost === last.told) return undefined;
  return lost === epoch ? pid : lost === last.epoch ? last.pid : 0;
}
