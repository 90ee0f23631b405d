/** Files as they were in a commit, by the `git` of the machine. */
import { spawnSync } from "node:child_process";
import { posix } from "node:path";
import { CommandFailure, EXIT, usageFailure } from "../diagnostics/failure.js";

/** Most bytes that git may print. */
const OUTPUT_MAX = 1 << 28;

function git(root: string, args: readonly string[], input?: string): Buffer | undefined {
  // Options of a reference's name are none: it comes after --end-of-options, or is an object name.
  const result = spawnSync("git", ["-C", root, ...args], { input, maxBuffer: OUTPUT_MAX });
  if (result.error !== undefined) {
    const hint = "install git, or compare with a lock file or a folder instead";
    throw new CommandFailure(EXIT.environment, `cannot run git: ${result.error.message}`, hint);
  }
  return result.status === 0 ? result.stdout : undefined;
}

/** The object name of the commit that a reference leads to; undefined when it leads to none, or there is no repository. */
export function commitOf(root: string, ref: string): string | undefined {
  const found = git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
  return found?.toString("utf8").trim();
}

/** Paths of all files of a commit in a folder, relative to it. */
export function filesOf(root: string, commit: string): string[] {
  const list = git(root, ["ls-tree", "-r", "-z", "--name-only", commit, "--", "."]);
  if (list === undefined) throw usageFailure(`git cannot list the files of ${commit}`);
  return list.toString("utf8").split("\0").filter(Boolean);
}

/**
 * Reads files of a commit in one go, by their path relative to the folder, which may lead out of it; those that are not there are left
 * out.
 */
export function readFilesOf(root: string, commit: string, paths: readonly string[]): Map<string, string> {
  const prefix = git(root, ["rev-parse", "--show-prefix"])?.toString("utf8").trim() ?? "";
  // One name a line: git has no way to quote a line break here.
  const asked = paths.filter((path) => !path.includes("\n"));
  const input = asked.map((path) => `${commit}:${posix.normalize(prefix + path)}\n`).join("");
  const output = git(root, ["cat-file", "--batch"], input);
  if (output === undefined) throw usageFailure(`git cannot read the files of ${commit}`);
  const files = new Map<string, string>();
  let at = 0;
  for (const path of asked) {
    const end = output.indexOf(0x0a, at);
    const size = /^[0-9a-f]+ blob (\d+)$/.exec(output.toString("utf8", at, end))?.[1];
    at = end + 1;
    if (size === undefined) continue;
    files.set(path, output.toString("utf8", at, at + Number(size)));
    at += Number(size) + 1;
  }
  return files;
}
