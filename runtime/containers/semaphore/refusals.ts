/** What semaphores refuse, one function per situation. */
import { refusal } from "../../errors.js";

/** All permits are taken. `holders` are some of those who have them. */
export function noPermit(path: string, field: string, holders: string, timeoutMs: number): Error {
  const what = "{field}: all permits are taken, and none came back in time";
  return refusal("ERR_SHM_BUSY", what, { path, field }, undefined, { holders, timeoutMs });
}

export function allPermitsOwn(path: string, field: string): Error {
  const remedy = "release one first, or wait for one by acquireAsync";
  return refusal("ERR_SHM_BUSY", "{field}: this thread has all permits already", { path, field }, remedy);
}
