/** What macOS has not, one function per situation. */
import { type ShmError, refusal } from "../../errors.js";

const NOT_HERE = "ERR_SHM_UNSUPPORTED";
export const BY_NAME = "use a region with a name, which others open by it";

export function withoutTokens(path: string): ShmError {
  const what = "on macOS nobody opens what another process has open, so memory without a name has no token";
  return refusal(NOT_HERE, what, { path }, BY_NAME);
}

export function withoutSegments(path: string): ShmError {
  const what = "segments of System V are attached on Linux alone, where a mapping can take their place";
  return refusal(NOT_HERE, what, { path }, "attach a file, or memory of shm_open by its descriptor");
}

export function withoutSeals(path: string): ShmError {
  const what =
    "macOS has no seals, so whoever has the memory could shorten it, which ends this process at the next access";
  return refusal(NOT_HERE, what, { path }, BY_NAME);
}

export function withoutNamedMappings(path: string): ShmError {
  const what = "memory that has a name and no path is there on Windows alone";
  return refusal(NOT_HERE, what, { path }, "attach what the program has here: a file");
}
