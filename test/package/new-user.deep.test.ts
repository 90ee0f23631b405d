import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Document } from "../support/run/document.js";
import { packPackages } from "../support/run/packed-packages.js";

/** The README is what a new user has: its first schema and its two programs are used as they stand there. */
const readme = new Document("README.md");

/** An installation, and cold starts: minutes on a machine that does much else. */
const SLOW = { timeout: 400_000 };

describe("a new user with the packed packages", () => {
  let folder: string;
  let packed: Readonly<Record<string, string>>;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "shmgen-user-"));
    packed = packPackages(folder);
  }, 300_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** An empty project with the three tarballs, and whatever else, installed. */
  function project(
    name: string,
    ...packages: string[]
  ): { path: string; run(command: string, ...args: string[]): string } {
    const path = join(folder, name);
    mkdirSync(path);
    mkdirSync(join(path, "regions"), { mode: 0o700 });
    writeFileSync(join(path, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
    const run = (command: string, ...args: string[]): string =>
      execFileSync(command, args, { cwd: path, encoding: "utf8", env: environment(path), stdio: "pipe" });
    run("npm", "install", "--no-fund", "--no-audit", "--prefer-offline", ...Object.values(packed), ...packages);
    return { path, run };
  }

  const environment = (path: string): NodeJS.ProcessEnv => ({
    ...process.env,
    SHMGEN_DIR: join(path, "regions"),
    NO_COLOR: "1",
    FORCE_COLOR: undefined,
  });

  /** Runs the two programs of the README side by side and returns what the reader printed. */
  async function share(path: string, writer: string, reader: string): Promise<string> {
    const start = (script: string): ReturnType<typeof spawn> =>
      spawn(process.execPath, [script], { cwd: path, env: environment(path), stdio: ["ignore", "pipe", "pipe"] });
    const writing = start(writer);
    try {
      const reading = start(reader);
      let output = "";
      reading.stdout?.on("data", (data) => (output += String(data)));
      reading.stderr?.on("data", (data) => (output += String(data)));
      const code = await new Promise((resolve) => reading.on("close", resolve));
      expect(code, output).toBe(0);
      return output;
    } finally {
      writing.kill("SIGKILL");
    }
  }

  it(
    "installs by the README's commands, without the install script of koffi, and shares its schema",
    SLOW,
    async () => {
      const path = join(folder, "readme");
      mkdirSync(join(path, "regions"), { recursive: true, mode: 0o700 });
      const shell = (line: string): string =>
        execFileSync("bash", ["-ec", line], { cwd: path, encoding: "utf8", env: environment(path), stdio: "pipe" });
      // Nothing of shmgen is on the registry of this machine: its packages are the packed ones.
      for (const line of readme.block("sh", "## Install").trim().split("\n")) {
        const words = line.split(" ").map((word) => packed[word] ?? word);
        const isInstall = line.startsWith("npm install");
        shell(isInstall ? `${words.join(" ")} --ignore-scripts --no-fund --no-audit --prefer-offline` : line);
      }
      writeFileSync(join(path, "tsconfig.json"), readme.block("json", "## Five minutes"));
      for (const name of ["car.shm.ts", "writer.ts", "reader.ts"]) writeFileSync(join(path, name), readme.file(name));
      readme.shows("`npm run codegen` writes", shell("npm run codegen && npm run build"));
      readme.shows("Run `node writer.js`", await share(path, "writer.js", "reader.js"));
    },
  );

  it("writes the README's schema in TypeScript, compiles it with TypeScript 7, and shares it", SLOW, async () => {
    const { path, run } = project("typescript-7", "typescript@7.0.2", "@types/node@20");
    writeFileSync(join(path, "car.shm.ts"), readme.file("car.shm.ts"));
    writeFileSync(join(path, "writer.ts"), readme.file("writer.ts"));
    writeFileSync(join(path, "reader.ts"), readme.file("reader.ts"));
    const compilerOptions = {
      target: "es2022",
      module: "nodenext",
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: false,
      types: ["node"],
      outDir: "dist",
      rootDir: ".",
    };
    writeFileSync(
      join(path, "tsconfig.json"),
      JSON.stringify({ compilerOptions, include: ["*.ts", "generated/*.ts"] }),
    );
    const printed = run("npx", "codegen");
    expect(printed).toContain("generated/car.ts");
    run("npx", "tsc", "-p", ".");
    const output = await share(path, "dist/writer.js", "dist/reader.js");
    expect(output).toMatch(/gear Drive/);
  });

  it("uses the schema in plain JavaScript, and shares it", SLOW, async () => {
    const { path, run } = project("javascript");
    writeFileSync(join(path, "car.shm.ts"), readme.file("car.shm.ts"));
    expect(run("npx", "codegen", "--target", "js")).toContain("generated/car.js");
    // `using` is TypeScript's (and Node 24's); plain JavaScript closes by hand.
    for (const name of ["writer", "reader"]) {
      writeFileSync(join(path, `${name}.js`), readme.file(`${name}.ts`).replaceAll(/^using /gm, "const "));
    }
    const output = await share(path, "writer.js", "reader.js");
    expect(output).toMatch(/gear Drive/);
  });
});
