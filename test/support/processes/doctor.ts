/** The doctor in processes of its own, under conditions that it has to notice. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect } from "vitest";
import type { Check } from "@shmgen/runtime/doctor";
import { ownDirectory, straceWorks } from "../syscalls/strace.js";
import { regionDirectory } from "./processes.js";

export const base = regionDirectory();
export const folder = fs.mkdtempSync(join(tmpdir(), "shmgen-doctor-"));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

export const works = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
export const mountsWork = works("unshare", "-m", "mount", "-t", "tmpfs", "-o", "size=64k", "none", folder);
export const namespacesWork = works("unshare", "--pid", "--fork", "--mount-proc", "true");
export const isRoot = process.geteuid?.() === 0;
export const traced = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
export const mounted = mountsWork ? "" : " (skipped: needs the right to mount)";
export const namespaced = namespacesWork ? "" : " (skipped: needs the right to make namespaces)";
export const rooted = isRoot ? "" : " (skipped: needs root)";

export const SUPPORT = join(import.meta.dirname, "..");
export const shim = join(folder, "shim.so");
export const compiled = works("gcc", "-shared", "-fPIC", "-o", shim, join(SUPPORT, "c/libc-shim.c"), "-ldl");
export const shimmed = compiled ? "" : " (skipped: needs gcc)";

export interface Conditions {
  /** Of the doctor, and of examine.mjs. */
  readonly options?: {
    readonly directory?: string;
    readonly root?: string;
    readonly euid?: number;
    readonly door?: string;
    readonly only?: readonly string[];
  };
  /** A command that runs the one behind it, such as `prlimit --nofile=30`. */
  readonly under?: readonly string[];
  readonly node?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** What was said about each check when it was not well. */
export const seen = new Set<string>();

/** The doctor's word on one check, in a process of its own under these conditions. */
export function examine(id: string, conditions: Conditions = {}): Check {
  return found(id, everything({ ...conditions, options: { ...conditions.options, only: [id] } }));
}

export function everything({ options = {}, under = [], node = [], env = {} }: Conditions): Check[] {
  const argument = JSON.stringify({ directory: ownDirectory(base), ...options });
  const [command = "", ...args] = [
    ...under,
    process.execPath,
    ...node,
    join(SUPPORT, "processes/examine.mjs"),
    argument,
  ];
  const run = spawnSync(command, args, { encoding: "utf8", env: { ...process.env, ...env }, timeout: 60_000 });
  expect(run.status, `${command} ${args.join(" ")}\n${run.stderr}`).toBe(0);
  return JSON.parse(run.stdout) as Check[];
}

export function found(id: string, checks: readonly Check[]): Check {
  const check = checks.find((one) => one.id === id);
  if (check === undefined) throw new Error(`no check ${id}`);
  if (check.status === "problem" || check.status === "warning") {
    seen.add(id);
    // Whoever is warned is told what to do, with nothing left to fill in.
    expect(check.expected).toBeTruthy();
    expect(check.remedy).toBeTruthy();
    expect(JSON.stringify(check)).not.toMatch(/[^\w]\{\w+\}/);
  }
  return check;
}

/** Node runs this before the doctor. */
export const before = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];
export const replace = (what: string, value: string): string[] =>
  before(`Object.defineProperty(${what}, { value: ${value} })`);
export const inject = (calls: string): string[] => ["strace", "-f", "-qq", "-o", "/dev/null", "-e", `inject=${calls}`];
export const inMounts = (script: string): string[] => ["unshare", "-m", "sh", "-ec", `${script}; exec "$@"`, "sh"];
export const withShim = (name: string): Conditions => ({ env: { LD_PRELOAD: shim, SHIM: name } });
