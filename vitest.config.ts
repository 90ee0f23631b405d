import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/support/run/longest-first.js";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Those of test:deep alone.
    exclude: ["test/**/*.deep.test.ts"],
    pool: "forks",
    // One more than the cores of a small machine: some tests wait, for deadlines and for other processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // .ci/run asks for one repetition; what needed it is printed at the end, and more than two such tests fail the run.
    retry: Number(process.env["SHMGEN_TEST_RETRY"] ?? 0),
    // How long a storm takes is the machine's to say: its limit is for what hangs.
    tags: [{ name: "soak", description: "what npm run test:soak repeats", timeout: 3_600_000 }],
    reporters: ["default", "./test/support/run/closing-line.ts"],
  },
});
