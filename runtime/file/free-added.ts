/** What becomes of the blocks that an allocation has added to a file before it failed. */
import { freeBlocks, sizeOf } from "../os/index.js";

/**
 * Gives back the blocks from byte `before` to the end of the file: some file systems undo a failed allocation themselves, others
 * keep what they had got so far. The file stays as long as it is. The caller has its exclusive lock, so nobody relies on them.
 * Never throws: what the allocation failed with is what the user needs to know.
 */
export function freeAdded(fd: number, before: number, path: string): void {
  try {
    freeBlocks(fd, before, sizeOf(fd, path), path);
  } catch {
    // The blocks stay with the file until somebody uses or removes it.
  }
}
