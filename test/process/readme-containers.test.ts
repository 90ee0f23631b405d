/** The README's program with several fields together, as it stands there. */
import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { put, shmgen } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";

const root = join(import.meta.dirname, "../..");
const readme = fs.readFileSync(join(root, "README.md"), "utf8");
const SHMGEN_DIR = regionDirectory();
let folder = "";

function fromReadme(file: string): string {
  const block = new RegExp(`\`\`\`ts\\n// ${file.replaceAll(".", "\\.")}\\n([\\s\\S]*?)\`\`\``).exec(readme);
  if (block?.[1] === undefined) throw new Error(`README.md shows no ${file}`);
  return block[1];
}

/** What stands in the block behind that of a file. */
function outputOf(file: string): string {
  const behind = readme.slice(readme.indexOf(fromReadme(file)) + fromReadme(file).length);
  const block = /^```\n\n```\n([\s\S]*?)```/.exec(behind);
  if (block?.[1] === undefined) throw new Error(`README.md shows no output of ${file}`);
  return block[1];
}

beforeAll(() => {
  folder = fs.mkdtempSync("/tmp/shmgen-readme-");
  fs.mkdirSync(join(folder, "node_modules/@shmgen"), { recursive: true });
  for (const name of ["runtime", "schema"])
    fs.symlinkSync(join(root, name), join(folder, "node_modules/@shmgen", name));
  fs.symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
  const tsconfig = {
    target: "es2022",
    module: "nodenext",
    lib: ["es2022", "esnext.disposable"],
    strict: true,
    types: ["node"],
    skipLibCheck: true,
  };
  put(folder, {
    "package.json": '{ "type": "module" }',
    "tsconfig.json": JSON.stringify({ compilerOptions: tsconfig, files: ["floor.ts"] }),
    "floor.shm.ts": fromReadme("floor.shm.ts"),
    "floor.ts": fromReadme("floor.ts"),
  });
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

it("the README's containers print what the README says", () => {
  expect(shmgen(["generate", "-t", "ts", "-q"], { cwd: folder })).toEqual({ code: 0, out: "", err: "" });
  const run = (...argv: string[]) =>
    spawnSync(process.execPath, argv, { cwd: folder, encoding: "utf8", env: { ...process.env, SHMGEN_DIR } });
  expect(run(join(root, "node_modules/typescript/bin/tsc"), "-p", ".").stdout).toBe("");
  const { stdout, stderr } = run("floor.js");
  expect({ stdout, stderr }).toEqual({ stdout: outputOf("floor.ts"), stderr: "" });
});
