/** How a thread gets its number: the first that is free, or whose dead owner can be recovered. Steps of test/model/participants.ts. */
import { ownStamp, threadStamp } from "../os/index.js";
import { deadlineIn, pause } from "../wait/clock.js";
import type { ParticipantFile } from "./open-file.js";
import type { ParticipantTable } from "./table.js";

/** How long a full table is looked at, while somebody is about to leave it or to free a number. */
const CLAIM_MS = 1000;

export interface Claim {
  readonly table: ParticipantTable;
  readonly file: ParticipantFile;
  /** Of a dead one. False when it is alive by now, or cannot be recovered just now. */
  readonly recover: (number: number) => boolean;
}

/** The number, or undefined when all are taken by others. */
export function claimNumber(claim: Claim): number | undefined {
  const deadline = deadlineIn(CLAIM_MS);
  for (let round = 0; ; round += 1) {
    let isSettled = true;
    for (let number = 1; number <= claim.table.count; number += 1) {
      const found = tryClaim(claim, number);
      if (found === "mine") return number;
      isSettled &&= found === "taken";
    }
    if (isSettled || !pause(round, deadline, "holding")) return undefined;
  }
}

/** "changing": somebody is about to claim it, to leave it or to free it. */
function tryClaim({ table, file, recover }: Claim, number: number): "mine" | "taken" | "changing" {
  // Step claim.load.
  if (table.isTaken(number)) {
    // Step claim.isLocked.
    if (file.isLocked(number)) return "taken";
    if (!recover(number)) return "changing";
    // Step claim.loadRecovered: what could not be recovered stays the number of the dead.
    if (table.isTaken(number)) return "taken";
  }
  // Step claim.lock.
  if (!file.tryLock(number)) return "changing";
  // Step claim.loadAgain: somebody may have claimed it meanwhile, and died.
  if (table.isTaken(number)) {
    // Step claim.unlock.
    file.unlock(number);
    return "changing";
  }
  table.take(number, ownStamp(), Number(BigInt.asUintN(32, threadStamp() ?? 0n)));
  return "mine";
}
