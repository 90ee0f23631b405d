/**
 * Names in directories. They are given to what is complete, replaced and taken away in one step each: others see the old file, the
 * new one, or none. What Node lacks for it is in own-calls.ts.
 */
import { fs } from "../node.js";
import type { NameEntry } from "../contract.js";
import { attemptOnName } from "./sticky.js";
import { attempt, attemptUnless } from "./syscall.js";

/** Whatever has the name `to` loses it in the same step. `remedy` as for {@link deleteName}. @throws ShmError */
export function replaceName(from: string, to: string, path: string, remedy: string): void {
  attemptOnName(to, path, remedy, () => fs.renameSync(from, to));
}

/**
 * Takes a name away. Where only somebody else may, and there is a `remedy`, the error says who: "let user 4711 or root <remedy>".
 * @throws ShmError
 */
export function deleteName(file: string, path: string, remedy?: string): void {
  const call = (): void => fs.unlinkSync(file);
  if (remedy === undefined) attempt(path, call);
  else attemptOnName(file, path, remedy, call);
}

/** As {@link deleteName}; nothing to do when nothing has the name. @throws ShmError */
export function deleteNameIfPresent(file: string, path: string, remedy?: string): void {
  const call = (): void => attemptUnless(path, ["ENOENT"], () => fs.unlinkSync(file));
  if (remedy === undefined) call();
  else attemptOnName(file, path, remedy, call);
}

/** Whether a path leads anywhere, through links too. Never throws. */
export function isThere(path: string): boolean {
  return fs.existsSync(path);
}

/** @throws ShmError */
export function namesIn(directory: string, path: string): NameEntry[] {
  return attempt(path, () => fs.readdirSync(directory, { withFileTypes: true }));
}

/** None where there is no such directory. @throws ShmError */
export function namesIfThere(directory: string): NameEntry[] {
  return attemptUnless(directory, ["ENOENT"], () => fs.readdirSync(directory, { withFileTypes: true })) ?? [];
}

/** Every name of a region can be that of a file. */
export function unusableName(): undefined {
  return undefined;
}
