import { execFileSync } from "node:child_process";

/**
 * Versions of Node that take turns: the one that runs this, and those of `given` (paths of programs, with colons between), which
 * is `SHMGEN_TEST_NODES` where nobody says.
 */
export function nodesOf(given = process.env["SHMGEN_TEST_NODES"] ?? "") {
  const others = given.split(":").filter((path) => path !== "");
  return [process.execPath, ...others].map((path) => ({
    path,
    version: execFileSync(path, ["--version"], { encoding: "utf8" }).trim(),
  }));
}
