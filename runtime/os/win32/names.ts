/**
 * Names in directories. Whoever looks finds the old file, the new one, or none; also where others have a file open, which Windows lets
 * nobody take the name of while it is mapped: it gets another name first, which it may have until the last of them has gone.
 */
import { dirname } from "node:path";
import type { NameEntry } from "../contract.js";
import { errorCode } from "../../errors.js";
import { randomHex } from "../random.js";
import { attempt, attemptUnless, rest } from "./calls.js";
import { ANONYMOUS } from "./files.js";
import { onceClosed } from "./handles.js";
import { fs } from "../node.js";
import { replacedFileOpen } from "./refusals.js";

/** The file that is locked for the lifecycle of the regions in a directory. */
export const LOCK = ".lock";
/** What has lost its name and is still in use. */
const REMOVED = ".removed-";
/** What others have open for a moment, to look at it, is tried again: they take microseconds. */
const LOOKS = 50;
const REST_MS = 2;
const IN_USE: ReadonlySet<unknown> = new Set(["EPERM", "EACCES", "EBUSY"]);

function patiently<T>(call: () => T, refuse: (cause: unknown) => unknown): T {
  for (let look = 1; ; look += 1) {
    try {
      return call();
    } catch (error) {
      if (!IN_USE.has(errorCode(error))) throw error;
      if (look === LOOKS) throw refuse(error);
      rest(REST_MS);
    }
  }
}

/** Whatever has the name `to` loses it in the same step. Nobody may have that open. @throws ShmError @see MoveFileExW */
export function replaceName(from: string, to: string, path: string, remedy: string): void {
  attempt(path, () =>
    patiently(
      () => fs.renameSync(from, to),
      (cause) => replacedFileOpen(path, remedy, cause),
    ),
  );
}

/** Takes a name away. Those who have the file open or mapped keep it. @throws ShmError */
export function deleteName(file: string, path: string): void {
  attempt(path, () => takeAway(file));
}

/** As {@link deleteName}; nothing to do when it is free. @throws ShmError */
export function deleteNameIfPresent(file: string, path: string): void {
  attemptUnless(path, ["ENOENT"], () => takeAway(file));
}

/** The scope's directory, in which a file is, or the session's folder that it is in; undefined for a file elsewhere. */
export function scopeDirectoryOf(file: string): string | undefined {
  const folder = dirname(file);
  return [folder, dirname(folder)].find((one) => fs.existsSync(`${one}\\${LOCK}`));
}

function takeAway(file: string): void {
  // A session's folder is empty at once: only under the lifecycle lock may it be removed.
  const gone = `${scopeDirectoryOf(file) ?? dirname(file)}\\${REMOVED}${randomHex(8)}`;
  // A file that somebody has open would keep its name until he closes it.
  patiently(
    () => fs.renameSync(file, gone),
    (cause) => cause,
  );
  if (!isUnlinked(gone)) inUse.add(gone);
}

/** Files that this thread has taken the name of while somebody, perhaps it itself, had them mapped. */
const inUse = new Set<string>();
onceClosed(() => {
  for (const file of inUse) if (isUnlinked(file)) inUse.delete(file);
});

/** It goes with the last who has it open. False while somebody has it mapped: then whoever opens the directory later removes it. */
function isUnlinked(file: string): boolean {
  try {
    fs.unlinkSync(file);
    return true;
  } catch (error) {
    return !IN_USE.has(errorCode(error));
  }
}

/** Fails while anybody has the file open. */
const O_EXLOCK = 0x1000_0000;
/** The system removes the file when it is closed. */
const O_TEMPORARY = 0x40;

/** Memory without a name may be handed on as long as somebody has it open. */
function removeIfUnused(file: string): void {
  try {
    fs.closeSync(fs.openSync(file, fs.constants.O_RDWR | O_EXLOCK | O_TEMPORARY));
  } catch {
    // In use.
  }
}

/** Removes what was in use when it lost its name, or what a process that was ended could not remove. */
export function sweep(directory: string): void {
  for (const name of namesOf(directory)) {
    if (name.startsWith(REMOVED)) isUnlinked(`${directory}\\${name}`);
    else if (name.startsWith(ANONYMOUS)) removeIfUnused(`${directory}\\${name}`);
  }
}

function namesOf(directory: string): string[] {
  try {
    return fs.readdirSync(directory);
  } catch {
    return [];
  }
}

/** Whether a path leads anywhere, through links too. Never throws. */
export function isThere(path: string): boolean {
  return fs.existsSync(path);
}

/** What this platform keeps in directories for itself: `.lock`, `.waits-1` and the above. */
const OWN = /^\.(?:lock$|waits-|removed-|anonymous-)/;

/** @throws ShmError */
export function namesIn(directory: string, path: string): NameEntry[] {
  return attempt(path, () => entriesOf(directory));
}

function entriesOf(directory: string): NameEntry[] {
  return fs.readdirSync(directory, { withFileTypes: true }).filter(({ name }) => !OWN.test(name));
}

/** None where there is no such directory. @throws ShmError */
export function namesIfThere(directory: string): NameEntry[] {
  return attemptUnless(directory, ["ENOENT"], () => entriesOf(directory)) ?? [];
}

/** Names that are devices in every directory, whatever ending they have. @see https://learn.microsoft.com/windows/win32/fileio/naming-a-file */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Why no file can be called so, though it would be a name of a region; undefined for a name that can be had. */
export function unusableName(name: string): string | undefined {
  if (DEVICE.test(name)) return "it is the name of a device on Windows";
  return name.endsWith(".") ? "Windows drops a dot at the end of a name" : undefined;
}
