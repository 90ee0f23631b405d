/** What seqlocks refuse, one function per situation. */
import { refusal } from "../../errors.js";

export function updatesAlready(path: string, field: string): Error {
  const what = "{field}: this thread is within an update of it";
  return refusal("ERR_SHM_BUSY", what, { path, field }, "make all changes in the one update");
}

export function changesTooFast(path: string, field: string): Error {
  const what = "{field}: new values come faster than one can be read";
  return refusal("ERR_SHM_BUSY", what, { path, field });
}

export function unchanged(path: string, field: string, timeoutMs: number): Error {
  return refusal("ERR_SHM_BUSY", "{field} did not change in time", { path, field }, undefined, { timeoutMs });
}
