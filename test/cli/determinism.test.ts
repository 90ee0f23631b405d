import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { HAS_UNIX_TOOLS } from "../support/run/system.js";

const SCRIPT = fileURLToPath(new URL("generate-hash.mjs", import.meta.url));

function hash(env: Readonly<Record<string, string>>, cwd = "/", umask = "022", node = process.execPath): string {
  const [command, args] = HAS_UNIX_TOOLS
    ? ["sh", ["-c", `umask ${umask}; exec "$0" "$1"`, node, SCRIPT]]
    : [node, [SCRIPT]];
  const result = spawnSync(command, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...env },
  });
  if (result.status !== 0) throw new Error(result.stderr);
  return result.stdout;
}

describe("determinism", () => {
  const first = hash({});

  it("generates something to compare", () => {
    expect(first).toMatch(/^[0-9a-f]{64} 55 files\n$/);
  });

  // What it is on another system; CI sets it.
  it.runIf(process.env["SHMGEN_TEST_HASH"] !== undefined)("the system does not show in the output", () => {
    expect(first.trim()).toBe(process.env["SHMGEN_TEST_HASH"]);
  });

  it.each([
    ["time zone and language", { TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" }],
    ["order of files, explicit files and another folder", { SHUFFLE: "1" }],
    ["colours, CI and terminal", { NO_COLOR: "1", CI: "true", TERM: "dumb", GITHUB_WORKSPACE: "/" }],
  ])("%s do not show in the output", (_name, env) => {
    expect(hash(env)).toBe(first);
  });

  it("working directory and umask do not show in the output", () => {
    expect(hash({}, tmpdir(), "077")).toBe(first);
  });

  // Paths of other versions of Node, separated by colons; CI sets it.
  const others = (process.env["SHMGEN_TEST_NODES"] ?? "").split(":").filter((path) => path !== "");
  it.runIf(others.length > 0)("the version of Node does not show in the output", () => {
    for (const node of others) expect(hash({}, "/", "022", node)).toBe(first);
  });
});
