import { readdirSync, readFileSync } from "node:fs";
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** SHMGEN_SIXTH=0 to 5: only one file in six. */
const sixth = process.env["SHMGEN_SIXTH"];

/**
 * The tests that go further than in `npm test`: those that ask how far, by test/support/run/depth.ts, and those that are not in it
 * at all, which are called *.deep.test.ts.
 */
const asking = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => `test/${path}`)
  .filter(
    (path) =>
      path.endsWith(".deep.test.ts") || /support\/(run\/depth|schemas\/strict)\.js"/.test(readFileSync(path, "utf8")),
  )
  .sort()
  .filter((_, index) => sixth === undefined || index % 6 === Number(sixth));

export default mergeConfig(
  { test: { ...base.test, include: [], exclude: [] } },
  defineConfig({ test: { include: asking, env: { SHMGEN_DEPTH: process.env["SHMGEN_DEPTH"] ?? "deep" } } }),
);
