import { readdirSync } from "node:fs";
import base from "./vitest.config.js";
import { defineConfig, mergeConfig } from "vitest/config";

/** SHMGEN_HALF=0 or 1: only one half of the files of processes, so that versions of Node can share them. */
const half = process.env["SHMGEN_HALF"];
const processes = readdirSync("test/process")
  .filter((name) => name.endsWith(".test.ts"))
  .sort()
  .filter((_, index) => half === undefined || index % 2 === Number(half))
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
