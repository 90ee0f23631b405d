/** The directory of the regions: whose it is, and who may enter. */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { errorCode } from "../../errors.js";
import { ownUser } from "../../os/posix/accounts.js";
import { octal } from "../../os/posix/refusals.js";
import { attempt } from "../../os/posix/syscall.js";
import type { Found, Surroundings } from "../check.js";

/** Of the path itself, without following a link; undefined when nothing is there. */
export function statOf(path: string): fs.Stats | undefined {
  return attempt(path, () => fs.lstatSync(path, { throwIfNoEntry: false }));
}

type DirectoryFault = "noParent" | "link" | "noDirectory" | "foreign" | "exposed" | "readOnly";

export function directoryOf({ directory, isPrivate, uid }: Surroundings): Found<DirectoryFault> {
  const parent = dirname(directory);
  const stat = statOf(directory);
  if (stat === undefined) {
    const found = `${directory}, not there yet`;
    if (!fs.existsSync(parent)) return { is: "noParent", found, facts: { parent } };
    return writable(parent) ? { is: "ok", found } : { is: "readOnly", found };
  }
  if (stat.isSymbolicLink()) return { is: "link", found: `${directory} is a link` };
  if (!stat.isDirectory()) return { is: "noDirectory", found: `${directory} is no directory` };
  const found = `${directory}, mode ${octal(stat.mode)}, user ${stat.uid}`;
  if (stat.uid !== uid) return { is: "foreign", found, facts: { uid } };
  const forbidden = isPrivate ? 0o077 : 0o022;
  if ((stat.mode & forbidden) !== 0) {
    return { is: "exposed", found, facts: { mode: octal(0o777 & ~forbidden), directory } };
  }
  return writable(directory) ? { is: "ok", found } : { is: "readOnly", found };
}

/** Rights that the owner lacks come back at the first opening; a file system that is read-only stays so. */
function writable(directory: string): boolean {
  try {
    fs.accessSync(directory, fs.constants.W_OK | fs.constants.X_OK);
    return true;
  } catch (error) {
    return errorCode(error) === "EACCES" && ownedByUs(directory);
  }
}

function ownedByUs(directory: string): boolean {
  return fs.statSync(directory).uid === ownUser();
}
