/**
 * Finds files by patterns, because Node 20 has no fs.glob. Patterns know `*`, `?`, `[ab]`, `{a,b}`, and `**` for any number of
 * folders. Results are sorted by code units, so neither readdir order nor locale shows.
 */
import { readdirSync, statSync, type Dirent } from "node:fs";
import { join, parse, resolve } from "node:path";
import { escapeForRegExp, globSource } from "@shmgen/schema/glob";
import { errnoOf } from "../diagnostics/failure.js";

const MAGIC = /[*?[\]{}]/;

/** Whether `text` is a pattern rather than a path. */
export function isGlob(text: string): boolean {
  return MAGIC.test(text);
}

/** Folders that `*` and `**` do not enter; a pattern that names them does. */
export function isSkippedFolder(name: string): boolean {
  return name === "node_modules" || name === "dist" || name.startsWith(".");
}

export interface GlobResult {
  /** Paths below (or beside) the base, joined with it. */
  readonly files: readonly string[];
  /** Folders that could not be read. */
  readonly unreadable: readonly string[];
}

/**
 * All files that match one of the patterns, and none of those that begin with `!`. Relative patterns start at `base`. On Windows
 * a backslash parts folders as a slash does, and a pattern may begin with a drive.
 */
export function findFiles(base: string, given: readonly string[]): GlobResult {
  const patterns = given.map(toSlashes);
  const found = new Set<string>();
  const unreadable = new Set<string>();
  const excluded = patterns
    .filter((pattern) => pattern.startsWith("!"))
    .map((pattern) => globToRegExp(base, pattern.slice(1)));
  for (const pattern of patterns.filter((text) => !text.startsWith("!"))) {
    for (const plain of expandBraces(pattern)) {
      const { root } = parse(plain);
      visit(root === "" ? base : resolve(root), segmentsOf(plain.slice(root.length)), found, unreadable);
    }
  }
  const files = [...found].filter((path) => !excluded.some((pattern) => pattern.test(toSlashes(path))));
  return { files: files.sort(byCodeUnits), unreadable: [...unreadable].sort(byCodeUnits) };
}

/** Sorts the same way everywhere, unlike localeCompare. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Paths with forward slashes, as schemas and outputs are named on every system. */
export function toSlashes(path: string): string {
  return process.platform === "win32" ? path.replaceAll("\\", "/") : path;
}

function segmentsOf(pattern: string): string[] {
  return pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
}

function visit(folder: string, segments: readonly string[], found: Set<string>, unreadable: Set<string>): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (segment === "**") {
    visit(folder, rest.length === 0 ? ["*"] : rest, found, unreadable);
    for (const entry of entriesOf(folder, unreadable)) {
      // Links to folders are not followed: they may lead in a circle.
      if (entry.isDirectory() && !isSkippedFolder(entry.name))
        visit(join(folder, entry.name), segments, found, unreadable);
    }
    return;
  }
  if (!isGlob(segment)) {
    const path = join(folder, segment);
    if (rest.length > 0) visit(path, rest, found, unreadable);
    else if (isFile(path)) found.add(path);
    return;
  }
  const matcher = new RegExp(`^${globSource(segment)}$`, "u");
  for (const entry of entriesOf(folder, unreadable)) {
    if (!matcher.test(entry.name) || (entry.name.startsWith(".") && !segment.startsWith("."))) continue;
    const path = join(folder, entry.name);
    if (rest.length === 0) {
      if (entry.isFile() || (entry.isSymbolicLink() && isFile(path))) found.add(path);
    } else if (!isSkippedFolder(entry.name) || segment.startsWith(".")) {
      if (entry.isDirectory() || entry.isSymbolicLink()) visit(path, rest, found, unreadable);
    }
  }
}

function entriesOf(folder: string, unreadable: Set<string>): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    if (errnoOf(error) === "EACCES" || errnoOf(error) === "EPERM") unreadable.add(folder);
    return [];
  }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

/** Whether a path relative to `base` is one that {@link findFiles} would find there, for files that are not on the disk. */
export function matchesPatterns(path: string, given: readonly string[]): boolean {
  const patterns = given.map(toSlashes);
  const matches = (pattern: string): boolean => globToRegExp("", pattern).test(`/${path}`);
  if (patterns.some((pattern) => pattern.startsWith("!") && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => {
    if (pattern.startsWith("!") || !matches(pattern)) return false;
    return !path
      .split("/")
      .slice(0, -1)
      .some((folder) => isSkippedFolder(folder) && !pattern.includes(folder));
  });
}

function globToRegExp(base: string, pattern: string): RegExp {
  const sources = expandBraces(pattern).map((plain) => {
    const { root } = parse(plain);
    const start = escapeForRegExp(toSlashes(root === "" ? base : resolve(root)).replace(/\/$/, ""));
    const parts = segmentsOf(plain.slice(root.length)).map((segment) =>
      segment === "**" ? "(?:/[^/]+)*" : `/${globSource(segment)}`,
    );
    return start + parts.join("");
  });
  // An excluded folder excludes what is in it.
  return new RegExp(`^(?:${sources.join("|")})(?:/|$)`, "u");
}

/** `a{b,c}d` -> `abd`, `acd`; braces nest; a brace without a comma or an end stays as it is. */
export function expandBraces(pattern: string): string[] {
  let depth = 0;
  let start = -1;
  const commas: number[] = [];
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index];
    if (char === "{") {
      if (depth === 0) start = index;
      depth += 1;
    } else if (char === "," && depth === 1) commas.push(index);
    else if (char === "}" && depth > 0) {
      depth -= 1;
      if (depth > 0) continue;
      if (commas.length === 0) {
        start = -1;
        continue;
      }
      const bounds = [start, ...commas, index];
      const options = bounds.slice(1).map((end, option) => pattern.slice((bounds[option] ?? 0) + 1, end));
      return options.flatMap((option) => expandBraces(pattern.slice(0, start) + option + pattern.slice(index + 1)));
    }
  }
  return [pattern];
}
