/** Files of the disk as the front end asks for them. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { relative, resolve } from "node:path";
import { toSlashes } from "./glob.js";

/** The disk seen from `root`, a path without links. A folder, a FIFO or what may not be looked at is no file. */
export function diskSeenFrom(root: string): {
  realPath(path: string): string | undefined;
  readText(path: string): string | undefined;
} {
  const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const attempt = <T>(look: () => T | undefined): T | undefined => {
    try {
      return look();
    } catch {
      return undefined;
    }
  };
  return {
    realPath: (path) =>
      attempt(() => {
        const absolute = resolve(root, path);
        // The system's own realpath gives the case that is on disk, too.
        return isFile(absolute) ? toSlashes(relative(root, realpathSync.native(absolute))) : undefined;
      }),
    readText: (path) =>
      attempt(() => (isFile(resolve(root, path)) ? readFileSync(resolve(root, path), "utf8") : undefined)),
  };
}
