import { readdirSync, readFileSync } from "node:fs";
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** The files with tests that the soak repeats: those that count for it, by test/support/run/tally.ts, themselves or in a storm. */
const counting = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => `test/${path}`)
  .filter((path) => /support\/(?:run\/tally|containers\/depot-storm)\.js"/.test(readFileSync(path, "utf8")));

export default mergeConfig(
  { test: { ...base.test, include: [] } },
  // What fails once in hours is no accident. Programs are built beside whatever else the machine does.
  defineConfig({
    test: { include: counting, hookTimeout: 600_000, setupFiles: ["test/support/run/no-leaks.ts"], retry: 0 },
  }),
);
