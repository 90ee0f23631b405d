/** What lies about in the directory of the regions, and the rights that new files have. */
import * as fs from "node:fs";
import { join } from "node:path";
import { fileKey, lockTakers } from "../../os/linux/processes.js";
import { attempt } from "../../os/posix/syscall.js";
import { type Finding, type Found, type Surroundings, bytesText } from "../check.js";
import { statOf } from "../posix/check-directory.js";
import { inOwnNamespace } from "./check-proc.js";
import { textOf } from "./texts.js";

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
export function staleRegions({ directory, uid }: Surroundings): Found<"many"> {
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
