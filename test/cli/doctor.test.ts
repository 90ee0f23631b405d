import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { Check } from "@shmgen/runtime/doctor";
import { CLI, project, shmgen } from "./run-cli.js";

const base = fs.mkdtempSync("/dev/shm/shmgen-doctor-cli-");
afterAll(() => fs.rmSync(base, { recursive: true, force: true }));
const directory = join(base, "regions");

const before = (code: string): string[] => ["--import", `data:text/javascript,${encodeURIComponent(code)}`];

it("doctor prints one line for each check within 80 columns, and exits with 0 when there are warnings alone", () => {
  const { code, out, err } = shmgen(["doctor", "--directory", directory], {
    nodeArguments: before(`Object.defineProperty(process, "versions",
      { value: { ...process.versions, electron: "42.0.0" } })`),
  });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const lines = out.split("\n");
  const end = lines.indexOf("");
  // What is too long goes on in an indented line.
  const checks = lines.slice(0, end).filter((line) => !line.startsWith(" "));
  expect(checks.length).toBe(31);
  for (const line of checks) expect(line).toMatch(/^(ok|warning|skipped) +[a-z-]+ +\S/);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  expect(lines[end + 1]).toMatch(/^31 checks: \d+ ok, \d+ warnings?, 1 skipped$/);
  expect(out).toContain("warning external-buffers   Electron 42.0.0\n");
  expect(out).toMatch(
    /\nwarning external-buffers: buffers over foreign memory\n {2}found {5}Electron 42\.0\.0\n {2}expected {2}.+\n {2}remedy {4}.+\n {12}/,
  );
});

it("doctor exits with 1 when there is a problem, and says what to do", () => {
  const path = join(base, "no", "parent");
  const { code, out } = shmgen(["doctor", "-d", path]);
  expect(code).toBe(1);
  expect(out).toContain(`\nPROBLEM directory `);
  expect(out).toContain(`\nproblem directory: directory of the regions\n`);
  expect(out).toContain(`  remedy    mkdir -p ${join(base, "no")}\n`);
});

it("doctor --json prints the checks for programs", () => {
  const { code, out, err } = shmgen(["doctor", "--json", "--directory", "regions"], { cwd: base });
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const checks = JSON.parse(out) as Check[];
  expect(checks.find(({ id }) => id === "directory")).toEqual({
    id: "directory",
    title: "directory of the regions",
    status: "ok",
    found: `${directory}, not there yet`,
  });
});

it("doctor takes no arguments", () => {
  const cwd = project({});
  expect(shmgen(["doctor", "me"], { cwd })).toEqual({
    code: 2,
    out: "",
    err: "shmgen: shmgen doctor takes no arguments, found 'me'\n",
  });
});

it("doctor without the runtime exits with 3 and says how to install it [fault 84]", () => {
  // The program as it is installed, beside everything but the runtime.
  const folder = fs.mkdtempSync(join(tmpdir(), "shmgen-cli-"));
  try {
    fs.cpSync(join(CLI, ".."), join(folder, "dist"), { recursive: true });
    fs.writeFileSync(join(folder, "package.json"), `{ "type": "module" }`);
    fs.mkdirSync(join(folder, "node_modules/@shmgen"), { recursive: true });
    fs.symlinkSync(join(CLI, "../../../schema"), join(folder, "node_modules/@shmgen/schema"));
    const run = spawnSync(process.execPath, [join(folder, "dist/cli.js"), "doctor"], { encoding: "utf8" });
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/^shmgen: @shmgen\/runtime cannot be loaded: Cannot find package '@shmgen\/runtime'/);
    expect(run.stderr).toContain("\n  hint: npm install @shmgen/runtime");
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
