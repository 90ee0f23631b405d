/** Sides of buffers and messages in processes of their own: log-child.mjs. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { endOf } from "../processes/ends.mjs";

const CHILD = join(import.meta.dirname, "log-child.mjs");

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it says when all is done. */
  readonly said?: { readonly delivered: number; readonly calls: number };
}
export interface LogSide {
  readonly child: ChildProcess;
  readonly ended: Promise<End>;
  /** When it has its role, or has ended. */
  readonly atWork: Promise<unknown>;
}

const running = new Set<ChildProcess>();

export function killAllSides(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** `args` as those of log-child.mjs. */
export function startSide(...args: readonly (string | number)[]): LogSide {
  const child = fork(CHILD, args.map(String), { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  running.add(child);
  let said: End["said"];
  const ended = new Promise<End>((resolve) => {
    child.once("exit", (code, signal) => {
      running.delete(child);
      resolve({ ...endOf(code, signal), ...(said && { said }) });
    });
  });
  const working = new Promise((resolve) => {
    child.on("message", (message) => {
      if (typeof message === "object") said = message as NonNullable<End["said"]>;
      else resolve(message);
    });
  });
  return { child, ended, atWork: Promise.race([working, ended]) };
}
