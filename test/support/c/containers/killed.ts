/** Runs kills.c, which kills a process after each instruction of an operation, or one in so many, and looks at what it left. */
import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";

export type Operation =
  | "lock"
  | "write"
  | "push"
  | "pop"
  | "put"
  | "get"
  | "say"
  | "hear"
  | "publish"
  | "set"
  | "add"
  | "drop"
  | "series"
  | "acquire"
  | "push-task"
  | "pop-task"
  | "frame"
  | "work"
  | "leave"
  | "recover"
  | "join";

/** What kills.c says of an operation. `directory`: of the region; `stride`: takes one in so many instructions, `from` one on. */
export function killed(
  program: string,
  {
    operation,
    directory,
    stride = 1,
    from = 1,
    timeoutMs = 110_000,
  }: {
    readonly operation: Operation;
    readonly directory: string;
    readonly stride?: number;
    readonly from?: number;
    readonly timeoutMs?: number;
  },
): string {
  const env = { ...process.env, SHMGEN_DIR: directory };
  const argv = [randomUUID(), operation, `${stride}+${from}`];
  const run = spawnSync(program, argv, { env, encoding: "utf8", timeout: timeoutMs });
  return run.stdout.trim() || `ended with ${run.status ?? run.signal}`;
}
