/** What a check is, and what the checks know of the place that they look at. */
import { errorCode, isShmError } from "../errors.js";
import { checkOptions, checkPath, wrongKind } from "../arguments/check-options.js";
import { ownUser } from "../os/index.js";
import { placeOf } from "../place/place.js";
import type { WORDS as DARWIN } from "./darwin/words.js";
import type { WORDS as LINUX } from "./linux/words.js";
import type { Words } from "./verdicts.js";
import type { WORDS as WIN32 } from "./win32/words.js";

/**
 * "ok"; "warning": regions work, but something may bite later; "problem": regions do not work, or not reliably;
 * "skipped": it could not be looked at, and `found` says why.
 */
export type CheckStatus = "ok" | "warning" | "problem" | "skipped";

/** What all systems say. */
type AllWords = typeof DARWIN & typeof LINUX & typeof WIN32;

/** Names of the checks of all systems. They stay; new ones may join them. */
export type CheckId = keyof AllWords;

/** The outcome of one check. Plain data. */
export interface Check {
  readonly id: CheckId;
  /** What was looked at, in a few words. */
  readonly title: string;
  readonly status: CheckStatus;
  /** What is there. */
  readonly found: string;
  /** What should be there. With a warning or a problem only. */
  readonly expected?: string;
  /** What to do. With a warning or a problem only. */
  readonly remedy?: string;
}

/** What to look at. */
export interface CheckOptions {
  /** Directory of the regions. Default: as for opening them, `$SHMGEN_DIR`, else the user's (Linux: `/dev/shm/shmgen-<euid>`, Windows: `%LOCALAPPDATA%\shmgen`, macOS: `shmgen-<euid>` in the user's cache directory). */
  readonly directory?: string;
  /** Looks at these alone. Default: at everything. */
  readonly only?: readonly CheckId[];
  /** Folder whose etc, run and usr/lib are read for the configuration of systemd. Default: `/`. */
  readonly root?: string;
}

/** What a check has found; its words, with `facts` put in, say the rest. `Is`: the keys of its words by which it may judge. */
export interface Found<Is> {
  readonly is: Is | "ok" | "skipped";
  readonly found: string;
  readonly facts?: Readonly<Record<string, string | number>>;
}

/** What the check of a name has found, with all words that systems have for it. */
export type Finding<Id extends CheckId> = Found<keyof AllWords[Id]["verdicts"]>;

/** One check. It changes nothing that is the user's. What it throws is a problem, too. */
type Judge<Is> = (surroundings: Surroundings) => Found<Is> | Promise<Found<Is>>;
export type Probe<Id extends CheckId> = Judge<keyof AllWords[Id]["verdicts"]>;

/** A probe for each of the words of one system, which has words for every verdict of it. */
export type ProbesFor<W extends Words> = { readonly [Id in keyof W]: Judge<keyof W[Id]["verdicts"]> };

/** What the doctor of one system looks at, and says. */
export interface System {
  readonly words: Words;
  readonly probes: { readonly [Id in CheckId]?: Probe<Id> };
  /** Checks that others depend on. */
  readonly needed: ReadonlySet<CheckId>;
  /** Why a check cannot be made, after what others have found; undefined when it can. */
  readonly obstacle: (id: CheckId, checks: readonly Check[]) => string | undefined;
  /** Where the probes may make files for a moment. */
  readonly workplaceOf: (directory: string, uid: number) => string | undefined;
}

/** The place that the checks look at. */
export interface Surroundings {
  /** Absolute path of the directory of the regions, which may not be there yet. Empty where the system cannot be asked for it, without koffi. */
  readonly directory: string;
  /** The default directory, which belongs to us alone. */
  readonly isPrivate: boolean;
  readonly uid: number;
  readonly root: string;
  /** Where files may be made for a moment: the directory, or its parent as long as it is missing. */
  readonly workplace: string | undefined;
}

export function surroundingsOf(options: CheckOptions, { workplaceOf }: System): Surroundings {
  checkOptions(options, "checkEnvironment");
  if (options.root !== undefined) checkPath(options.root, "root");
  if (options.only !== undefined && !Array.isArray(options.only)) {
    throw wrongKind("only", "a list of names of checks", options.only);
  }
  const directory = directoryOf(options);
  const uid = ownUser();
  const isPrivate = options.directory === undefined && !process.env["SHMGEN_DIR"];
  return { directory, isPrivate, uid, root: options.root ?? "/", workplace: workplaceOf(directory, uid) };
}

function directoryOf({ directory }: CheckOptions): string {
  try {
    return placeOf("doctor", directory === undefined ? {} : { directory }).directory;
  } catch (error) {
    // What is missing has a check of its own.
    if (isShmError(error) && error.code === "ERR_SHM_UNSUPPORTED") return "";
    throw error;
  }
}

/** Said by Node itself, or by our error about it: its permission model, which says nothing about the system. */
export function deniedByNode(error: unknown): boolean {
  if (isShmError(error)) return "errno" in error && error.errno === "ERR_ACCESS_DENIED";
  return errorCode(error) === "ERR_ACCESS_DENIED";
}

/** How the runtime says that the system refuses something: `"mmap: ENOMEM"`. Throws what is not about the system. */
export function refusalIn(error: unknown): string {
  if (!isShmError(error) || deniedByNode(error)) throw error;
  if (!("errno" in error) || error.errno === undefined) return error.message;
  return `${error.syscall ?? "it"}: ${error.errno}`;
}

/** `"1.5 MiB"`; bytes below 1 KiB. */
export function bytesText(bytes: number): string {
  const unit = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let power = 0;
  let value = bytes;
  for (; value >= 1024 && power < 4; power += 1) value /= 1024;
  return `${Number(value.toFixed(1))} ${unit[power]}`;
}
