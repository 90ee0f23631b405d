/**
 * Watches: what is told to listeners until somebody ends it. What no event tells is looked for, by one timer for all regions of a thread.
 *
 *   in   lookOften(look)   a holder that has gone, a name that leads elsewhere, a participant that has died
 *   out  each look, again and again; none of them keeps the process alive
 *
 * What looks is called in the thread's loop of events, so a thread that is busy is told later.
 */
import { type AbortOptions, onAbort } from "../arguments/wait-options.js";
import { sleep, warn } from "../host.js";
import { printable } from "../../schema/printable.js";
import { errorMessage, wording } from "../errors.js";
import { monotonicMs } from "../monotonic.js";

/** Options of everything that is watched. */
export interface WatchOptions extends AbortOptions {
  /**
   * Is told why something could not be looked after, once until that has worked again; the watch goes on. Default: a warning
   * (`process.emitWarning`).
   */
  readonly onError?: (error: unknown) => void;
}

/** A death has to be known within 100 ms, and a look may find it half done. */
const LOOK_MS = 50;
/** Pauses are so many times as long as the looks take: where there is very much to look at, it takes no more than a twentieth of a core. */
const PAUSES = 20;
/** Looks of which the quickest says how long they take: others may have had the core meanwhile. */
const TIMES = 8;

type Look = () => void;

const looks = new Set<Look>();
let isRunning = false;

/** Calls `look`, which never throws, often from now on. Returns what ends that, as the signal does. */
export function lookOften(look: Look, { signal }: AbortOptions = {}): () => void {
  if (signal?.aborted === true) return nothing;
  const mine = (): void => look();
  looks.add(mine);
  const unheard = onAbort(signal, () => looks.delete(mine));
  if (!isRunning) void run();
  return () => {
    looks.delete(mine);
    unheard();
  };
}

function nothing(): void {
  // It was over before it began.
}

async function run(): Promise<void> {
  isRunning = true;
  for (let times = [0]; ; times = times.slice(-TIMES)) {
    await sleep(Math.max(LOOK_MS, PAUSES * Math.min(...times)), undefined, { ref: false });
    const begun = monotonicMs();
    if (looks.size === 0) break;
    for (const look of looks) look();
    times.push(monotonicMs() - begun);
  }
  isRunning = false;
}

/** Runs a function of the caller's. What it throws is an uncaught exception of the caller, as that of any event listener. */
export function callListener(work: () => void): void {
  try {
    work();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** What is said where nobody is told. */
interface Warning {
  readonly what: string;
  readonly path: string;
  readonly code: string;
}

/** Tells of failures, once until something has worked again. */
export class Failures {
  readonly #onError: WatchOptions["onError"];
  readonly #warning: Warning;
  #isFailing = false;

  constructor(onError: WatchOptions["onError"], warning: Warning) {
    this.#onError = onError;
    this.#warning = warning;
  }

  get isFailing(): boolean {
    return this.#isFailing;
  }

  worked(): void {
    this.#isFailing = false;
  }

  tell(error: unknown): void {
    if (this.#isFailing) return;
    this.#isFailing = true;
    const onError = this.#onError;
    if (onError !== undefined) return callListener(() => onError(error));
    const { what, path, code } = this.#warning;
    warn(printable(wording(what, { path }, errorMessage(error))), code);
  }
}
