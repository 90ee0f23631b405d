/** The program of docs/accessors.md prints what stands there. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { put, shmgen } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";

const root = join(import.meta.dirname, "../..");
const text = fs.readFileSync(join(root, "docs/accessors.md"), "utf8");
const SHMGEN_DIR = regionDirectory();
const folder = fs.mkdtempSync("/tmp/shmgen-accessors-");
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

function block(start: string): string {
  const at = text.indexOf(start);
  if (at < 0) throw new Error(`docs/accessors.md has no block ${JSON.stringify(start)}`);
  const from = at + start.length;
  return text.slice(from, text.indexOf("```", from));
}

it("docs/accessors.md prints what it says", () => {
  fs.mkdirSync(join(folder, "node_modules/@shmgen"), { recursive: true });
  for (const name of ["runtime", "schema"])
    fs.symlinkSync(join(root, name), join(folder, "node_modules/@shmgen", name));
  fs.symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  const compilerOptions = {
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "esnext.disposable"],
    strict: true,
    types: ["node"],
    skipLibCheck: true,
  };
  put(folder, {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": JSON.stringify({ compilerOptions, files: ["car.ts"] }),
    "car.shm.ts": block("```ts\n// car.shm.ts\n"),
    "car.ts": block("```ts\n// car.ts\n"),
  });
  expect(shmgen(["generate", "-t", "ts", "-q"], { cwd: folder })).toEqual({ code: 0, out: "", err: "" });
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8", env: { ...process.env, SHMGEN_DIR } });
  expect(run(join(root, "node_modules/typescript/bin/tsc"), "-p", ".").stdout).toBe("");
  const { stdout, stderr } = run("car.js");
  expect({ stdout, stderr }).toEqual({ stdout: block("```\n\n```\n"), stderr: "" });
});
