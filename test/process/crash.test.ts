import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { Counter } from "../support/regions/counter.mjs";
import { someOf } from "../support/run/depth.js";
import { regionDirectory } from "../support/processes/processes.js";
import { callsBetweenMarks, liveUnderStrace, meetEach, ownDirectory, straceWorks } from "../support/syscalls/strace.js";

const base = regionDirectory();
const title = straceWorks ? "" : " (skipped: strace is missing or may not trace here)";

for (const before of ["missing", "stale"] as const) {
  it.skipIf(!straceWorks)(
    `SIGKILL at every system call of create and close of a ${before} region${title} [N-12 N-23, faults 1-8, figure 1]`,
    async () => {
      const prepare = (): string => {
        const directory = ownDirectory(base);
        if (before === "missing") return directory;
        const old = Counter.createOrOpen("life", { directory, cleanup: "keep" });
        old.data.big = 99n;
        old.close();
        return directory;
      };
      const reference = await liveUnderStrace(prepare());
      expect(reference.report).toMatchObject({ code: "none", descriptors: 0, mappings: 0 });
      const calls = callsBetweenMarks(reference.lines);
      const names = new Set(calls.map((call) => call.name));
      for (const name of ["openat", "flock", "fallocate", "mmap", "unlink", "close"]) expect(names).toContain(name);

      let slowestMs = 0;
      const trials = someOf(calls, 6, 2);
      const killed = await meetEach(trials, async (call) => {
        const directory = prepare();
        const life = await liveUnderStrace(directory, `${call.name}:signal=SIGKILL:when=${call.when}`);
        const start = performance.now();
        const initialise = (data: { word: number }): void => {
          data.word = 7;
        };
        const region = Counter.createOrOpen("life", { directory, timeoutMs: 100, initialise });
        slowestMs = Math.max(slowestMs, performance.now() - start);
        expect(["created", "reinitialised"], `${call.line} -> ${region.outcome}`).toContain(region.outcome);
        // Made anew: nothing of the dead is left.
        expect([region.data.count, region.data.word, region.data.big]).toEqual([0, 7, 0n]);
        region.close();
        expect(readdirSync(directory)).toEqual([]);
        return life.killed;
      });
      console.log(`${before}: ${killed} of ${trials.length} killed, slowest next open ${slowestMs.toFixed(1)} ms`);
    },
    900_000,
  );
}
