/** What is mounted where, from /proc/self/mountinfo. @see proc_pid_mountinfo(5) */
import * as fs from "node:fs";
import { dirname } from "node:path";
import { textOf } from "./texts.js";

/** One mounted file system. */
export interface Mount {
  readonly point: string;
  readonly type: string;
  /** Of this mount and of its file system. */
  readonly options: readonly string[];
}

/** The mount that a path lies on; undefined without /proc. Of a path that is not there yet, that of its parent. */
export function mountOf(path: string): Mount | undefined {
  const real = realPath(path);
  // Later mounts cover earlier ones at the same point.
  return mounts()
    .filter(({ point }) => point === "/" || real === point || real.startsWith(`${point}/`))
    .reduce<Mount | undefined>(
      (best, mount) => (mount.point.length >= (best?.point.length ?? 0) ? mount : best),
      undefined,
    );
}

function mounts(): Mount[] {
  const lines = (textOf("/proc/self/mountinfo") ?? "").split("\n").filter((line) => line !== "");
  return lines.map((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [, , , , point = "", options = ""] = before.split(" ");
    const [type = "", , superOptions = ""] = after.split(" ");
    return { point: unescaped(point), type, options: [...options.split(","), ...superOptions.split(",")] };
  });
}

/** Blanks and the like stand there as `\040`. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(parseInt(digits, 8)));
}

function realPath(path: string): string {
  for (let existing = path; ; existing = dirname(existing)) {
    if (fs.existsSync(existing)) return fs.realpathSync(existing);
    if (existing === dirname(existing)) return existing;
  }
}
