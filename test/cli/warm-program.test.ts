/** What most tests of the program rely on: a run in a process that has run it before is the same as one of its own. */
import { describe, expect, it } from "vitest";
import { BROKEN, filesIn, MANIFEST, project, schemaText, shmgen, shmgenAlone } from "./run-cli.js";

describe("a run in a process that has run before", () => {
  it.each([
    ["written files", ["generate"]],
    ["files that are stale", ["check"]],
    ["mistakes in a schema", ["generate", "broken"]],
    ["a usage error", ["generate", "--dryrun"]],
    ["help", ["check", "--help"]],
    ["the environment", ["list", "--json"]],
  ])("prints, writes and returns the same as one of its own: %s", (_, argv) => {
    const env = { SHMGEN_DIR: "/dev/shm/shmgen-test-none" };
    const files = { "package.json": MANIFEST, "car.shm.ts": schemaText("Car"), "broken/broken.shm.ts": BROKEN };
    const [warm, alone] = [shmgen, shmgenAlone].map((run) => {
      const cwd = project(files);
      const { code, out, err } = run(argv, { cwd, env });
      const text = (printed: string): string => printed.replaceAll(cwd, "").replaceAll(/\d+(\.\d+)? m?s\b/g, "");
      return { code, out: text(out), err: text(err), files: filesIn(cwd) };
    });
    expect(warm).toEqual(alone);
  });

  it("is as new: neither folder, environment, exit code nor output of the last one is left", () => {
    const cwd = project({ "package.json": MANIFEST, "car.shm.ts": schemaText("Car") });
    expect(shmgen(["check"], { cwd, env: { SHMGEN_DIR: "/dev/shm/shmgen-test-none" } }).code).toBe(1);
    expect(shmgen(["--version"])).toEqual(shmgenAlone(["--version"]));
    expect(shmgen(["nonsense"]).code).toBe(2);
    expect(shmgen(["--version"]).code).toBe(0);
  });
});
