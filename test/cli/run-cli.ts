/** Runs the real program in projects of its own. */
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type Outcome, WarmProgram } from "../support/cli/warm-program.js";

export const CLI = fileURLToPath(new URL("../../generator/dist/cli.js", import.meta.url));

const program = new WarmProgram(CLI);

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly uid?: number;
  readonly node?: string;
  readonly nodeArguments?: readonly string[];
}

/** A small schema whose region is called `name`. */
export function schemaText(name: string, field = "samples", type = 1): string {
  return `import type { Region, atomic, f32, u32 } from "@shmgen/schema";

/** State of ${name}. */
export interface ${name} extends Region<{ type: ${type}; version: 1 }> {
  ${field}: atomic<u32>;
  speed: f32;
}
`;
}

/** A schema with two mistakes, in lines 4 and 5. */
export const BROKEN = `import type { Region, u32 } from "@shmgen/schema";

export interface Broken extends Region<{ type: 9; version: 1 }> {
  speed: number;
  name: string;
  count: u32;
}
`;

/** A temporary folder with these files, removed after the test. */
export function project(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-cli-"));
  onTestFinished(() => {
    if (process.platform !== "win32") spawnSync("chmod", ["-R", "u+rwX", folder]);
    rmSync(folder, { recursive: true, force: true });
  });
  // Another user may have to look into it.
  chmodSync(folder, 0o755);
  put(folder, files);
  return folder;
}

/** Writes files into a folder, with the folders that they need. */
export function put(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** Runs `shmgen ...argv` to its end, in a process that has run it before where `options` ask for nothing else. */
export function shmgen(argv: readonly string[], options: RunOptions = {}): Outcome {
  if (options.uid ?? options.node ?? options.nodeArguments) return shmgenAlone(argv, options);
  return program.run({ argv, cwd: options.cwd ?? process.cwd(), env: environment(options) });
}

/** Runs `shmgen ...argv` to its end in a process of its own, as a user does. */
export function shmgenAlone(argv: readonly string[], options: RunOptions = {}): Outcome {
  const { node = process.execPath, nodeArguments = [], cwd, uid } = options;
  const result = spawnSync(node, [...nodeArguments, CLI, ...argv], {
    encoding: "utf8",
    env: environment(options),
    // For what hangs, on machines of any speed.
    timeout: 300_000,
    ...(cwd === undefined ? {} : { cwd }),
    ...(uid === undefined ? {} : { uid, gid: uid }),
  });
  if (result.error !== undefined) throw result.error;
  return { code: result.status, out: result.stdout, err: result.stderr };
}

/** Starts `shmgen ...argv`; it is killed when the test ends. */
export function startShmgen(argv: readonly string[], options: RunOptions = {}) {
  const child = spawn(process.execPath, [CLI, ...argv], {
    env: environment(options),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let text = "";
  child.stdout.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | NodeJS.Signals | null>((done) => {
    child.on("exit", (code, signal) => done(code ?? signal));
  });
  return {
    child,
    ended,
    text: () => text,
    /** Waits until the output from `from` on matches; returns all output. */
    async until(pattern: RegExp, from = 0): Promise<string> {
      const deadline = Date.now() + 100_000;
      while (!pattern.test(text.slice(from))) {
        if (Date.now() > deadline) throw new Error(`no ${String(pattern)} in:\n${text.slice(from)}`);
        await new Promise((done) => setTimeout(done, 5));
      }
      return text;
    },
  };
}

function environment({ env = {} }: RunOptions): NodeJS.ProcessEnv {
  const all: NodeJS.ProcessEnv = { ...process.env, GITHUB_WORKSPACE: undefined, NO_COLOR: undefined, ...env };
  delete all["FORCE_COLOR"];
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Every file below a folder with its text, by path relative to it. */
export function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = names.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths.map((path) => [path.slice(folder.length + 1).replaceAll(sep, "/"), readFileSync(path, "utf8")]),
  );
}

export const MANIFEST = `{ "name": "a-project", "private": true, "type": "module" }\n`;
