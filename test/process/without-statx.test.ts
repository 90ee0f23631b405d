import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { filesOfAllKinds, KINDS } from "../support/syscalls/files-of-all-kinds.js";
import { ownDirectory, straceWorks } from "../support/syscalls/strace.js";
import { regionDirectory } from "../support/processes/processes.js";

const SUPPORT = join(import.meta.dirname, "../support");
const folder = fs.mkdtempSync(join(tmpdir(), "shmgen-statx-"));
const files = filesOfAllKinds();
const shim = join(folder, "shim.so");
const log = join(folder, "trace");
const base = regionDirectory();
const compiled =
  spawnSync("gcc", ["-shared", "-fPIC", "-o", shim, join(SUPPORT, "c/libc-shim.c"), "-ldl"]).status === 0;

afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

interface Facts {
  /** Questions that the runtime passed on to node:fs. */
  readonly byNode: number;
  readonly ours: readonly unknown[];
  readonly nodes: readonly unknown[];
  readonly open: readonly [ours: unknown, nodes: unknown];
  readonly followed: readonly [ours: unknown, nodes: unknown];
  readonly absent: Readonly<Record<string, unknown>>;
  readonly life: readonly unknown[];
}

/** The facts as a process tells them that runs under these conditions. */
function factsUnder(
  under: readonly string[],
  node: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Facts {
  const [command = "", ...given] = [...under, process.execPath, ...node, join(SUPPORT, "processes/status-facts.mjs")];
  const env = { ...process.env, ...environment, SHMGEN_DIR: ownDirectory(base) };
  const { status, stdout, stderr } = spawnSync(command, [...given, files], { encoding: "utf8", env });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return JSON.parse(stdout) as Facts;
}

/** All that holds with statx and without it. */
function expectAllAsEver({ ours, nodes, open, followed, absent, life }: Facts): void {
  expect(ours).toHaveLength(KINDS.length);
  expect(ours).toEqual(nodes);
  expect(open[0]).toEqual(open[1]);
  expect(followed[0]).toEqual(followed[1]);
  expect(absent).toEqual({
    name: null,
    descriptor: null,
    unreachable: null,
    closed: "ERR_SHM_SYSCALL",
    below: "ERR_SHM_PERMISSION",
    dangling: "ERR_SHM_NOT_FOUND",
  });
  expect(life).toEqual(["created", 5, 1]);
}

/** Calls of statx that strace has answered in the kernel's place. */
const injected = (errno: string): number =>
  fs.readFileSync(log, "utf8").match(new RegExp(`= -1 ${errno} .*\\(INJECTED\\)$`, "gm"))?.length ?? 0;
const refusing = (errno: string): string[] => [
  "strace",
  "-f",
  "-qq",
  "-o",
  log,
  "-e",
  "trace=statx",
  "-e",
  `inject=statx:error=${errno}`,
];

describe("the status of files where statx(2) is missing", () => {
  it("is asked of the C library alone where it is not", () => {
    const facts = factsUnder([]);
    expectAllAsEver(facts);
    expect(facts.byNode).toBe(0);
  });

  it("is asked of node:fs where the C library has no such function", () => {
    const facts = factsUnder([], ["--require", join(SUPPORT, "processes/without-statx.cjs")]);
    expectAllAsEver(facts);
    expect(facts.byNode).toBe(facts.ours.length);
  });

  it.skipIf(!compiled)("is asked of node:fs where the C library's says that the kernel has none", () => {
    const facts = factsUnder([], [], { LD_PRELOAD: shim, SHIM: "no-statx" });
    expectAllAsEver(facts);
    expect(facts.byNode).toBe(facts.ours.length);
  });

  it.skipIf(!straceWorks)("is asked of node:fs where a sandbox refuses the system call", () => {
    const facts = factsUnder(refusing("EPERM"));
    expectAllAsEver(facts);
    expect(facts.byNode).toBe(facts.ours.length);
    expect(injected("EPERM")).toBeGreaterThan(facts.ours.length);
  });

  it.skipIf(!straceWorks)("is the same where the kernel is too old for it, whoever makes up for that", () => {
    expectAllAsEver(factsUnder(refusing("ENOSYS")));
    expect(injected("ENOSYS")).toBeGreaterThan(0);
  });
});
