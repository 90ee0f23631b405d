import type { Reporter, TestCase, TestModule } from "vitest/node";

/** More than these are no accidents of a busy machine. */
const REPEATED_MAX = 2;

/**
 * Ends a run with one plain line, `N passed, N failed, N skipped`, for machines that read the output. Before it, the tests that
 * passed only when they were repeated, with what they failed by: each may be a race that nobody has thought of. A few are
 * let pass, more fail the run.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const repeated: TestCase[] = [];
    for (const module of modules) {
      const before = count.failed;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state] += 1;
        if (test.diagnostic()?.flaky === true) repeated.push(test);
      }
      // A file that cannot be loaded, or a hook that failed, has no failed test of its own.
      if (!module.ok() && count.failed === before) count.failed += 1;
    }
    for (const test of repeated) {
      const errors = test.result().errors?.map(({ stack, message }) => stack ?? message) ?? [];
      process.stdout.write(`\npassed only when repeated: ${test.module.relativeModuleId} > ${test.fullName}\n`);
      process.stdout.write(`${errors.join("\n")}\n`);
    }
    if (repeated.length > REPEATED_MAX) {
      process.stdout.write(`\n${repeated.length} tests passed only when repeated, which is too many\n`);
      process.exitCode = 1;
    }
    process.stdout.write(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped\n`);
  }
}
