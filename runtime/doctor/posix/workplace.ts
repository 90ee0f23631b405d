/** Where the probes may make files for a moment. */
import * as fs from "node:fs";
import { dirname } from "node:path";

/** Never through a link, and never in a directory of somebody else. */
export function workplaceOf(directory: string, uid: number): string | undefined {
  try {
    const stat = fs.lstatSync(directory, { throwIfNoEntry: false });
    if (stat !== undefined) return stat.isDirectory() && stat.uid === uid ? directory : undefined;
    const parent = dirname(directory);
    return fs.statSync(parent, { throwIfNoEntry: false })?.isDirectory() === true ? parent : undefined;
  } catch {
    return undefined;
  }
}
