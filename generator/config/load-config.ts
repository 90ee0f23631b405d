/** Which configuration is in force in a folder, found, read and checked. */
import { existsSync, readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { CommandFailure, EXIT, systemFailure, usageFailure } from "../diagnostics/failure.js";
import type { ShmgenConfig } from "./define-config.js";

/** In the order in which they are looked for in a folder. */
export const CONFIG_NAMES = ["ts", "mts", "js", "mjs", "json"].map((extension) => `shmgen.config.${extension}`);

export interface LoadedConfig {
  readonly config: ShmgenConfig;
  /** The folder that all paths of schemas and outputs are relative to. */
  readonly root: string;
  /** Where the config was found; undefined when there is none. */
  readonly file: string | undefined;
}

/**
 * The config that is in force in `start`: the nearest one upward, at most up to the root of the git repository, or of the
 * package where there is no repository. Without any, the root is the folder of the nearest package.json.
 * @throws CommandFailure (exit code 2) when the config cannot be loaded or does not hold what it should.
 */
export async function loadConfig(start: string, explicit?: string): Promise<LoadedConfig> {
  const file = explicit ?? findConfig(start);
  if (file === undefined) return { config: {}, root: nearest(start, "package.json") ?? start, file: undefined };
  const value = await readConfig(file);
  // zod costs as much as the rest of a small run, so it is loaded only when there is something to check.
  const { parseConfig } = await import("./config-schema.js");
  // Without links, as the current folder is: the way from the root to a file beside it leads through `..`.
  return { config: parseConfig(value, shownFile(file)), root: realpathSync(dirname(file)), file };
}

/** The nearest config file upward from `start`. */
function findConfig(start: string): string | undefined {
  const boundary = nearest(start, ".git") ?? nearest(start, "package.json") ?? start;
  for (const folder of upward(start)) {
    for (const name of CONFIG_NAMES) {
      const path = join(folder, name);
      if (existsSync(path)) return path;
    }
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && manifestConfig(manifest) !== undefined) return manifest;
    if (folder === boundary) return undefined;
  }
  return undefined;
}

/** A file as messages show it: relative to the current folder, unless that leads out of it. */
export function shownFile(file: string): string {
  const path = relative(process.cwd(), file);
  // Absolute on another drive of Windows.
  return path === "" || path.startsWith("..") || isAbsolute(path) ? file : path;
}

function* upward(start: string): Generator<string> {
  let folder = resolve(start);
  for (;;) {
    yield folder;
    const parent = dirname(folder);
    if (parent === folder) return;
    folder = parent;
  }
}

/** The nearest folder upward that has an entry of that name. */
export function nearest(start: string, name: string): string | undefined {
  for (const folder of upward(start)) if (existsSync(join(folder, name))) return folder;
  return undefined;
}

/** The root of the workspace of npm, yarn, bun or pnpm that a folder is in. */
export function workspaceOf(start: string): string | undefined {
  for (const folder of upward(start)) {
    if (existsSync(join(folder, "pnpm-workspace.yaml"))) return folder;
    const manifest = join(folder, "package.json");
    if (existsSync(manifest) && /"workspaces"\s*:/.test(readText(manifest))) return folder;
  }
  return undefined;
}

async function readConfig(file: string): Promise<unknown> {
  const name = basename(file);
  if (name === "package.json") return manifestConfig(file);
  if (name.endsWith(".json")) return parseJson(readText(file), file);
  if (/\.m?ts$/.test(name)) {
    const { loadTypeScriptConfig } = await import("./load-typescript.js");
    return defaultExport(await loadOrExplain(file, () => loadTypeScriptConfig(file)), file);
  }
  if (/\.[cm]?js$/.test(name)) {
    // The time of the change is part of the address, because a module is cached by its address and watch loads it again.
    const url = `${pathToFileURL(file).href}?changed=${mtime(file)}`;
    return defaultExport(await loadOrExplain(file, () => importConfig(file, url)), file);
  }
  throw usageFailure(`${shownFile(file)}: a config is a .ts, .mts, .js, .mjs or .json file, or package.json`);
}

async function importConfig(file: string, url: string): Promise<unknown> {
  try {
    return (await import(url)) as unknown;
  } catch (error) {
    // npx runs shmgen in projects that have not installed it; the TypeScript loader answers for the missing package.
    if (!(error instanceof Error) || !/Cannot find (package|module) 'shmgen'/.test(error.message)) throw error;
    const { loadTypeScriptConfig } = await import("./load-typescript.js");
    return loadTypeScriptConfig(file);
  }
}

function mtime(file: string): number {
  try {
    return statSync(file).mtimeMs;
  } catch (error) {
    throw systemFailure("read", shownFile(file), error);
  }
}

function defaultExport(module: unknown, file: string): unknown {
  if (typeof module === "object" && module !== null && "default" in module) return module.default;
  throw usageFailure(`${shownFile(file)}: has no default export`, "write: export default defineConfig({ ... })");
}

async function loadOrExplain(file: string, load: () => Promise<unknown>): Promise<unknown> {
  try {
    return await load();
  } catch (error) {
    if (error instanceof CommandFailure) throw error;
    const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new CommandFailure(EXIT.usage, `${shownFile(file)}: cannot be loaded: ${text}`.split("\n"));
  }
}

function manifestConfig(file: string): unknown {
  const manifest = parseJson(readText(file), file);
  return typeof manifest === "object" && manifest !== null && "shmgen" in manifest ? manifest.shmgen : undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/^\uFEFF/, "");
  } catch (error) {
    throw systemFailure("read", shownFile(file), error);
  }
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageFailure(`${shownFile(file)}: is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}
