/**
 * The watch behind {@link Region.onPeerDeath}: looks every 100 ms, recovers the dead that it finds, and tells of them. Whoever else
 * recovers one leaves its epoch in the entry, so nobody who died is missed because others were faster.
 *
 * Looks instead of waiting for pidfds: Node can only wait for those in a thread, and they do not tell of threads.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { printable } from "../../schema/printable.js";
import { errorMessage, wording } from "../errors.js";
import type { Participants } from "./participants.js";

/** Who died. */
export interface PeerDeath {
  readonly number: number;
  /** As its own pid namespace numbers it; 0 where somebody else had the number again before anybody looked. */
  readonly pid: number;
}

/** Options of {@link Region.onPeerDeath}. */
export interface OnPeerDeathOptions {
  /** Ends the watch. */
  readonly signal?: AbortSignal | undefined;
}

const LOOK_MS = 100;

/** What was seen of an entry when it was last looked at. */
interface Seen {
  readonly epoch: number;
  readonly pid: number;
  /** Epoch of the death that was told last. */
  readonly told: number;
}

/** See {@link Region.onPeerDeath}. */
export function watchDeaths(
  participants: Participants,
  listener: (death: PeerDeath) => void,
  { signal }: OnPeerDeathOptions = {},
): () => void {
  const ended = new AbortController();
  const end = (): void => ended.abort();
  const { count } = participants.table();
  const seen = Array.from({ length: count }, (_, index) => firstSight(participants, index + 1));
  let isFailing = false;
  const fail = (error: unknown): void => {
    if (!isFailing) warn(error, participants.path);
    isFailing = true;
  };
  const watch = async (): Promise<void> => {
    for (;;) {
      for (let number = 1; number <= count; number += 1) {
        if (participants.closed || ended.signal.aborted || signal?.aborted === true) return;
        try {
          const death = look(participants, number, seen, fail);
          if (death !== undefined) call(() => listener(death));
        } catch (error) {
          fail(error);
        }
      }
      await sleep(LOOK_MS, undefined, { ref: false });
    }
  };
  void watch();
  return end;
}

function firstSight(participants: Participants, number: number): Seen {
  const table = participants.table();
  return { epoch: table.epoch(number), pid: table.pid(number), told: table.lost(number) };
}

/** Who has died since the last look, if anybody has. `fail` is told why one could not be recovered. */
function look(
  participants: Participants,
  number: number,
  seen: Seen[],
  fail: (error: unknown) => void,
): PeerDeath | undefined {
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
  return { number, pid: lost === epoch ? pid : lost === last.epoch ? last.pid : 0 };
}

/** What the listener throws is an uncaught exception, as of any event listener. */
function call(work: () => void): void {
  try {
    work();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}

function warn(error: unknown, path: string): void {
  const message = wording("participants of an open region cannot be looked after", { path }, errorMessage(error));
  process.emitWarning(printable(message), { type: "ShmWarning", code: "SHM_DEATHS_MISSED" });
}
