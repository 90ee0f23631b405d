/** A project as npm install leaves it, with this repository's packages and compiler, for programs that documents show. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect } from "vitest";

const root = join(import.meta.dirname, "../../..");

export interface InstalledProject {
  /** Its path, once the tests run. */
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  /** Runs a line of a shell in the project: its exit code, and what it printed on both outputs. */
  shell(line: string): { readonly code: number | null; readonly printed: string };
  /** What a line of a shell printed, which has to succeed. */
  succeed(line: string): string;
}

/** Makes the project before the tests of a file, and removes it after them. Its regions are in `directory`. */
export function installedProject(directory: string): InstalledProject {
  const env = { ...process.env, SHMGEN_DIR: directory, NO_COLOR: "1", FORCE_COLOR: undefined };
  let folder = "";
  beforeAll(() => {
    folder = fs.mkdtempSync("/tmp/shmgen-guide-");
    // Other users may have to look into it.
    fs.chmodSync(folder, 0o755);
    const modules = join(folder, "node_modules");
    for (const name of ["@shmgen", ".bin"]) fs.mkdirSync(join(modules, name), { recursive: true });
    for (const name of ["runtime", "schema"]) fs.symlinkSync(join(root, name), join(modules, "@shmgen", name));
    fs.symlinkSync(join(root, "node_modules/@types"), join(modules, "@types"));
    for (const name of ["shmgen", "codegen"])
      fs.symlinkSync(join(root, "generator/bin.js"), join(modules, ".bin", name));
    fs.symlinkSync(join(root, "node_modules/typescript-7/bin/tsc"), join(modules, ".bin/tsc"));
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  const shell: InstalledProject["shell"] = (line) => {
    // As npx and scripts find programs: those of the packages first.
    const PATH = `${join(folder, "node_modules/.bin")}:${process.env["PATH"]}`;
    const options = { cwd: folder, encoding: "utf8", env: { ...env, PATH } } as const;
    const { stdout, stderr, status } = spawnSync("bash", ["-c", line.replaceAll("npx ", "")], options);
    return { code: status, printed: stdout + stderr };
  };
  return {
    env,
    shell,
    get folder() {
      return folder;
    },
    succeed(line) {
      const { code, printed } = shell(line);
      expect(code, `${line}\n${printed}`).toBe(0);
      return printed;
    },
  };
}
