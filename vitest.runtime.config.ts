import base from "./vitest.config.js";
import { defineConfig, mergeConfig } from "vitest/config";

/** The part of the tests that depends on the version of Node: real processes, real mappings. */
export default mergeConfig(
  { test: { ...base.test, include: [] } },
  defineConfig({
    test: {
      include: [
        "test/process/**/*.test.ts",
        "test/contract/**/*.test.ts",
        "test/unit/access*.test.ts",
        "test/property/header.test.ts",
        "test/interop/sqlite-wal.test.ts",
        "test/cli/compile-cache.test.ts",
      ],
      // A death at each store is the same on all of them, and takes long.
      exclude: [...(base.test?.exclude ?? []), "test/process/*-{deaths,kills,storm}.test.ts"],
    },
  }),
);
