/** Memory without a name: a file that has lost it. */
import type { NamelessMemory, OpenDirectory } from "../contract.js";
import { createFile } from "../posix/files.js";
import { setMode } from "../posix/mode.js";
import { OWN_FILE } from "../posix/modes.js";
import { deleteName } from "../posix/names.js";
import { closeQuietly } from "../posix/syscall.js";
import { randomHex } from "../random.js";

/**
 * A file that loses its name at once. Nothing seals it, and nobody opens it again. A death in between leaves an empty file, with a name that
 * none of ours has.
 */
export function createTemporary({ path: directory }: OpenDirectory, path: string): NamelessMemory {
  const name = `.nameless-${randomHex(8)}`;
  const file = `${directory}/${name}`;
  const fd = createFile(file, path);
  try {
    deleteName(file, path);
    setMode(fd, OWN_FILE, path);
    return { fd, path: `${path}/${name}`, sealed: false };
  } catch (error) {
    closeQuietly(fd);
    throw error;
  }
}
