/**
 * The watch behind {@link Region.onRemoved}: looks where the region's name leads, one system call for each look.
 *
 * A word in the header that is notified by who removes it would not know of `rm`, of cleaners, or of somebody who is killed in between; and
 * the events of a directory (inotify) come for each file in it, of which there may be thousands that open and close each second.
 */
import type { FileId } from "../os/contract.js";
import { statOf } from "../os/index.js";
import { Failures, type WatchOptions, callListener, lookOften } from "../wait/watches.js";

/** What has become of a region's name. Its memory stays as it is, for all who have it open. */
export interface RegionRemoval {
  readonly path: string;
  /** Whether the path leads to another file now, such as a region of the same name that somebody has made since. */
  readonly replaced: boolean;
}

/** Options of {@link Region.onRemoved}. */
export type OnRemovedOptions = WatchOptions;

export function watchName(
  file: FileId,
  path: string,
  listener: (removal: RegionRemoval) => void,
  { signal, onError }: WatchOptions,
  stat: (path: string) => FileId | undefined = statOf,
): () => void {
  const warning = { what: "the name of an open region cannot be looked after", path, code: "SHM_REMOVAL_MISSED" };
  const failures = new Failures(onError, warning);
  let isOver = false;
  const look = (): void => {
    try {
      const found = stat(path);
      failures.worked();
      if (isOver || (found !== undefined && found.dev === file.dev && found.ino === file.ino)) return;
      end();
      callListener(() => listener({ path, replaced: found !== undefined }));
    } catch (error) {
      failures.tell(error);
    }
  };
  const endOfLooks = lookOften(look, { signal });
  const end = (): void => {
    isOver = true;
    endOfLooks();
  };
  return end;
}
