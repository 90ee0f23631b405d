import { readdirSync } from "node:fs";
import base from "./vitest.config.js";
import { defineConfig, mergeConfig } from "vitest/config";

/** SHMGEN_PART=0, 1 or 2: only one file of processes in three, so that versions of Node can share them. */
const part = process.env["SHMGEN_PART"];
const processes = readdirSync("test/process")
  .filter((name) => name.endsWith(".test.ts"))
  .sort()
  .filter((_, index) => part === undefined || index % 3 === Number(part))
  .map((name) => `test/process/${name}`);

/** The part of the tests that depends on the version of Node: real processes, real mappings. */
export default mergeConfig(
  { test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      include: [
        ...processes,
        "test/contract/**/*.test.ts",
        "test/unit/access*.test.ts",
        "test/property/header.test.ts",
        "test/interop/sqlite-wal.test.ts",
        "test/cli/compile-cache.test.ts",
        "test/package/commonjs.test.ts",
      ],
      // A death at each store is the same on all of them, and takes long.
      exclude: [...(base.test?.exclude ?? []), "test/process/*-{deaths,kills,storm}.test.ts"],
    },
  }),
);
