import { defineConfig } from "vitest/config";
import base from "./vitest.config.js";
import ClosingLine from "./test/support/run/closing-line.js";
import { LongestFirst } from "./test/support/run/longest-first.js";

/** SHMGEN_PART names some of them, with commas: "generator,runtime" without it. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  /** What people run who develop on Windows; none of it needs Windows to be the real one. */
  generator: [
    "test/cli/{check,config,determinism,generate,orphans}.test.ts",
    "test/unit/{config-glob,diagnostics,emit-c,emit-ts-golden,error-fixtures,frontend,layout,lower,name-advice}.test.ts",
  ],
  /** Regions: what depends on the version of Node as well. */
  runtime: [
    "test/contract/*.contract.test.ts",
    "test/process/{call-kills,liveness,open-race}.test.ts",
    "test/unit/{access,access-objects,raw-reads}.test.ts",
    "test/process/{named-mappings,waits,windows-regions,windows-waits}.test.ts",
    "test/process/{bip-buffer,broadcast,counters,map,messages,queue,ring,ring-roles,seqlock,slot-pool}.test.ts",
  ],
  /** Deaths before each atomic operation of a container, and at any time in storms: a quarter of an hour. */
  deaths: [
    "test/process/{broadcast,counters,locks,map,queue,ring,seqlock,slot-pool,work-queue}-deaths.test.ts",
    "test/process/{broadcast,map,seqlock}-torn.test.ts",
    "test/process/{broadcast-roles,locks-contended,locks-flows,map-refusals,work-queue}.test.ts",
  ],
};

const named = process.env["SHMGEN_PART"]?.split(",") ?? ["generator", "runtime"];

/**
 * For Windows' Node, under wine or not: `bash test/support/windows/node.sh FOLDER 22 node_modules/vitest/vitest.mjs run --config
 * vitest.windows.config.ts`.
 */
export default defineConfig({
  // Links of workspaces are folders to wine, so that Node would load the runtime twice, by either name.
  resolve: { preserveSymlinks: true },
  test: {
    include: named.flatMap((part) => PARTS[part] ?? []),
    pool: "forks",
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 120_000,
    hookTimeout: 60_000,
    tags: base.test?.tags ?? [],
    retry: Number(process.env["SHMGEN_TEST_RETRY"] ?? 0),
    reporters: ["default", new ClosingLine()],
  },
});
