import type * as fs from "node:fs";
import type { Region } from "@shmgen/runtime";
import type { Counter, counterOf, futexOf } from "../regions/counter.mjs";

/** What a function gets that runs in a worker. */
export interface ThreadContext {
  readonly Counter: typeof Counter;
  readonly counterOf: typeof counterOf;
  readonly futexOf: typeof futexOf;
  readonly fs: typeof fs;
  readonly startThread: typeof startThread;
  /** `import(url)`, which the tests' own compiler would rewrite. */
  readonly load: (url: string) => Promise<unknown>;
  readonly kept: Record<string, Region<Counter>>;
}

/** A worker. `run` sends a function's source there: it sees its arguments only. */
export interface Thread {
  readonly exited: Promise<unknown>;
  run<A extends readonly unknown[], T>(
    work: (context: ThreadContext, ...args: A) => T,
    ...args: A
  ): Promise<Awaited<T>>;
  /** `worker.terminate()`. */
  end(): Promise<number>;
}
export function startThread(): Promise<Thread>;
export function startThreads(count: number): Promise<Thread[]>;
