import { defineConfig } from "vitest/config";
import ClosingLine from "./test/support/run/closing-line.js";
import { LongestFirst } from "./test/support/run/longest-first.js";

/** What people run who develop on Windows; none of it needs Windows to be the real one. */
const GENERATOR = [
  "test/cli/{check,config,determinism,generate,orphans}.test.ts",
  "test/unit/{config-glob,diagnostics,emit-c,emit-ts-golden,error-fixtures,frontend,layout,lower,name-advice}.test.ts",
];

/** Regions: what depends on the version of Node as well. */
const RUNTIME = [
  "test/contract/*.contract.test.ts",
  "test/process/{call-kills,liveness,open-race}.test.ts",
  "test/unit/{access,access-objects,raw-reads}.test.ts",
  "test/process/{named-mappings,waits,windows-regions,windows-waits}.test.ts",
];

/**
 * For Windows' Node, under wine or not: `bash test/support/windows/node.sh FOLDER 22 node_modules/vitest/vitest.mjs run --config
 * vitest.windows.config.ts`. SHMGEN_PART=runtime leaves the generator out.
 */
export default defineConfig({
  // Links of workspaces are folders to wine, so that Node would load the runtime twice, by either name.
  resolve: { preserveSymlinks: true },
  test: {
    include: process.env["SHMGEN_PART"] === "runtime" ? RUNTIME : [...GENERATOR, ...RUNTIME],
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 60_000,
    retry: Number(process.env["SHMGEN_TEST_RETRY"] ?? 0),
    reporters: ["default", new ClosingLine()],
  },
});
