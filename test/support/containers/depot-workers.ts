/** Those who work in a depot, each until it is killed or all is done: processes in Node or in C, and threads of this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import type { SharedRegion } from "@shmgen/runtime";
import { type Compiler, COMPILERS, compileProgram, STRICT_FLAGS } from "../c/gcc.js";
import type { Depots, Mapping } from "./depots.js";
import { endOf } from "../processes/ends.mjs";

const CHILD = join(import.meta.dirname, "depot-child.mjs");
const SOURCE = join(import.meta.dirname, "../c/containers/depot-child.c");
const LIBRARY = join(import.meta.dirname, "../../../generator/c-runtime");

/** Where one works: processes are named by their languages. */
export type Kind = "Node" | "C" | "thread";

/** What one is to do, in the region that was made last: see depot-child.mjs. */
export interface Work {
  readonly role: string;
  readonly field: string;
  readonly most: number;
  /** Of those in Node. */
  readonly mapping: Mapping;
}

export interface Life {
  readonly kind: Kind;
  readonly role: string;
  /** When it is at work, or has ended. */
  readonly atWork: Promise<unknown>;
  /** "killed", or 0 when it has come to its end by itself, or what was wrong. */
  readonly ended: Promise<unknown>;
  /** Ends it in the midst of what it does. False when it has ended before. */
  kill(): boolean;
  /** None for a thread, which cannot be stopped. */
  readonly process?: ChildProcess;
}

/** Compiles depot-child.c for depots that have a header: the path of the program. */
export function depotProgram({ url }: Depots): string {
  const folder = fileURLToPath(new URL(".", url));
  const program = join(folder, "depot-child");
  const flags = [...STRICT_FLAGS, "-O2", "-I", folder, "-I", LIBRARY];
  compileProgram(COMPILERS[0] as Compiler, { folder, source: SOURCE, program, flags });
  return program;
}

/** `program` is what those in C run. */
export function startLife(kind: Kind, depots: Depots, work: Work, program = ""): Life {
  const { role, field, most, mapping } = work;
  const common = [depots.name(), role, field, `${most}`];
  if (kind === "C") return lifeOf(kind, role, spawn(program, common, { stdio: ["ignore", "pipe", "inherit"] }));
  const argv = [...common, depots.url, mapping];
  if (kind === "thread") return thread(role, argv, sharedAs(mapping, depots));
  return lifeOf(kind, role, spawn(process.execPath, [CHILD, ...argv], { stdio: ["ignore", "pipe", "inherit"] }));
}

/** What a thread is given of the region that was made last; one that is mapped as "view" cannot be shared, and is opened. */
export function sharedAs(mapping: Mapping, depots: Depots): SharedRegion | null {
  return mapping === "wasm" ? depots.region().share() : null;
}

function lifeOf(kind: Kind, role: string, child: ChildProcess): Life {
  const ended = new Promise((resolve) => {
    child.once("exit", (...told) => {
      const { code, signal } = endOf(...told);
      resolve(signal === "SIGKILL" ? "killed" : (signal ?? code));
    });
  });
  const working = new Promise((resolve) => child.stdout?.once("data", resolve));
  return {
    kind,
    role,
    ended,
    atWork: Promise.race([working, ended]),
    kill: () => child.kill("SIGKILL"),
    process: child,
  };
}

function thread(role: string, argv: string[], workerData: unknown): Life {
  const worker = new Worker(CHILD, { argv, workerData });
  let isKilled = false;
  let hasEnded = false;
  const ended = new Promise((resolve) => {
    worker.once("error", resolve);
    worker.once("exit", (code) => {
      hasEnded = true;
      resolve(isKilled ? "killed" : code);
    });
  });
  const working = new Promise((resolve) => worker.once("message", resolve));
  return {
    kind: "thread",
    role,
    ended,
    atWork: Promise.race([working, ended]),
    kill() {
      if (hasEnded) return false;
      isKilled = true;
      void worker.terminate();
      return true;
    },
  };
}
