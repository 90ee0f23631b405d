/** Where layouts to compare come from: today's schema, a lock file, a commit, a folder, a version, a live region. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { compile } from "../compile.js";
import { diskSeenFrom } from "../config/disk.js";
import { findFiles, matchesPatterns, toSlashes } from "../config/glob.js";
import { usageFailure } from "../diagnostics/failure.js";
import { commitOf, filesOf, readFilesOf } from "./git.js";
import { type Published, readLockFile } from "./lock-file.js";
import { LOCK_NAME } from "./lock-name.js";
import { layoutsOf, type PublishedLayout } from "./published-layout.js";

/** Layouts and where they are from. */
export interface Source {
  /** For people: `"HEAD~1"`, `"shmgen.lock.json"`. */
  readonly label: string;
  readonly layouts: readonly PublishedLayout[];
}

const ALL = ["**/*.shm.ts"];

/** What the project says: where it is, and which files are its schemas. */
export interface SourceProject {
  readonly root: string;
  readonly patterns: readonly string[] | undefined;
}

/** Layouts of schema texts by path from `root`, a path without links. @throws CommandFailure (exit code 2) when they do not compile */
async function compiled(
  label: string,
  root: string,
  files: readonly string[],
  readFile: (path: string) => string | undefined,
): Promise<Source> {
  const disk = diskSeenFrom(root);
  const { model, diagnostics } = await compile({
    root: toSlashes(root),
    disk,
    files,
    readFile,
    targets: [],
    customTargets: [],
  });
  const problem = diagnostics.find(({ severity }) => severity === "error");
  if (model !== undefined && problem === undefined) return { label, layouts: layoutsOf(model) };
  const place = problem?.span === undefined ? "" : `${problem.span.file}:${problem.span.line}: `;
  throw usageFailure(`the schemas of ${label} do not compile: ${place}${problem?.message ?? "unknown"}`);
}

/** The schemas as they were in a commit; undefined when `ref` names none. */
async function sourceOfCommit({ root, patterns }: SourceProject, ref: string): Promise<Source | undefined> {
  const commit = commitOf(root, ref);
  if (commit === undefined) return undefined;
  const schemas = filesOf(root, commit).filter((path) => path.endsWith(".shm.ts"));
  const texts = readFilesOf(root, commit, schemas);
  const wanted = schemas.filter((path) => matchesPatterns(path, patterns ?? ALL)).sort();
  return compiled(ref, root, wanted, (path) => {
    // Imports may lead out of the folder, to other packages of the repository.
    if (!texts.has(path) && path.startsWith("../")) {
      for (const [name, text] of readFilesOf(root, commit, [path])) texts.set(name, text);
    }
    return texts.get(path);
  });
}

/** All schemas of a folder. */
async function sourceOfFolder(folder: string, label: string): Promise<Source> {
  const root = realpathSync(folder);
  const { files } = findFiles(root, ALL);
  if (files.length === 0) throw usageFailure(`${label}: no *.shm.ts in this folder`);
  const paths = files.map((path) => toSlashes(relative(root, path)));
  return compiled(label, root, paths, (path) => readText(join(root, path)));
}

/** One schema file. */
async function sourceOfSchema(path: string, label: string): Promise<Source> {
  const root = realpathSync(dirname(path));
  return compiled(label, root, [basename(path)], (file) => readText(join(root, file)));
}

function readText(path: string): string | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true ? readFileSync(path, "utf8") : undefined;
}

/** The newest published version of every region of a lock file. */
function sourceOfLock(published: Published, label: string): Source {
  return { label, layouts: [...published.values()].flatMap(({ versions }) => [...versions.values()].at(-1) ?? []) };
}

/** As a lock file that publishes these layouts. */
function publishedBy({ layouts }: Source): Published {
  return new Map(
    layouts.flatMap((layout) => {
      const { name, region } = layout;
      if (region === undefined) return [];
      return [[name, { name, typeId: region.typeId, versions: new Map([[region.version, layout]]) }] as const];
    }),
  );
}

/** The project's own lock file; undefined when there is none. */
export function projectLock(root: string): Published | undefined {
  return readLockFile(join(root, LOCK_NAME), LOCK_NAME);
}

/**
 * What `text` names: a lock file, a folder, a schema, or a commit, in this order. Undefined for something else.
 * `base` is where the command works.
 */
export async function sourceNamed(text: string, base: string, project: SourceProject): Promise<Source | undefined> {
  const path = resolve(base, text);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory() === true) return sourceOfFolder(path, text);
  if (stat?.isFile() === true && text.endsWith(".shm.ts")) return sourceOfSchema(path, text);
  if (stat?.isFile() === true && text.endsWith(".json")) {
    const published = readLockFile(path, text);
    if (published !== undefined) return sourceOfLock(published, text);
  }
  return sourceOfCommit(project, text);
}

/** As {@link sourceNamed}, with every version that a lock file keeps. */
export async function publishedNamed(
  text: string,
  base: string,
  project: SourceProject,
): Promise<Published | undefined> {
  const path = resolve(base, text);
  if (text.endsWith(".json")) {
    const published = readLockFile(path, text);
    if (published !== undefined) return published;
  }
  const source = await sourceNamed(text, base, project);
  return source && publishedBy(source);
}
