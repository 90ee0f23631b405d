/** Runs all checks, in the order of their words, and puts what they find into words. */
import { printable } from "../../schema/printable.js";
import { errorMessage } from "../errors.js";
import {
  type Check,
  type CheckId,
  type CheckOptions,
  type Probe,
  type Surroundings,
  deniedByNode,
  surroundingsOf,
} from "./check.js";
import { shmShared } from "./linux/check-apart.js";
import { atomicsCanary, futexAcross, futexWaitv } from "./linux/check-atomics.js";
import { directoryOf, staleRegions, umaskOf } from "./linux/check-directory.js";
import { fallocateHolds, flockHolds } from "./linux/check-files.js";
import { addressSpace, fileSize, openFiles } from "./linux/check-limits.js";
import { memfdSeals, viewMapping, wasmMemory } from "./linux/check-memory.js";
import { externalBuffers, koffiLoads, nodeVersion, permissionModel, platform, processor } from "./linux/check-node.js";
import { pidNamespace, procMounted, protectedSysctls } from "./linux/check-proc.js";
import { shmInodes, shmMount, shmSpace } from "./linux/check-space.js";
import { removeIpc, tmpCleaner } from "./linux/check-systemd.js";
import { WORDS, type Verdict } from "./linux/words.js";

const PROBES: { readonly [Id in CheckId]: Probe<Id> } = {
  "node-version": nodeVersion,
  platform,
  processor,
  "permission-model": permissionModel,
  koffi: koffiLoads,
  "external-buffers": externalBuffers,
  "address-space": addressSpace,
  "wasm-memory": wasmMemory,
  "view-mapping": viewMapping,
  "shm-mount": shmMount,
  "shm-space": shmSpace,
  "shm-inodes": shmInodes,
  "shm-shared": shmShared,
  directory: directoryOf,
  umask: umaskOf,
  flock: flockHolds,
  fallocate: fallocateHolds,
  "file-size": fileSize,
  memfd: memfdSeals,
  futex: futexAcross,
  "futex-waitv": futexWaitv,
  "atomics-canary": atomicsCanary,
  "open-files": openFiles,
  "remove-ipc": removeIpc,
  "tmp-cleaner": tmpCleaner,
  "protected-sysctls": protectedSysctls,
  proc: procMounted,
  "pid-namespace": pidNamespace,
  "stale-regions": staleRegions,
};

/** Checks that call the C library. */
const NATIVE: ReadonlySet<CheckId> = new Set([
  "wasm-memory",
  "view-mapping",
  "flock",
  "fallocate",
  "memfd",
  "futex",
  "futex-waitv",
  "atomics-canary",
]);

/** Checks that others depend on. */
const NEEDED: ReadonlySet<CheckId> = new Set(["platform", "koffi", "wasm-memory", "view-mapping"]);

/** Checks in which two processes meet in a file that both have mapped. */
const SHARED: ReadonlySet<CheckId> = new Set(["futex", "atomics-canary"]);

/** Checks that have a meaning wherever Node runs. */
const ANYWHERE: ReadonlySet<CheckId> = new Set(["node-version", "platform", "processor", "permission-model"]);

/**
 * Looks at everything that regions need: Node, koffi, memory, the directory and its file system, locks, futexes, limits,
 * and what removes files. Takes about half a second, and calls two child processes. Changes nothing: the files that it
 * needs are removed from the directory as soon as they are open. Never throws for what it finds.
 */
export async function checkEnvironment(options: CheckOptions = {}): Promise<readonly Check[]> {
  const surroundings = surroundingsOf(options);
  const { only } = options;
  const checks: Check[] = [];
  for (const id of Object.keys(WORDS) as CheckId[]) {
    if (only !== undefined && !only.includes(id) && !NEEDED.has(id)) continue;
    const why = obstacle(id, checks);
    checks.push(why === undefined ? await examine(id, surroundings) : worded(id, "skipped", why));
  }
  return only === undefined ? checks : checks.filter(({ id }) => only.includes(id));
}

function obstacle(id: CheckId, checks: readonly Check[]): string | undefined {
  const failed = (needed: CheckId): boolean => checks.find((check) => check.id === needed)?.status === "problem";
  if (failed("platform") && !ANYWHERE.has(id)) return "needs Linux";
  if (failed("koffi") && NATIVE.has(id)) return "needs koffi";
  if ((failed("wasm-memory") || failed("view-mapping")) && SHARED.has(id)) return "needs mapped files";
  return undefined;
}

async function examine<Id extends CheckId>(id: Id, surroundings: Surroundings): Promise<Check> {
  try {
    const probe: Probe<Id> = PROBES[id];
    const { is, found, facts } = await probe(surroundings);
    return worded(id, String(is), found, facts);
  } catch (error) {
    if (deniedByNode(error)) return worded(id, "skipped", "Node's permission model denies it");
    const found = printable(errorMessage(error));
    const remedy = "if the message does not say what to do, report it with the output of this command";
    return { id, title: WORDS[id].title, status: "problem", found, expected: "no error", remedy };
  }
}

/** What is found may name files and processes of others. */
function worded(id: CheckId, is: string, text: string, facts: Readonly<Record<string, string | number>> = {}): Check {
  const { title } = WORDS[id];
  const found = printable(text);
  if (is === "ok" || is === "skipped") return { id, title, status: is, found };
  const verdicts: Readonly<Record<string, Verdict>> = WORDS[id].verdicts;
  const verdict = verdicts[is];
  if (verdict === undefined) throw new Error(`the check ${id} has no words for ${is}`);
  const filled = (text: string): string =>
    text.replaceAll(/\{(\w+)\}/g, (_, name: string) => printable(String(facts[name] ?? `{${name}}`)));
  const { status, expected, remedy } = verdict;
  return { id, title, status, found, expected: filled(expected), remedy: filled(remedy) };
}
