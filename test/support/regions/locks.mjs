/** What the kernel has locked, for tests and the scripts they run; in plain JavaScript for those. */
import * as fs from "node:fs";

/**
 * The flocks on a file, "READ" or "WRITE" each. The kernel gives /proc/locks a page at a time: while other programs lock and
 * unlock, a line may come twice or not at all, so what counts is what three readings in a row agree on.
 */
export function locksOn(file) {
  let last = readLocksOn(file);
  for (let agreed = 1; agreed < 3;) {
    const next = readLocksOn(file);
    agreed = next.join() === last.join() ? agreed + 1 : 1;
    last = next;
  }
  return last;
}

function readLocksOn(file) {
  const key = lockKey(file);
  const lines = fs.readFileSync("/proc/locks", "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, mode, place = ""] = /FLOCK\s+ADVISORY\s+(READ|WRITE)\s+-?\d+\s+(\S+)/.exec(line) ?? [];
    return mode !== undefined && place === key ? [mode] : [];
  });
}

/** As /proc/locks names a file: `00:1a:17`. The inode's number alone may be that of a file on another mount as well. */
function lockKey({ dev, ino }) {
  const hex = (value) => value.toString(16).padStart(2, "0");
  return `${hex((dev >>> 8) & 0xfff)}:${hex((dev & 0xff) | ((dev >>> 12) & 0xfff00))}:${ino}`;
}
