import { readdirSync, readFileSync } from "node:fs";
import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.js";

/** The tests that go further than in `npm test`: those that ask how far, by test/support/run/depth.ts. */
const asking = readdirSync("test", { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".test.ts"))
  .map((path) => `test/${path}`)
  .filter((path) => /support\/(run\/depth|schemas\/strict)\.js"/.test(readFileSync(path, "utf8")));

export default mergeConfig(
  { test: { ...base.test, include: [] } },
  defineConfig({ test: { include: asking, env: { SHMGEN_DEPTH: process.env["SHMGEN_DEPTH"] ?? "deep" } } }),
);
