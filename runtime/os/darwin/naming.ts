/** Names for what is complete, in one step. @see renamex_np(2) */
import { errnoName, syscallError } from "../posix/syscall.js";
import { NUMBERS } from "./headers.js";
import { darwinCalls } from "./libc.js";

/** Renames, unless the new name is taken: then false. @throws ShmError */
export function renameNoReplace(from: string, to: string, path: string): boolean {
  const c = darwinCalls();
  const result = c.renamex(from, to, NUMBERS.RENAME_EXCL);
  const errno = result === 0 ? "" : errnoName(c.errno());
  if (errno === "EEXIST" || errno === "ENOENT") return false;
  if (errno !== "") throw syscallError("renamex_np", errno, path);
  return true;
}

/** No file is without a name before it has one. */
export function createUnnamed(): undefined {
  return undefined;
}

/** As {@link createUnnamed}. */
export function nameFile(): boolean {
  return false;
}

/** Nothing is opened without rights to look at it, so nobody knows that it is ours before its mode is changed. */
export function regainAccess(): boolean {
  return false;
}
