import { relative, resolve } from "node:path";
import { toSlashes } from "../config/glob.js";

/** A path of the project as the user sees it from where the command works. */
export function shownPath(base: string, root: string, path: string): string {
  return toSlashes(relative(base, resolve(root, path))) || ".";
}
