import { execFile, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SCRIPT = join(import.meta.dirname, "one-life.mjs");
/** Calls that touch a region, its directory or its memory. */
const CALLS =
  "openat,statx,newfstatat,fstat,lstat,flock,fchmod,close,fallocate,mmap,pread64,read,getdents64,unlink,unlinkat,mkdir,chmod,fchown,linkat,rename,fsync,renameat2,rmdir";

/** False, with the reason, where strace is missing or may not trace. */
export const straceWorks = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;

/** One system call of the main thread between the marks: the `when`-th of its name since the process began. */
export interface TracedCall {
  readonly name: string;
  readonly when: number;
  readonly line: string;
}

/** What one-life.mjs printed; undefined when it died before. */
export interface LifeReport {
  readonly outcome: string;
  readonly code: string;
  readonly message: string;
  readonly descriptors: number;
  readonly mappings: number;
}

/** The report, how the process ended, and the last traced call. */
export interface Life {
  readonly report: LifeReport | undefined;
  readonly killed: boolean;
  readonly last: string;
  readonly lines: readonly string[];
}

let lives = 0;

/** A new directory below another one. */
export function ownDirectory(base: string): string {
  lives += 1;
  const directory = join(base, `life-${lives}`);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/** One life of the region "life" in a directory of its own, opened with `options`; or another script, with its arguments. */
export async function liveUnderStrace(
  directory: string,
  injection?: string,
  options = {},
  script: readonly string[] = [SCRIPT, "life", JSON.stringify(options)],
): Promise<Life> {
  lives += 1;
  const log = join(tmpdir(), `shmgen-strace-${process.pid}-${lives}`);
  const inject = injection === undefined ? [] : ["-e", `inject=${injection}`];
  const args = ["-f", "-qq", "-o", log, "-e", `trace=${CALLS},access`, ...inject, process.execPath, ...script];
  const env = { ...process.env, SHMGEN_DIR: directory };
  const stdout = await new Promise<string>((resolve) => {
    execFile("strace", args, { env }, (_error, out) => resolve(out));
  });
  const lines = readFileSync(log, "utf8").split("\n");
  rmSync(log);
  const report = stdout === "" ? undefined : (JSON.parse(stdout) as LifeReport);
  const killed = lines.some((line) => line.includes("killed by SIGKILL"));
  return { report, killed, last: lines.findLast((line) => line.includes("(")) ?? "", lines };
}

/** The calls between the marks in a trace, in order. */
export function callsBetweenMarks(lines: readonly string[]): TracedCall[] {
  const pid = lines.find((line) => line.includes("/shmgen-begin"))?.split(" ")[0];
  const counts = new Map<string, number>();
  const calls: TracedCall[] = [];
  let inside = false;
  for (const line of lines) {
    const name = /^(\d+)\s+(\w+)\(/.exec(line);
    if (name?.[1] !== pid || name?.[2] === undefined) continue;
    const when = (counts.get(name[2]) ?? 0) + 1;
    counts.set(name[2], when);
    if (line.includes("/shmgen-begin")) inside = true;
    else if (line.includes("/shmgen-end")) inside = false;
    else if (inside && name[2] !== "access") calls.push({ name: name[2], when, line });
  }
  return calls;
}

/**
 * A filter for calls that are made every time: of /proc/locks there is more to read while other programs have many locks.
 * Reads that follow an open are the first of their file.
 */
export function isSteady({ name }: TracedCall, at: number, all: readonly TracedCall[]): boolean {
  return name !== "read" || all[at - 1]?.name === "openat";
}

/** The call that was made to fail, if it was one between the marks that touches a region; V8's own calls come and go. */
export function failedCall(lines: readonly string[]): string | undefined {
  const from = lines.findIndex((line) => line.includes("/shmgen-begin"));
  const to = lines.findIndex((line) => line.includes("/shmgen-end"));
  const at = lines.findIndex((line) => line.includes("(INJECTED)"));
  const line = lines[at];
  if (line === undefined || from === -1 || at < from || (to !== -1 && at > to)) return undefined;
  return line.includes(" mmap(") && !/MAP_SHARED|MAP_NORESERVE/.test(line) ? undefined : line;
}

/** Runs `work` for all items, two at a time. */
export async function inPairs<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next;
      next += 1;
      await work(items[index] as T, index);
    }
  };
  await Promise.all([lane(), lane()]);
}
