/** Processes that call a platform's functions for a contract test. */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach } from "vitest";
import { SHARED_FOLDER } from "../support/processes/processes.js";

const children = new Set<ChildProcess>();

/** A directory of its own for each test file, in memory where there is such a place. Removed at the end. */
export function contractDirectory(): string {
  const directory = mkdtempSync(join(SHARED_FOLDER, "shmgen-contract-"));
  afterEach(() => {
    for (const child of children) child.kill("SIGKILL");
    children.clear();
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Another process. */
export interface Peer {
  readonly pid: number;
  /** Calls a function of the platform there, or one of peer.mjs. */
  call<T>(name: string, ...args: readonly unknown[]): Promise<T>;
  /** Resolves when it says so. */
  event(name: string): Promise<void>;
  /** SIGKILL, and waits until it has gone. */
  kill(): Promise<void>;
}

interface Answer {
  readonly id?: number;
  readonly event?: string;
  readonly result?: unknown;
  readonly error?: { readonly code?: string; readonly message: string };
}

/** `platform` is the address of the module that is under test. */
export async function startPeer(platform: string): Promise<Peer> {
  const child = fork(join(import.meta.dirname, "peer.mjs"), [platform], { execArgv: [], serialization: "advanced" });
  children.add(child);
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  const events = new Map<string, number>();
  const listeners = new Map<string, (() => void)[]>();
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => {
      for (const { reject } of waiting.values()) reject(new Error("the process has ended"));
      resolve();
    });
  });
  child.on("message", ({ id = -1, event, result, error }: Answer) => {
    if (event !== undefined) {
      const next = listeners.get(event)?.shift();
      if (next === undefined) events.set(event, (events.get(event) ?? 0) + 1);
      else next();
      return;
    }
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(Object.assign(new Error(error.message), { code: error.code }));
  });
  let ids = 0;
  const peer: Peer = {
    pid: child.pid ?? -1,
    call: <T>(name: string, ...args: readonly unknown[]) =>
      new Promise<T>((resolve, reject) => {
        const id = (ids += 1);
        waiting.set(id, { resolve: (value) => resolve(value as T), reject });
        child.send({ id, name, args });
      }),
    event: (name) =>
      new Promise<void>((resolve) => {
        const seen = events.get(name) ?? 0;
        if (seen > 0) {
          events.set(name, seen - 1);
          resolve();
        } else listeners.set(name, [...(listeners.get(name) ?? []), resolve]);
      }),
    kill: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
  await peer.event("ready");
  return peer;
}
