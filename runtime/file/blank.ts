/**
 * Files that begin like a region which nobody has stored anything in. Such a file is ours if it holds nothing at all, and to be
 * sure of that takes time, which whoever made it chooses: holes are skipped, and there is an end to what is read.
 */
import { searchData } from "../os/index.js";
import { type Deadline, remaining } from "../wait/clock.js";
import type { AnyVerdict } from "../format/verdict.js";

/** Of these many bytes a judgement was made already. */
const JUDGED = 128;
/** Bytes that are looked at with the lifecycle lock, which is held for microseconds. The rest is looked at without it. */
export const SEARCHED_AT_ONCE = 1 << 16;
/** Bytes of zeros that are read at most: a tenth of a second. Memory that nobody has stored into is a hole on most systems. */
const READ_MAX = 256 << 20;
/** Bytes that are read even when the time of the call has been used up by waiting. */
const READ_ANYWAY = 16 << 20;

/** What a file holds behind the bytes that were judged. "unknown": zeros as far as was read. */
export type Content = "zeros" | "data" | "unknown";

/** What of a file is looked at. Sizes are bytes. */
export interface SearchedFile {
  readonly fd: number;
  readonly size: number;
  readonly path: string;
}

/** Whether the verdict on the first bytes holds only if all others are zero, too, and there are others among the first {@link SEARCHED_AT_ONCE} bytes. */
export function hasDataNearStart(verdict: AnyVerdict, { fd, size, path }: SearchedFile): boolean {
  if (!("zeros" in verdict) || !verdict.zeros) return false;
  return searchData({ fd, from: JUDGED, to: Math.min(size, SEARCHED_AT_ONCE), path }) === "data";
}

/**
 * Looks through the whole file, at most until the deadline. `planned` is the size of the region that the caller is about to
 * make: a file of just that size is most likely the caller's own, and read as far as the time allows.
 */
export function contentOf({ fd, size, path }: SearchedFile, deadline: Deadline, planned?: number): Content {
  const most = size === planned ? Infinity : READ_MAX;
  const goesOn = (read: number): boolean => read < READ_ANYWAY || (read < most && remaining(deadline) > 0);
  return searchData({ fd, from: JUDGED, to: size, path, goesOn });
}
