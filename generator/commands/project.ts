/** What a command works on: the config in force, the schemas, and how to compile them. */
import { lstatSync, readFileSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import type { CompileFiles } from "../compile.js";
import { outputPathOf } from "../compile.js";
import type { CustomTargetConfig } from "../config/define-config.js";
import { diskSeenFrom } from "../config/disk.js";
import { placeholderProblem } from "../config/placeholders.js";
import { byCodeUnits, findFiles, isGlob, toSlashes } from "../config/glob.js";
import { outputModules } from "../config/output-modules.js";
import { CONFIG_NAMES, loadConfig, type LoadedConfig, nearest, shownFile, workspaceOf } from "../config/load-config.js";
import type { CustomTarget } from "../emit/custom/custom.js";
import { DEFAULT_TARGETS, TARGET_NAMES, type TargetName } from "../emit/registry.js";
import { type Invocation, valueOf } from "./command.js";
import { errnoOf, systemFailure, usageFailure } from "../diagnostics/failure.js";
import { withLineFeeds } from "../output.js";
import { shownPath } from "./shown-path.js";
import { didYouMean, orList } from "../diagnostics/suggest.js";

export interface Project {
  /** The folder in which the command works; shown paths are relative to it. */
  readonly base: string;
  /** The folder that paths of schemas and outputs are relative to. */
  readonly root: string;
  readonly configFile: string | undefined;
  /** Schemas relative to the root, with forward slashes, sorted. */
  readonly schemas: readonly string[];
  readonly compile: CompileFiles;
  /** `files` of the config; undefined where all schemas are meant. */
  readonly patterns: readonly string[] | undefined;
  /** Published versions to generate accessors of. */
  readonly versions: readonly number[];
  /** False when `--target` left out some of the configured targets. */
  readonly allTargets: boolean;
  /** Whether the command works on all schemas, with the targets and the output that the config says. */
  readonly asConfigured: boolean;
  /** Folders that could not be searched, as shown. */
  readonly unreadable: readonly string[];
  /** Folders whose files decide the result besides the schemas: the templates of custom targets. */
  readonly templateFolders: readonly string[];
}

const DEFAULT_FILES = ["**/*.shm.ts"];

/**
 * Finds the config and the schemas.
 * @throws CommandFailure for a config or an argument that does not fit (2), or what cannot be read (3).
 */
export async function openProject(invocation: Invocation, given: readonly string[]): Promise<Project> {
  const base = workingFolder(valueOf(invocation, "cwd"));
  const explicit = valueOf(invocation, "config");
  // Starting at the schemas named, not where the user happens to stand, keeps the output independent of that place.
  const start = given.length === 0 ? base : commonFolder(given.map((text) => staticFolder(base, text)));
  const loaded = await loadConfig(start, explicit === undefined ? undefined : explicitConfig(base, explicit));
  const { root } = loaded;
  const found = given.length > 0 ? givenFiles(base, given) : configuredFiles(loaded);
  const schemas = found.files.map((path) => toSlashes(relative(root, path))).sort(byCodeUnits);
  const wrong = schemas.find((path) => !path.endsWith(".shm.ts"));
  if (wrong !== undefined) {
    throw usageFailure(`${shownPath(base, root, wrong)} is not a schema: its name has to end in .shm.ts`);
  }
  const chosen = chooseTargets(loaded, invocation.values.get("target"));
  const out = outputFolder(loaded, base, valueOf(invocation, "out"));
  return {
    base,
    root,
    configFile: loaded.file,
    schemas,
    patterns: loaded.config.files === undefined ? undefined : [loaded.config.files].flat(),
    versions: chosenVersions(invocation) ?? loaded.config.versions ?? [],
    allTargets: chosen.all,
    asConfigured: given.length === 0 && !["out", "target", "versions"].some((name) => invocation.values.has(name)),
    unreadable: found.unreadable.map((path) => toSlashes(relative(base, path))),
    templateFolders: chosen.custom.map(({ folder }) => resolve(root, folder)),
    compile: {
      root: toSlashes(root),
      disk: diskSeenFrom(root),
      files: schemas,
      readFile: (path) => readSchemaText(base, root, path),
      targets: chosen.builtIn,
      customTargets: chosen.custom.map((target) => readCustomTarget(root, target)),
      outputPath: (file) => outputPathOf(file, out),
      moduleOf: outputModules(root, loaded.config.module, (file) => outputPathOf(file, out)),
      mayWrite: (path) => isOurs(resolve(root, path), [base, writableFolder(root)]),
      ...(loaded.config.importExtension === undefined ? {} : { importExtension: loaded.config.importExtension }),
    },
  };
}

/**
 * The folder in which output of imported schemas may be written: the repository or workspace that the project belongs to. Where
 * there is neither, the folder that the project's own lies in, so that packages can stand side by side.
 */
function writableFolder(root: string): string {
  return nearest(root, ".git") ?? workspaceOf(root) ?? dirname(root);
}

/** Never in an installed package: the next installation would take it away. */
function isOurs(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    const way = relative(folder, path);
    const inside = toSlashes(way).split("/");
    // Absolute on another drive of Windows.
    return inside[0] !== ".." && !isAbsolute(way) && !inside.includes("node_modules");
  });
}

/** Fails when there is nothing to do; the message says where it was looked for. */
export function requireSchemas(project: Project): void {
  if (project.schemas.length > 0) return;
  const where =
    project.configFile === undefined
      ? `**/*.shm.ts below ${project.root}`
      : `'files' of ${shownFile(project.configFile)}`;
  throw usageFailure(`no schema found: looked for ${where}`, "shmgen init writes a first schema");
}

/** The folder that `--cwd` names, or the current one, without links in it. */
export function workingFolder(cwd: string | undefined): string {
  let folder = cwd ?? ".";
  try {
    folder = resolve(folder);
    if (!statSync(folder).isDirectory()) throw usageFailure(`--cwd ${cwd}: that is not a folder`);
    return realpathSync(folder);
  } catch (error) {
    if (cwd !== undefined && errnoOf(error) === "ENOENT") throw usageFailure(`--cwd ${cwd}: there is no such folder`);
    throw errnoOf(error) === undefined ? error : systemFailure("work in", folder, error);
  }
}

function explicitConfig(base: string, file: string): string {
  const path = resolve(base, file);
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) return path;
  throw usageFailure(`--config ${file}: there is no such file`, `a config is called ${orList([...CONFIG_NAMES])}`);
}

function configuredFiles({ config, root, file }: LoadedConfig): ReturnType<typeof findFiles> {
  const files = config.files === undefined ? DEFAULT_FILES : [config.files].flat();
  const patterns = files.map((text) =>
    isFolder(resolve(root, text)) ? `${text.replace(/\/+$/, "")}/**/*.shm.ts` : text,
  );
  const found = findFiles(root, patterns);
  if (config.files !== undefined && found.files.length === 0) {
    throw usageFailure(`${shownFile(file ?? root)}: files: nothing matches ${patterns.join(", ")} below ${root}`);
  }
  return found;
}

function givenFiles(base: string, given: readonly string[]): ReturnType<typeof findFiles> {
  const files = new Set<string>();
  const unreadable = new Set<string>();
  const excluded = given.filter((text) => text.startsWith("!"));
  for (const text of given.filter((other) => !other.startsWith("!"))) {
    const path = resolve(base, text);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() === true) {
      files.add(withoutLinks(path));
      continue;
    }
    const found = stat?.isDirectory() === true ? findFiles(path, DEFAULT_FILES) : findFiles(base, [text, ...excluded]);
    if (found.files.length === 0) throw nothingMatches(base, text, stat?.isDirectory() === true);
    for (const file of found.files) files.add(withoutLinks(file));
    for (const folder of found.unreadable) unreadable.add(folder);
  }
  return { files: [...files], unreadable: [...unreadable] };
}

function nothingMatches(base: string, text: string, folder: boolean): Error {
  if (folder) return usageFailure(`${text}: no *.shm.ts in this folder`);
  if (isGlob(text)) return usageFailure(`${text}: no file matches`);
  const name = basename(text);
  const near = findFiles(resolve(base, dirname(text)), ["*.shm.ts"]).files.map((path) => basename(path));
  const exact = near.includes(`${name}.shm.ts`) ? `did you mean '${name}.shm.ts'?` : didYouMean(name, near);
  return usageFailure(`${text}: there is no such file`, exact);
}

/** The part of a path or pattern that is a folder for certain. */
function staticFolder(base: string, text: string): string {
  const path = resolve(base, text.replace(/^!/, ""));
  if (isFolder(path)) return path;
  let folder = dirname(path);
  while (isGlob(toSlashes(relative(base, folder))) && !isFolder(folder) && folder !== dirname(folder))
    folder = dirname(folder);
  return isFolder(folder) ? realpathSync(folder) : base;
}

function commonFolder(folders: readonly string[]): string {
  let common = folders[0] ?? ".";
  for (const folder of folders) {
    while (relative(common, folder).startsWith("..") && common !== dirname(common)) common = dirname(common);
  }
  return common;
}

function withoutLinks(path: string): string {
  return join(realpathSync(dirname(path)), basename(path));
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function readSchemaText(base: string, root: string, path: string): string | undefined {
  const absolute = resolve(root, path);
  try {
    // An import may name anything; only a file can be a schema, and reading a FIFO would wait for ever.
    if (!statSync(absolute).isFile()) return undefined;
    return readFileSync(absolute, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return undefined;
    throw systemFailure("read", shownPath(base, root, path), error);
  }
}

/** The output folder relative to the root. A relative one means the root in a config, and the working folder in `--out`. */
function outputFolder({ config, root }: LoadedConfig, base: string, given: string | undefined): string {
  const problem = given === undefined ? undefined : placeholderProblem(given);
  if (problem !== undefined) throw usageFailure(`--out ${given}: ${problem}`);
  const text = toSlashes(given ?? config.out ?? "{dir}/generated");
  if (text.startsWith("{dir}")) return text;
  const absolute = isAbsolute(text) ? text : resolve(given === undefined ? root : base, text);
  return toSlashes(relative(root, absolute)) || ".";
}

interface ChosenTargets {
  readonly builtIn: readonly TargetName[];
  readonly custom: readonly CustomTargetConfig[];
  readonly all: boolean;
}

function chooseTargets({ config }: LoadedConfig, given: readonly string[] | undefined): ChosenTargets {
  const custom = config.customTargets ?? [];
  const configured = config.targets ?? DEFAULT_TARGETS;
  if (given === undefined) return { builtIn: configured, custom, all: true };
  const names = [...TARGET_NAMES, ...custom.map(customName)];
  for (const name of given) {
    if (names.includes(name)) continue;
    throw usageFailure(`--target does not know '${name}'`, didYouMean(name, names) ?? `it takes ${orList(names)}`);
  }
  const builtIn = TARGET_NAMES.filter((name) => given.includes(name));
  const chosen = custom.filter((target) => given.includes(customName(target)));
  const all = configured.every((name) => builtIn.includes(name)) && chosen.length === custom.length;
  return { builtIn, custom: chosen, all };
}

/** Of `--versions`. */
function chosenVersions(invocation: Invocation): number[] | undefined {
  return invocation.values.get("versions")?.map((text) => {
    if (/^[1-9]\d*$/.test(text)) return Number(text);
    throw usageFailure(
      `--versions takes numbers of published versions, found '${text}'`,
      "shmgen generate --versions 2,3",
    );
  });
}

function customName({ name, folder }: CustomTargetConfig): string {
  return name ?? basename(folder);
}

function readCustomTarget(root: string, target: CustomTargetConfig): CustomTarget {
  const folder = resolve(root, target.folder);
  const templates: Record<string, string> = Object.create(null) as Record<string, string>;
  try {
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
      if (name.endsWith(".hbs") && lstatSync(join(folder, name)).isFile()) {
        // git checks files out with the ends of lines that its user wants; output has the same everywhere.
        templates[toSlashes(name)] = withLineFeeds(readFileSync(join(folder, name), "utf8"));
      }
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT") throw usageFailure(`customTargets: there is no folder ${folder}`);
    throw systemFailure("read", folder, error);
  }
  return { name: customName(target), templateDir: target.folder, extension: target.extension, templates };
}
