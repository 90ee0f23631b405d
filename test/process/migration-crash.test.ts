import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cleanStale } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { NextCounter, toNext } from "../support/regions/changes.mjs";
import { someOf } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import {
  callsBetweenMarks,
  failedCall,
  type Life,
  liveUnderStrace,
  meetEach,
  ownDirectory,
  straceWorks,
} from "../support/syscalls/strace.js";

const base = regionDirectory();
const title = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";
const SCRIPT = join(import.meta.dirname, "../support/syscalls/one-migration.mjs");
const ERRNOS = ["EIO", "ENOSPC", "ENOMEM", "EMFILE", "EACCES", "EROFS", "ENOLCK", "EINVAL", "ENOSYS", "EPERM"];
const TEMPORARY = ".migrating-life";

function prepare(): string {
  const directory = ownDirectory(base);
  const old = Counter.createOrOpen("life", { directory, cleanup: "keep" });
  old.data.count = 4;
  old.data.word = 3;
  old.data.big = 21n;
  old.close();
  return directory;
}

function live(directory: string, kind: "unnamed" | "named", injection?: string): Promise<Life> {
  return liveUnderStrace(directory, injection, {}, [SCRIPT, kind]);
}

/** Which one is there, complete; leaves it as it is. */
function found(directory: string): "old" | "new" | "neither" {
  const options = { directory, cleanup: "keep", onStale: "keep", timeoutMs: 100 } as const;
  for (const [Class, values, which] of [
    [Counter, [4, 3, 21n], "old"],
    [NextCounter, [5, 0, 42n], "new"],
  ] as const) {
    try {
      const region = Class.createOrOpen("life", options);
      const { count, word, big } = region.data;
      region.close();
      if (region.outcome !== "opened") return "neither";
      return [count, word, big].every((value, at) => value === values[at]) ? which : "neither";
    } catch {
      continue;
    }
  }
  return "neither";
}

for (const kind of ["unnamed", "named"] as const) {
  it.skipIf(!straceWorks)(
    `SIGKILL at every system call of a migration by a ${kind} file leaves the old region or the new one${title} [faults 6 50, figure 1]`,
    async () => {
      const reference = await live(prepare(), kind);
      expect(reference.report).toMatchObject({ outcome: "migrated", code: "none", descriptors: 0, mappings: 0 });
      const calls = callsBetweenMarks(reference.lines);
      const names = new Set(calls.map((call) => call.name));
      for (const name of ["openat", "flock", "fallocate", "mmap", "fsync", "rename", "close"]) {
        expect(names).toContain(name);
      }
      expect(names.has("linkat")).toBe(kind === "unnamed");
      let slowestMs = 0;
      let left = 0;
      const counts = { old: 0, new: 0 };
      // Before the first one is the old region there, and before the last one the new one, whichever are drawn.
      const drawn = someOf(calls, 6, 2);
      const trials = drawn.concat([...calls.slice(0, 1), ...calls.slice(-1)].filter((call) => !drawn.includes(call)));
      const killed = await meetEach(trials, async (call) => {
        const directory = prepare();
        const life = await live(directory, kind, `${call.name}:signal=SIGKILL:when=${call.when}`);
        const which = found(directory);
        expect(["old", "new"], call.line).toContain(which);
        counts[which as "old" | "new"] += 1;
        const names = readdirSync(directory);
        if (names.includes(TEMPORARY)) left += 1;
        expect(names.filter((name) => name !== TEMPORARY)).toEqual(["life"]);
        // Cleaning knows what is left, and the next migration removes it as well.
        const wouldGo = cleanStale({ directory, dryRun: true, includeKept: true }).removed.map(({ name }) => name);
        expect(wouldGo).toEqual([...names].sort());
        const start = performance.now();
        const region = NextCounter.createOrOpen("life", {
          directory,
          timeoutMs: 100,
          onStale: "keep",
          migrate: [toNext],
        });
        slowestMs = Math.max(slowestMs, performance.now() - start);
        expect(region.outcome, call.line).toBe(which === "old" ? "migrated" : "opened");
        expect([region.data.count, region.data.word, region.data.big]).toEqual([5, 0, 42n]);
        region.close();
        if (which === "old") expect(existsSync(`${directory}/${TEMPORARY}`)).toBe(false);
        return life.killed;
      });
      console.log(
        `${kind}: ${killed} of ${trials.length} killed, then old ${counts.old} new ${counts.new}, ${left} with something beside it, slowest next open ${slowestMs.toFixed(1)} ms`,
      );
      expect(counts.old).toBeGreaterThan(0);
      expect(counts.new).toBeGreaterThan(0);
    },
    1_200_000,
  );

  it.skipIf(!straceWorks)(
    `any system call of a migration by a ${kind} file that fails is one typed error, and the old region stays${title} [faults 33 38 46]`,
    async () => {
      const reference = await live(prepare(), kind);
      const calls = callsBetweenMarks(reference.lines).filter((call) => call.name !== "close");
      const codes = new Map<string, number>();
      // The old file is closed by the time that the rename fails.
      const drawn = new Set(someOf(calls, 6, 2).concat(calls.filter(({ name }) => name === "rename")));
      const trials = [...drawn];
      expect(trials.some(({ name }) => name === "rename")).toBe(true);
      const tried = await meetEach(trials, async (call, index) => {
        const directory = prepare();
        const errno = ERRNOS[(index * 3) % ERRNOS.length] ?? "EIO";
        const injection = `${call.name}:error=${errno}:when=${call.when}`;
        const { report, lines } = await live(directory, kind, injection);
        const failed = failedCall(lines);
        if (failed === undefined) return false;
        const where = `${injection} ${failed} -> ${JSON.stringify(report)}`;
        expect(report, where).toBeDefined();
        expect(report?.code, where).toMatch(/^(none|ERR_SHM_[A-Z_]+)$/);
        codes.set(report?.code ?? "", (codes.get(report?.code ?? "") ?? 0) + 1);
        expect(report?.descriptors, where).toBe(0);
        const closedTwice = lines.filter((line) => /\bclose\(.*EBADF/.test(line));
        expect(closedTwice, where).toEqual([]);
        // Zero pages that were refused leave the mapping, until its buffer is collected.
        const undiscarded = failed.includes("MAP_PRIVATE|MAP_FIXED|MAP_ANONYMOUS|MAP_NORESERVE");
        expect(report?.mappings, where).toBe(undiscarded ? 1 : 0);
        if (report?.code !== "none") expect(report?.message, where).toContain("path=");
        expect(found(directory), where).toBe(report?.code === "none" ? "new" : "old");
        // Only where taking it away, or the lock for that, is what failed.
        if (!/unlink|flock|openat/.test(call.name)) expect(readdirSync(directory), where).not.toContain(TEMPORARY);
        return true;
      });
      console.log(`${tried} failures: ${[...codes].map(([code, count]) => `${code} ${count}`).join(", ")}`);
      expect(tried).toBeGreaterThan(trials.length / 2);
      expect(codes.get("ERR_SHM_SYSCALL")).toBeGreaterThan(0);
    },
    240_000,
  );
}
