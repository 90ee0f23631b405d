/**
 * `generate --watch`. Watches folders, not trees: node:fs' recursive mode would also follow node_modules on Linux. A folder is
 * watched when a schema, the config or a template is or could be in it.
 */
import { existsSync, type FSWatcher, readdirSync, statSync, watch as watchFolder } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { printable } from "@shmgen/schema/printable";
import { emitCache } from "../compile.js";
import { findFiles, isGlob, isSkippedFolder } from "../config/glob.js";
import { CONFIG_NAMES } from "../config/load-config.js";
import type { EmitCache } from "../emit/emit-groups.js";
import { formatOf, type Invocation, valueOf } from "./command.js";
import { CommandFailure, EXIT, errnoOf } from "../diagnostics/failure.js";
import { generate, summary } from "./generate-project.js";
import { openProject, type Project, workingFolder } from "./project.js";
import { failureText } from "./report.js";
import { shownPath } from "./shown-path.js";

/** Editors write a file in several steps; changes this close together are one. */
const DEBOUNCE_MS = 25;

/** Runs until the process is told to stop. */
export async function watch(invocation: Invocation): Promise<number> {
  const { terminal } = invocation;
  const quiet = invocation.flags.has("quiet") || formatOf(invocation) !== "text";
  const base = workingFolder(valueOf(invocation, "cwd"));
  const changes = new Changes();
  terminal.onStop(() => changes.stop());
  // A config or a schema that is wrong at the start is no reason to leave: it is about to be edited.
  const cache = await emitCache();
  const outputs = new Set<string>();
  let project = await rebuild(invocation, undefined, quiet, cache, outputs);
  changes.cover(foldersOf(project, base, invocation, outputs), outputs);
  if (!quiet) terminal.out("watching for changes; Ctrl-C ends it\n");
  for await (const changed of changes) {
    project = (await rebuild(invocation, describe(changed, base), quiet, cache, outputs)) ?? project;
    changes.cover(foldersOf(project, base, invocation, outputs), outputs);
  }
  changes.close();
  return EXIT.clean;
}

/** Compiles and writes; `outputs` becomes the paths of what it generated, and stays as it was after a failure. */
async function rebuild(
  invocation: Invocation,
  cause: string | undefined,
  quiet: boolean,
  cache: EmitCache,
  outputs: Set<string>,
): Promise<Project | undefined> {
  const { terminal } = invocation;
  let project: Project | undefined;
  try {
    project = await openProject(invocation, invocation.positionals);
    // The names of written files stay out: a rebuild is one line.
    const flags = new Set([...invocation.flags, "quiet"]);
    const outcome = await generate(cause === undefined ? invocation : { ...invocation, flags }, project, cache);
    if (outcome.exitCode === EXIT.clean) {
      outputs.clear();
      for (const { path, status } of outcome.files)
        if (status === "created" || status === "updated" || status === "unchanged")
          outputs.add(resolve(project.base, path));
    }
    // Imported schemas may lie in folders that nothing else points to.
    project = { ...project, schemas: [...project.schemas, ...outcome.read] };
    if (!quiet) {
      const result = outcome.exitCode === EXIT.clean ? summary(outcome) : "nothing written: the schemas have errors";
      terminal.out(`${cause === undefined ? "" : `${cause}: `}${result}\n`);
    }
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    const text = failureText(error, formatOf(invocation), invocation.command);
    if (formatOf(invocation) === "text") terminal.err(text);
    else terminal.out(text);
  }
  return project;
}

function describe(changed: ReadonlySet<string>, base: string): string {
  const [first = "", ...others] = [...changed].sort();
  const name = printable(shownPath(base, base, first));
  return others.length === 0 ? `${name} changed` : `${name} and ${others.length} more changed`;
}

/** The folders to watch, each with whether folders below it matter too. */
function foldersOf(
  project: Project | undefined,
  base: string,
  invocation: Invocation,
  outputs: ReadonlySet<string>,
): Map<string, boolean> {
  const folders = new Map<string, boolean>();
  for (const path of outputs) folders.set(dirname(path), false);
  const { positionals } = invocation;
  const given = valueOf(invocation, "config");
  if (given !== undefined) folders.set(dirname(resolve(base, given)), false);
  folders.set(base, false);
  if (project !== undefined) {
    for (const schema of project.schemas) folders.set(dirname(resolve(project.root, schema)), false);
    if (project.configFile !== undefined) folders.set(dirname(project.configFile), false);
    for (const folder of project.templateFolders) folders.set(folder, true);
  }
  const searched = positionals.filter((text) => isGlob(text) || isFolder(resolve(base, text)));
  for (const text of searched) {
    let folder = resolve(base, text);
    while (!isFolder(folder) && folder !== dirname(folder)) folder = dirname(folder);
    folders.set(folder, true);
  }
  if (positionals.length === 0) folders.set(project?.root ?? base, true);
  return folders;
}

/** The paths that changed, in batches; ends when told to stop. */
class Changes implements AsyncIterable<ReadonlySet<string>> {
  readonly #watchers = new Map<string, { readonly watcher: FSWatcher; readonly deep: boolean }>();
  #pending = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #wake: (() => void) | undefined;
  #stopped = false;
  #outputs: ReadonlySet<string> = new Set();

  /**
   * Watches these folders (the deep ones with what is below them) and no longer any others. Of `outputs` only their
   * disappearance counts.
   */
  cover(folders: ReadonlyMap<string, boolean>, outputs: ReadonlySet<string>): void {
    this.#outputs = outputs;
    const wanted = new Map<string, boolean>();
    for (const [folder, deep] of folders) {
      if (deep) for (const below of withFoldersBelow(folder)) wanted.set(below, true);
      else if (!wanted.has(folder)) wanted.set(folder, false);
    }
    for (const [folder, { watcher }] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const [folder, deep] of wanted) this.#watch(folder, deep);
  }

  #watch(folder: string, deep: boolean): void {
    const known = this.#watchers.get(folder);
    if (known?.deep === deep) return;
    known?.watcher.close();
    try {
      const watcher = watchFolder(folder, (_event, name) => this.#changed(folder, name, deep));
      // A folder that vanishes reports an error on some systems; the change of its parent says all there is to say.
      watcher.on("error", () => this.#forget(folder));
      this.#watchers.set(folder, { watcher, deep });
    } catch (error) {
      this.#watchers.delete(folder);
      if (errnoOf(error) === "ENOSPC" || errnoOf(error) === "EMFILE") {
        throw new CommandFailure(
          EXIT.environment,
          `cannot watch ${folder}: the system allows no more file watches (${errnoOf(error)})`,
          "raise fs.inotify.max_user_watches, or name the schemas to watch",
        );
      }
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }

  #changed(folder: string, name: string | null, deep: boolean): void {
    const path = name === null ? folder : join(folder, name);
    if (this.#watchers.has(path) && !isFolder(path)) this.#forget(path);
    else if (name !== null && !matters(name) && !this.#isLost(path) && !(deep && this.#adopted(path))) return;
    this.#pending.add(path);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#wake?.(), DEBOUNCE_MS);
  }

  #isLost(path: string): boolean {
    return this.#outputs.has(path) && !existsSync(path);
  }

  /**
   * Watches a new folder and those in it; tells whether there are schemas in them already. They may be new even if the
   * folder is known: it may have come while {@link cover} looked around.
   */
  #adopted(path: string): boolean {
    if (isSkippedFolder(basename(path)) || !isFolder(path)) return false;
    for (const folder of withFoldersBelow(path)) this.#watch(folder, true);
    return findFiles(path, ["**/*.shm.ts", "**/*.hbs"]).files.length > 0;
  }

  stop(): void {
    this.#stopped = true;
    this.#wake?.();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const { watcher } of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ReadonlySet<string>> {
    while (!this.#stopped) {
      if (this.#pending.size === 0) {
        await new Promise<void>((done) => (this.#wake = done));
        continue;
      }
      const changed = this.#pending;
      this.#pending = new Set();
      yield changed;
    }
  }
}

/** Whether a change of a file of this name can change the output. */
function matters(name: string): boolean {
  return (
    name.endsWith(".shm.ts") ||
    name.endsWith(".hbs") ||
    name === "package.json" ||
    CONFIG_NAMES.includes(basename(name))
  );
}

function* withFoldersBelow(folder: string): Generator<string> {
  yield folder;
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.isDirectory() && !isSkippedFolder(entry.name)) yield* withFoldersBelow(join(folder, entry.name));
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
