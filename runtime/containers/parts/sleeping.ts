/** How long containers let somebody sleep, and how without blocking. */
import type { FutexPort } from "../../access/memory-view.js";

/** Default of every `timeoutMs`. */
export const TIMEOUT_MS = 5000;
/** Who sleeps looks again this often, because whoever should wake it may have died. */
export const SLICE_MS = 100;
/** Who may not write cannot say that it sleeps, so nobody wakes it. */
export const READER_SLICE_MS = 20;
/** To wake all who sleep. */
export const EVERYBODY = 0x7fff_ffff;
/** Of a word that is changed by compare and exchange: whoever changes it for so long, some seconds, is nobody of ours. */
const TRIES = 1_000_000;
const LONGEST_REST = 4096;
/** Times that a dead owner is recovered before the word is called damaged: the number may have been given to others, who died as well. */
export const RECOVERIES = 3;

let turned = 0;

/** Does nothing, a nanosecond or less a turn, and touches no memory that others have. */
export function rest(turns: number): void {
  for (let turn = 0; turn < turns; turn += 1) turned = (turned + turn) | 0;
}

/**
 * After a compare and exchange that others made fail, `failures` in a row: whether it is worth another try. Rests for a time of its own
 * meanwhile: two cores can go in step, so that one of them fails for ever (seen: a thousand times in a row, Node 22).
 */
export function triesAgain(failures: number): boolean {
  if (failures > 1) rest(Math.random() * Math.min(failures * 32, LONGEST_REST));
  return failures < TRIES;
}

export type { AbortOptions, WaitAsyncOptions, WaitOptions } from "../../arguments/wait-options.js";

/** A word to sleep on, for a while. */
export interface Sleep {
  readonly futex: FutexPort;
  readonly byteOffset: number;
  readonly expected: number;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** How a sleep ended. */
export type Awakening = Awaited<ReturnType<FutexPort["waitAsync"]>>;

/**
 * Sleeps until the word is woken or has changed, the time is over, or the signal is aborted, whose reason it throws. A wake-up that
 * comes all the same is for somebody else, and is passed on.
 */
export function sleepAsync({ futex, byteOffset, expected, timeoutMs, signal }: Sleep): Promise<Awakening> {
  return futex.waitAsync(byteOffset, expected, timeoutMs, signal);
}
