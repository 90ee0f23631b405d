/** A wait that lasts says once for whom. */
import { printable } from "../../schema/printable.js";
import { wording } from "../errors.js";
import type { FileId } from "../os/contract.js";
import { withState, writeError } from "../os/index.js";
import { monotonicMs } from "../monotonic.js";
import { type RegionOwner, ownersByLockList, ownersText } from "./owners.js";

/** A wait that has lasted for a second, and goes on. */
export interface RegionWait {
  /** "lifecycle-lock": the lock of the directory, held for microseconds. "initialiser": somebody initialises the region. */
  readonly what: "lifecycle-lock" | "initialiser";
  /** Of the directory, or of the region's file. */
  readonly path: string;
  readonly waitedMs: number;
  /** Who is waited for; none when nobody is in sight, as in another pid namespace. */
  readonly holders: readonly RegionOwner[];
}

/** Is told of a wait that lasts. What it throws ends the wait, and is thrown by the call that waits. */
export type OnWait = (wait: RegionWait) => void;

const AFTER_MS = 1000;
/** Who has just got what it waited for may have nobody to name any more; who waits on looks again. */
const LOOKS_MAX = 3;

/** One wait, from its first look on. */
export class LongWait {
  readonly #what: RegionWait["what"];
  readonly #path: string;
  readonly #onWait: OnWait;
  readonly #begun = monotonicMs();
  /** Not all at once, when hundreds began to wait at once. */
  readonly #afterMs = AFTER_MS * (1 + Math.random() / 4);
  #looks = 0;

  constructor(what: RegionWait["what"], path: string, onWait: OnWait = warnOfWait) {
    this.#what = what;
    this.#path = path;
    this.#onWait = onWait;
  }

  /** To be called again and again; tells once. `file` is what is locked. */
  tellOnceLong(file: () => FileId | undefined): void {
    const waitedMs = Math.round(monotonicMs() - this.#begun);
    if (this.#looks >= LOOKS_MAX || waitedMs < this.#afterMs) return;
    if (this.#onWait === silently || (this.#onWait === warnOfWait && !wantsWarnings())) {
      // Nobody listens, so nobody has to look.
      this.#looks = LOOKS_MAX;
      return;
    }
    const found = file();
    const holders = found === undefined ? [] : ownersByLockList(found);
    this.#looks = holders.length > 0 ? LOOKS_MAX : this.#looks + 1;
    if (this.#looks < LOOKS_MAX) return;
    this.#onWait({ what: this.#what, path: this.#path, waitedMs, holders });
  }
}

/** For waits that nobody has to know of. */
export const silently: OnWait = () => undefined;

const CODE = "SHM_WAITING";
const CLASS = "ShmWarning";

/**
 * One line to stderr, as Node's warnings look. `process.emitWarning` would print it when the call that waits is over, which is
 * too late to do something about it.
 */
function warnOfWait({ what, path, waitedMs, holders }: RegionWait): void {
  const [first] = holders;
  const waits = what === "initialiser" ? "the region is being initialised" : "the directory is locked";
  const who =
    first === undefined || holders.length > 1
      ? { holders: ownersText(holders) }
      : { pid: first.pid, holder: withState(first.command, first.state) };
  const remedy =
    first?.state === "stopped" ? "continue it (kill -CONT) or end it" : "the wait goes on until timeoutMs is over";
  const line = `(node:${process.pid}) [${CODE}] ${CLASS}: ${wording(waits, { path }, remedy, { ...who, waitedMs })}`;
  writeError(`${printable(line)}\n`);
}

/** What silences Node's own warnings silences ours. */
function wantsWarnings(): boolean {
  if (process.env["NODE_NO_WARNINGS"] === "1") return false;
  const options = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""].join(" ");
  return !/(?:^|\s)--(?:no-warnings|disable-warning[= ](?:SHM_WAITING|ShmWarning))(?:\s|$)/.test(options);
}
