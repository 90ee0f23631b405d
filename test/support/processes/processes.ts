import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";
import type * as fs from "node:fs";
import type { Counter, counterOf, futexOf } from "../regions/counter.mjs";
import { suspend } from "./stops.js";
import { IS_WINDOWS } from "../run/system.js";
import { endOf } from "./ends.mjs";
import type * as Runtime from "@shmgen/runtime";
import type { Region } from "@shmgen/runtime";

export { mappedFrom } from "../regions/mapped.mjs";

const children = new Set<ChildProcess>();
const directories: string[] = [];
// Registered while the file is read: of a hook that is registered in a test nobody hears.
afterAll(() => {
  for (const child of children) child.kill("SIGKILL");
  for (const directory of directories) remove(directory);
});

/** What a thread had mapped that was terminated stays mapped until this process ends, and Windows removes no such file. */
function remove(directory: string): void {
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: IS_WINDOWS ? 10 : 0, retryDelay: 20 });
  } catch (error) {
    if (!IS_WINDOWS || (error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  }
}

/** Where directories of regions are made: in memory, where a system has such a place. */
export const SHARED_FOLDER = process.platform === "linux" ? "/dev/shm" : tmpdir();

/** A directory of regions for one test file, also for the processes that it starts. Removed at the end. */
export function regionDirectory(): string {
  const directory = mkdtempSync(join(SHARED_FOLDER, "shmgen-test-"));
  process.env["SHMGEN_DIR"] = directory;
  directories.push(directory);
  return directory;
}

/** Names in a directory of regions that are not of the platform itself, such as the file that is locked on Windows. */
export function regionsIn(directory: string): string[] {
  return readdirSync(directory).filter((name) => !name.startsWith("."));
}

/** What a function gets that runs in another process. */
export interface ChildContext {
  /** `import(url)`, which the tests' own compiler would rewrite. */
  readonly load: (url: string) => Promise<unknown>;
  readonly Counter: typeof Counter;
  readonly counterOf: typeof counterOf;
  readonly futexOf: typeof futexOf;
  readonly tryExclusive: (fd: number, path: string) => boolean;
  readonly fs: typeof fs;
  readonly runtime: typeof Runtime;
  readonly kept: Record<string, Region<Counter>>;
}

/** Another process. `run` sends a function's source there: it sees its arguments only. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  run<A extends readonly unknown[], T>(work: (context: ChildContext, ...args: A) => T, ...args: A): Promise<Awaited<T>>;
  signal(name: NodeJS.Signals): void;
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
}

export interface ProcessOptions {
  /** Another user than ours, in no group but its own; needs root. */
  readonly uid?: number;
  readonly gid?: number;
  /** Another Node than this one. */
  readonly execPath?: string;
  /** Besides those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export async function startProcess(
  execArgv: readonly string[] = [],
  { env = {}, ...options }: ProcessOptions = {},
): Promise<Child> {
  const child = fork(join(import.meta.dirname, "child.mjs"), {
    execArgv: [...execArgv],
    serialization: "advanced",
    ...options,
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  children.add(child);
  const answers = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const exited = new Promise<Awaited<Child["exited"]>>((resolve) => {
    child.once("exit", (...told) => {
      const { code, signal } = endOf(...told);
      children.delete(child);
      for (const { reject } of answers.values()) reject(new Error(`the process ended: code=${code} signal=${signal}`));
      resolve({ code, signal });
    });
  });
  let ids = 0;
  const ready = new Promise((resolve, reject) => answers.set(0, { resolve, reject }));
  child.on("message", ({ id, value, error }: { id: number; value: unknown; error?: Error }) => {
    const answer = answers.get(id);
    answers.delete(id);
    if (error === undefined) answer?.resolve(value);
    else answer?.reject(Object.assign(new Error(error.message), error));
  });
  await ready;
  return {
    pid: child.pid ?? 0,
    exited,
    run: (work, ...args) =>
      new Promise((resolve, reject) => {
        ids += 1;
        answers.set(ids, { resolve: resolve as (value: unknown) => void, reject });
        child.send({ id: ids, source: work.toString(), args });
      }),
    signal: (name) => child.kill(name),
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
  };
}

export async function startProcesses(count: number): Promise<Child[]> {
  return Promise.all(Array.from({ length: count }, () => startProcess()));
}

/** A process that has a region open. It keeps it: one that nobody refers to is closed when V8 likes. */
export async function holder(name: string): Promise<Child> {
  const child = await startProcess();
  await child.run(({ Counter, kept }, name) => void (kept["it"] = Counter.createOrOpen(name)), name);
  return child;
}

/** A process that stops itself while it initialises a region, which it keeps when it goes on. Killed after the test at the latest. */
export async function initialiser(name: string): Promise<Child> {
  const child = await startProcess();
  // Also when the test fails: nobody else could go on.
  onTestFinished(() => child.kill());
  const running = child.run(({ Counter, kept }, name) => {
    const initialise = () => void process.kill(process.pid, "SIGSTOP");
    kept["it"] = Counter.createOrOpen(name, { initialise });
  }, name);
  running.catch(() => undefined);
  await until(() => stateOf(child.pid) === "T", "stopped in initialise");
  return child;
}

/** Stops a process, and waits until it stands still. */
export async function stop(child: Child): Promise<void> {
  suspend(child);
  await until(() => stateOf(child.pid) === "T", "stopped");
}

/** The letter of a process in /proc/PID/stat, or "gone". */
export function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  } catch {
    return "gone";
  }
}

/** Waits for something that happens soon: within 100 s, however busy the machine is. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 100_000;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`did not happen: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** The code of the error that a call throws; "none" when it throws nothing. */
export function codeOf(call: () => unknown): string {
  try {
    call();
    return "none";
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : `untyped: ${String(error)}`;
  }
}
