import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What traced.mjs prints when it is ready to be traced. */
const READY = "ready\n";
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

/** The report, whether the process was killed between the marks, and the trace. */
export interface Life {
  readonly report: LifeReport | undefined;
  readonly killed: boolean;
  readonly lines: readonly string[];
}

const isBegin = (line: string): boolean => line.includes("/shmgen-begin");
const isEnd = (line: string): boolean => line.includes("/shmgen-end");
let lives = 0;

/** A new directory below another one. */
export function ownDirectory(base: string): string {
  lives += 1;
  const directory = join(base, `life-${lives}`);
  mkdirSync(directory, { mode: 0o700 });
  return directory;
}

/**
 * One life of the region "life" in a directory of its own, opened with `options`; or another script, with its arguments.
 * It is traced from the first mark on, so that the `when` of an injection counts from there.
 */
export async function liveUnderStrace(
  directory: string,
  injection?: string,
  options = {},
  script: readonly string[] = [SCRIPT, "life", JSON.stringify(options)],
): Promise<Life> {
  lives += 1;
  const log = join(tmpdir(), `shmgen-strace-${process.pid}-${lives}`);
  const gate = `${log}.gate`;
  const env = { ...process.env, SHMGEN_DIR: directory, SHMGEN_TEST_GATE: gate };
  const child = spawn(process.execPath, script, { env, stdio: ["ignore", "pipe", "inherit"] });
  const said = outputOf(child);
  try {
    await until(() => said.text.startsWith(READY), child, said);
    const inject = injection === undefined ? [] : ["-e", `inject=${injection}`];
    const args = ["-f", "-qq", "-o", log, "-e", `trace=${CALLS},access`, ...inject, "-p", String(child.pid)];
    const strace = spawn("strace", args, { stdio: ["ignore", "ignore", "pipe"] });
    const complaints = outputOf(strace);
    // It has begun to trace when it has seen the child look for the gate.
    await until(() => existsSync(log) && readFileSync(log, "utf8").includes(gate), strace, complaints);
    writeFileSync(gate, "");
    await Promise.all([complaints.over, said.over]);
    const lines = readFileSync(log, "utf8").split("\n");
    const printed = said.text.slice(READY.length);
    const report = printed === "" ? undefined : (JSON.parse(printed) as LifeReport);
    const killed = lines.some((line) => line.includes("killed by SIGKILL")) && !lines.some(isEnd);
    return { report, killed, lines };
  } finally {
    child.kill("SIGKILL");
    for (const path of [log, gate]) rmSync(path, { force: true });
  }
}

interface Output {
  text: string;
  readonly over: Promise<unknown>;
}

function outputOf(child: ChildProcess): Output {
  const output = { text: "", over: once(child, "close") };
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (part: string) => (output.text += part));
  }
  return output;
}

/** Fails when the process that it depends on has ended before. */
async function until(isSo: () => boolean, child: ChildProcess, output: Output): Promise<void> {
  while (!isSo()) {
    if (child.exitCode !== null || child.signalCode !== null)
      throw new Error(`${child.spawnfile} has ended: ${output.text}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The calls between the marks in a trace, in order. */
export function callsBetweenMarks(lines: readonly string[]): TracedCall[] {
  const pid = lines.find(isBegin)?.split(" ")[0];
  const counts = new Map<string, number>();
  const calls: TracedCall[] = [];
  let inside = false;
  for (const line of lines) {
    const name = /^(\d+)\s+(\w+)\(/.exec(line);
    if (name?.[1] !== pid || name?.[2] === undefined) continue;
    const when = (counts.get(name[2]) ?? 0) + 1;
    counts.set(name[2], when);
    if (isBegin(line)) inside = true;
    else if (isEnd(line)) inside = false;
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
  const from = lines.findIndex(isBegin);
  const to = lines.findIndex(isEnd);
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

/**
 * Runs `work` for each call, two at a time; again where it says false, which means that the injection did not meet the
 * call. V8 maps memory of its own at its own times, and of /proc/locks there is more or less to read; any other call that
 * is never met is a mistake. Returns how many were met.
 */
export async function meetEach<T extends TracedCall>(
  trials: readonly T[],
  work: (trial: T, index: number) => Promise<boolean>,
): Promise<number> {
  let met = 0;
  await inPairs(trials, async (trial, index) => {
    for (let attempt = 0; attempt < 5; attempt += 1) {
      if (await work(trial, index)) {
        met += 1;
        return;
      }
    }
    if (!/^(mmap|read)$/.test(trial.name)) throw new Error(`call ${trial.when} was never met: ${trial.line}`);
  });
  return met;
}
