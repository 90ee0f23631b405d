/** Lists and cleanings that are killed, or fail, at any of their system calls. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { cleanStale } from "@shmgen/runtime";
import { Counter } from "../support/regions/counter.mjs";
import { byDepth, someOf } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import {
  callsBetweenMarks,
  failedCall,
  meetEach,
  isSteady,
  liveUnderStrace,
  ownDirectory,
  straceWorks,
} from "../support/syscalls/strace.js";
import { left } from "../support/regions/left-over.js";

const base = regionDirectory();
const withStrace = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";

/** Three left-overs, and one region that is open all the time. */
function prepare(): string {
  const directory = ownDirectory(base);
  for (const name of ["one", "two"]) left(name, directory);
  fs.writeFileSync(join(directory, "three"), "", { mode: 0o600 });
  return directory;
}

for (const what of ["list", "clean"] as const) {
  it.skipIf(!straceWorks)(
    `SIGKILL at every system call of ${what}: nothing stays locked, every region is usable${withStrace} [fault 98, figure 1]`,
    async () => {
      const script = [join(import.meta.dirname, "../support/syscalls/one-cleaning.mjs"), what];
      const first = prepare();
      const held = Counter.createOrOpen("live", { directory: first });
      const reference = await liveUnderStrace(first, undefined, {}, script);
      const found =
        what === "list" ? "live live, one stale, three stale, two stale" : "one stale, three stale, two stale";
      expect(reference.report).toMatchObject({ code: "none", descriptors: 0, outcome: found });
      held.close();
      const calls = callsBetweenMarks(reference.lines)
        .filter(isSteady)
        .filter(({ line }) => !/\/proc\/(locks|\d+\/|self\/stat|sys)/.test(line));
      const names = new Set(calls.map(({ name }) => name));
      for (const name of ["flock", "close", ...(what === "clean" ? ["unlink"] : [])]) expect(names).toContain(name);
      let slowestMs = 0;
      const trials = someOf(calls, what === "list" ? 6 : 12, 3);
      const killed = await meetEach(trials, async (call) => {
        const directory = prepare();
        const live = Counter.createOrOpen("live", { directory });
        live.data.count = 5;
        const life = await liveUnderStrace(directory, `${call.name}:signal=SIGKILL:when=${call.when}`, {}, script);
        expect([live.isCurrent(), live.data.count], call.line).toEqual([true, 5]);
        const start = performance.now();
        const next = ["one", "two", "three"].map((name) => Counter.createOrOpen(name, { directory, timeoutMs: 100 }));
        slowestMs = Math.max(slowestMs, performance.now() - start);
        for (const region of next) {
          expect(["created", "reinitialised"], `${call.line} -> ${region.outcome}`).toContain(region.outcome);
          region.close();
        }
        live.close();
        expect(fs.readdirSync(directory), call.line).toEqual([]);
        return life.killed;
      });
      console.log(`${what}: ${killed} of ${trials.length} killed, slowest next three opens ${slowestMs.toFixed(1)} ms`);
    },
    1_200_000,
  );
}

it.skipIf(!straceWorks)(
  `any system call of clean that fails is a typed error, or a file less; nothing leaks${withStrace} [fault 46, figure 5]`,
  async () => {
    const script = [join(import.meta.dirname, "../support/syscalls/one-cleaning.mjs"), "clean"];
    const errnos = ["EIO", "EACCES", "EMFILE", "ENOLCK", "EINTR", "EROFS"];
    const first = prepare();
    const held = Counter.createOrOpen("live", { directory: first });
    const reference = await liveUnderStrace(first, undefined, {}, script);
    held.close();
    // An injected failure of close leaves the descriptor open, which the kernel never does.
    const calls = callsBetweenMarks(reference.lines)
      .filter(isSteady)
      .filter(({ name }) => name !== "close");
    const codes: Record<string, number> = {};
    const failures = await meetEach(someOf(calls, 12, 2), async (call, index) => {
      const errno = errnos[index % errnos.length] ?? "EIO";
      const directory = prepare();
      const live = Counter.createOrOpen("live", { directory });
      const injection = `${call.name}:error=${errno}:when=${call.when}`;
      const { report, lines } = await liveUnderStrace(directory, injection, {}, script);
      const failed = failedCall(lines);
      const what = `${errno} ${failed} ${JSON.stringify(report)}`;
      if (failed !== undefined) {
        expect(report?.code, what).toMatch(/^(none|ERR_SHM_(SYSCALL|PERMISSION|BUSY|NOT_FOUND|FOREIGN|UNSUPPORTED))$/);
        expect(report?.descriptors, what).toBe(0);
        codes[report?.code ?? ""] = (codes[report?.code ?? ""] ?? 0) + 1;
      }
      expect(live.isCurrent(), what).toBe(true);
      // What was left out goes the next time.
      cleanStale({ directory, timeoutMs: 100 });
      expect(fs.readdirSync(directory), what).toEqual(["live"]);
      live.close();
      return failed !== undefined;
    });
    console.log(`clean: ${failures} failures: ${JSON.stringify(codes)}`);
    expect(codes["ERR_SHM_SYSCALL"]).toBeGreaterThan(byDepth(0, 5));
  },
  600_000,
);

it("SIGKILL of shmgen list and shmgen clean at any time leaves no lock behind [fault 98]", () => {
  const directory = ownDirectory(base);
  process.env["SHMGEN_DIR"] = directory;
  const cli = join(import.meta.dirname, "../../generator/dist/cli.js");
  for (const argv of [["list"], ["clean", "--yes"]]) {
    for (const ms of [80, 160, 240, 320]) {
      for (const name of ["a", "b", "c"]) left(name);
      spawnSync(process.execPath, [cli, ...argv], { timeout: ms, killSignal: "SIGKILL", env: process.env });
      for (const name of ["a", "b", "c"]) Counter.createOrOpen(name, { timeoutMs: 100 }).close();
      expect(fs.readdirSync(directory)).toEqual([]);
    }
  }
});
