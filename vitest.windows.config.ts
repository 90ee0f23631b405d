import { defineConfig } from "vitest/config";
import ClosingLine from "./test/support/run/closing-line.js";
export default defineConfig({
  resolve: { preserveSymlinks: true },
  test: {
    include: (process.env.INC ?? "test/unit/*.test.ts").split(","),
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 120_000,
    reporters: ["default", new ClosingLine()],
  },
});
