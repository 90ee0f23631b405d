/** The examples as projects of their own, as somebody has them who copied a folder: installed from what npm would publish. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { withoutCompilers } from "../support/c/gcc.js";
import { packPackages } from "../support/run/packed-packages.js";

const examples = join(import.meta.dirname, "../../examples");

/** What each is started with, to be short, and what it prints then. */
const RUNS: Readonly<Record<string, readonly [args: string, prints: RegExp]>> = {
  cache: ["300 1", /, 0 were counted wrongly$/m],
  "child-inheritance": ["", /^1000 done, 0 wrong/m],
  containers: ["first", /^first: process \d+ has created the region, visit 1$/m],
  evolution: ["", /^3 of 3 refused$/m],
  feed: ["2000", /^2000 ticks were published; the feed was killed 5 times$/m],
  foreign: ["elf /bin/sh", /^\.text +progbits +[\da-f]{16} at \d+, \d+ bytes$/m],
  frames: ["60", /; 0 were not whole$/m],
  jobs: ["100", /^0 were not done, /m],
  limits: ["shared 100 1", /"mixed":\s?0/],
  messages: ["6", /^6 of JSON, 9 of text, 6 of bytes$/m],
  metrics: ["200 1", /; all that were are counted$/m],
  pipeline: ["2000", /^C consumer: 2000 orders, \d+ came again, 0 were missing or not whole$/m],
  "sqlite-wal": ["", /^created generated\/wal-index\.ts /m],
  telemetry: ["car-7 2", /^created, generation 1: /m],
  workers: ["2 2000", /^2 workers: 303 primes below 2000, 2000 numbers looked at$/m],
};
const NEEDS_GCC = new Set(["feed", "pipeline"]);

interface Manifest {
  readonly name: string;
  readonly private: boolean;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
const manifestOf = (name: string): Manifest =>
  JSON.parse(readFileSync(join(examples, name, "package.json"), "utf8")) as Manifest;
const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, "package.json")));

describe("examples as projects of their own", () => {
  let folder = "";

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "shmgen-examples-"));
    mkdirSync(join(folder, "regions"), { mode: 0o700 });
    // Installed once, above all of them: what any of them asks for.
    const wanted = Object.assign(
      {},
      ...names.map((name) => ({ ...manifestOf(name).dependencies, ...manifestOf(name).devDependencies })),
    );
    const packed = packPackages(folder);
    const others = Object.entries(wanted as Record<string, string>).filter(([name]) => packed[name] === undefined);
    const packages = [...Object.values(packed), ...others.map(([name, range]) => `${name}@${range}`)];
    execFileSync("npm", ["init", "--yes", "--silent"], { cwd: folder, stdio: "pipe" });
    execFileSync("npm", ["install", "--no-fund", "--no-audit", "--prefer-offline", ...packages], {
      cwd: folder,
      stdio: "pipe",
    });
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("are those that are told about here", () => expect(names.sort()).toEqual(Object.keys(RUNS).sort()));

  it.each(names)("%s asks for what it imports, in a version that there is", (name) => {
    const { dependencies, devDependencies, private: isPrivate } = manifestOf(name);
    expect(isPrivate).toBe(true);
    const sources = readdirSync(join(examples, name)).filter(
      (file) => file.endsWith(".ts") && !file.endsWith(".shm.ts"),
    );
    const texts = sources.map((file) => readFileSync(join(examples, name, file), "utf8")).join("\n");
    const imported = [...texts.matchAll(/(?:from |import\.meta\.resolve\()"([^."][^"]*)"/g)].map(
      ([, from = ""]) => from,
    );
    expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(imported.filter((from) => !isBuiltin(from))));
    for (const own of ["@shmgen/runtime", "@shmgen/schema", "shmgen"]) {
      const { version } = JSON.parse(readFileSync(join(folder, "node_modules", own, "package.json"), "utf8")) as {
        version: string;
      };
      expect({ ...dependencies, ...devDependencies }[own], own).toBe(`^${version}`);
    }
  });

  it.each(names)("%s builds and runs", { timeout: 300_000 }, (name) => {
    if (NEEDS_GCC.has(name) && withoutCompilers !== undefined) return;
    const path = join(folder, name);
    cpSync(join(examples, name), path, { recursive: true, filter: (from) => !/\/(?:generated|dist)$/.test(from) });
    const [args, prints] = RUNS[name] ?? ["", /^$/];
    const printed = execFileSync("bash", ["-c", `npm start --silent -- ${args} 2>&1`], {
      cwd: path,
      encoding: "utf8",
      env: { ...process.env, SHMGEN_DIR: join(folder, "regions"), NO_COLOR: "1", FORCE_COLOR: undefined },
    });
    expect(printed).toMatch(prints);
  });
});
