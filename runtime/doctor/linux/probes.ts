/** What the doctor looks at on Linux: one probe for each of the checks that words.ts words. */
import type { Check, CheckId, ProbesFor, System } from "../check.js";
import { externalBuffers, nodeVersion } from "../check-engine.js";
import { directoryOf } from "../posix/check-directory.js";
import { flockHolds, rangeLocksHold } from "../posix/check-files.js";
import { koffi } from "../posix/check-koffi.js";
import { viewMapping, wasmMemory } from "../posix/check-memory.js";
import { atomicsCanary, wakesAcross } from "../posix/check-processes.js";
import { workplaceOf } from "../posix/workplace.js";
import { shmShared } from "./check-apart.js";
import { staleRegions, umaskOf } from "./check-directory.js";
import { addressSpace, fileSize, openFiles } from "./check-limits.js";
import { memfdSeals } from "./check-memfd.js";
import { permissionModel, platform, processor } from "./check-node.js";
import { pidNamespace, procMounted, protectedSysctls } from "./check-proc.js";
import { fallocateHolds, shmInodes, shmMount, shmSpace } from "./check-space.js";
import { removeIpc, tmpCleaner } from "./check-systemd.js";
import { asyncWaits, futexWaitv } from "./check-waits.js";
import { WORDS } from "./words.js";

const PROBES: ProbesFor<typeof WORDS> = {
  "node-version": nodeVersion,
  platform,
  processor,
  "permission-model": permissionModel,
  koffi,
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
  "range-locks": rangeLocksHold,
  fallocate: fallocateHolds,
  "file-size": fileSize,
  memfd: memfdSeals,
  futex: wakesAcross,
  "futex-waitv": futexWaitv,
  "async-waits": asyncWaits,
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
  "range-locks",
  "fallocate",
  "memfd",
  "futex",
  "futex-waitv",
  "async-waits",
  "atomics-canary",
]);

/** Checks that others depend on. */
const NEEDED: ReadonlySet<CheckId> = new Set(["platform", "koffi", "wasm-memory", "view-mapping"]);

/** Checks in which two processes meet in a file that both have mapped. */
const SHARED: ReadonlySet<CheckId> = new Set(["futex", "atomics-canary"]);

/** Checks that have a meaning wherever Node runs. */
const ANYWHERE: ReadonlySet<CheckId> = new Set(["node-version", "platform", "processor", "permission-model"]);

/** Why a check cannot be made, after what others have found; undefined when it can. */
function obstacle(id: CheckId, checks: readonly Check[]): string | undefined {
  const failed = (needed: CheckId): boolean => checks.find((check) => check.id === needed)?.status === "problem";
  if (failed("platform") && !ANYWHERE.has(id)) return "needs Linux";
  if (failed("koffi") && NATIVE.has(id)) return "needs koffi";
  if ((failed("wasm-memory") || failed("view-mapping")) && SHARED.has(id)) return "needs mapped files";
  return undefined;
}

export const LINUX: System = { words: WORDS, probes: PROBES, needed: NEEDED, obstacle, workplaceOf };
