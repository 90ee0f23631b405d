/** What all platforms refuse in the same words. */
import { type ShmError, refusal } from "../errors.js";

/** `found`: what it is instead. */
export function notAFile(path: string, found: string, remedy = "remove it, or choose another name"): ShmError {
  return refusal("ERR_SHM_FOREIGN", "it is not a regular file", { path, found }, remedy);
}

export function fileHasLinks(path: string, found: number): ShmError {
  const what = "the region's file has hard links, so it has other names";
  return refusal("ERR_SHM_FOREIGN", what, { path, expected: 1, found }, "remove it, or choose another name");
}
