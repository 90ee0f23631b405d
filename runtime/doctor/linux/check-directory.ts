/** The directory of the regions: whose it is, who may enter, and what lies about in it. */
import * as fs from "node:fs";
import { dirname, join } from "node:path";
import { errorCode } from "../../errors.js";
import { ownUser } from "../../os/posix/accounts.js";
import { fileKey, lockTakers } from "../../os/linux/processes.js";
import { octal } from "../../os/posix/refusals.js";
import { attempt } from "../../os/posix/syscall.js";
import { type Finding, type Surroundings, bytesText } from "../check.js";
import { inOwnNamespace } from "./check-proc.js";
import { textOf } from "./scratch.js";

/** Of the path itself, without following a link; undefined when nothing is there. */
function statOf(path: string): fs.Stats | undefined {
  return attempt(path, () => fs.lstatSync(path, { throwIfNoEntry: false }));
}

export function directoryOf({ directory, isPrivate, uid }: Surroundings): Finding<"directory"> {
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

/** From /proc, because `process.umask()` sets it for a moment. */
export function umaskOf(): Finding<"umask"> {
  const digits = /^Umask:\s+([0-7]+)$/m.exec(textOf("/proc/self/status") ?? "")?.[1];
  if (digits === undefined) return { is: "skipped", found: "needs /proc" };
  return { is: (parseInt(digits, 8) & 0o700) === 0 ? "ok" : "takesOwner", found: digits.padStart(4, "0") };
}

/** More are not looked at: the check is to take no time. */
const LOOKED_AT = 2000;
const MANY = 100;

/** Takes no lock, which others might meet: /proc/locks says whose regions are open. */
export function staleRegions({ directory, uid }: Surroundings): Finding<"stale-regions"> {
  if (!statOf(directory)?.isDirectory()) return { is: "ok", found: "none" };
  if (textOf("/proc/locks") === undefined) return { is: "skipped", found: "needs /proc/locks" };
  if (inOwnNamespace() !== false) return { is: "skipped", found: "holders elsewhere would not show" };
  const names = attempt(directory, () => fs.readdirSync(directory)).filter((name) => /^[A-Za-z0-9]/.test(name));
  const files = names.slice(0, LOOKED_AT).flatMap((name) => {
    const stat = statOf(join(directory, name));
    return stat?.isFile() === true && stat.uid === uid ? [{ key: fileKey(stat), size: stat.blocks * 512 }] : [];
  });
  const keys = new Set(files.map(({ key }) => key));
  // Twice, because one reading may miss a lock.
  const readings = [lockTakers(keys), lockTakers(keys)];
  const stale = files.filter(({ key }) => !readings.some((takers) => takers.has(key)));
  const count = stale.length;
  const bytes = stale.reduce((sum, { size }) => sum + size, 0);
  const found = count === 0 ? "none" : `${count} of ${names.length} files, ${bytesText(bytes)}`;
  const { bsize, blocks } = attempt(directory, () => fs.statfsSync(directory));
  const large = blocks > 0 && bytes * 10 > bsize * blocks;
  return { is: count > MANY || large ? "many" : "ok", found };
}
