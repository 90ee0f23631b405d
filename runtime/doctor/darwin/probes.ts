/** What the doctor looks at on macOS: one probe for each of the checks that words.ts words. */
import { release } from "node:os";
import type { Check, CheckId, Found, ProbesFor, System } from "../check.js";
import { externalBuffers, nodeVersion } from "../check-engine.js";
import { staleRegions } from "../check-regions.js";
import { directoryOf } from "../posix/check-directory.js";
import { flockHolds, rangeLocksHold } from "../posix/check-files.js";
import { koffi } from "../posix/check-koffi.js";
import { viewMapping, wasmMemory } from "../posix/check-memory.js";
import { atomicsCanary, wakesAcross } from "../posix/check-processes.js";
import { workplaceOf } from "../posix/workplace.js";
import { fileNames, fileSystem, reservedSpace } from "./check-files.js";
import { processes, waits } from "./check-processes.js";
import { WORDS } from "./words.js";

/** Of Darwin, as `[major, minor]`. */
const MACOS_11 = [20, 0] as const;
const MACOS_14_4 = [23, 4] as const;

function macosVersion(): Found<"old" | "private"> {
  const [major = 0, minor = 0] = release().split(".").map(Number);
  const isOlder = ([than, more]: readonly [number, number]): boolean =>
    major < than || (major === than && minor < more);
  const found = `Darwin ${release()}, ${process.arch}`;
  return { is: isOlder(MACOS_11) ? "old" : isOlder(MACOS_14_4) ? "private" : "ok", found };
}

function neverTried(): Found<"never"> {
  return { is: "never", found: "on Linux alone, over calls that do what Apple's documents say" };
}

const PROBES: ProbesFor<typeof WORDS> = {
  "node-version": nodeVersion,
  "never-tried": neverTried,
  "macos-version": macosVersion,
  koffi,
  "external-buffers": externalBuffers,
  directory: directoryOf,
  "file-system": fileSystem,
  "wasm-memory": wasmMemory,
  "view-mapping": viewMapping,
  flock: flockHolds,
  "range-locks": rangeLocksHold,
  "file-names": fileNames,
  "reserved-space": reservedSpace,
  waits,
  wakes: wakesAcross,
  "atomics-canary": atomicsCanary,
  processes,
  "stale-regions": staleRegions,
};

/** Checks that do not call the C library, which says where the directory is as well. */
const PLAIN: ReadonlySet<CheckId> = new Set([
  "node-version",
  "never-tried",
  "macos-version",
  "koffi",
  "external-buffers",
]);

/** Checks that others depend on. */
const NEEDED: ReadonlySet<CheckId> = new Set(["koffi", "directory", "wasm-memory", "view-mapping"]);

/** Checks of words in a file that is mapped. */
const MAPPED: ReadonlySet<CheckId> = new Set(["waits", "wakes", "atomics-canary"]);

function obstacle(id: CheckId, checks: readonly Check[]): string | undefined {
  const failed = (needed: CheckId): boolean => checks.find((check) => check.id === needed)?.status === "problem";
  if (failed("koffi") && !PLAIN.has(id)) return "needs koffi";
  if (failed("directory") && id === "stale-regions") return "needs the directory";
  if ((failed("wasm-memory") || failed("view-mapping")) && MAPPED.has(id)) return "needs mapped files";
  return undefined;
}

export const DARWIN: System = { words: WORDS, probes: PROBES, needed: NEEDED, obstacle, workplaceOf };
