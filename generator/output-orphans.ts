/**
 * Generated files that nothing generates any more: their schema or target is gone, or `out` has led elsewhere since. A file that may be
 * somebody else's is never taken for one, because `generate --clean` removes them.
 */
import { closeSync, existsSync, lstatSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { isSkippedFolder, toSlashes } from "./config/glob.js";
import type { GeneratedFile } from "./emit/common/options.js";
import { BANNER, namesIn, type OutputFile, TEMPORARY } from "./output.js";

/** What a run generates, and how it was asked to. */
export interface Generated {
  readonly root: string;
  readonly files: readonly GeneratedFile[];
  /** Schemas that have all their output in `files`, relative to the root. A file of another one that exists is left alone. */
  readonly schemas: ReadonlySet<string>;
  /** False when only some of the configured targets were generated. */
  readonly targetsKnown: boolean;
  /** Where the output of a schema belongs, without ending; both relative to the root. */
  outputPath(schemaFile: string): string;
  /**
   * Whether all folders of the project are searched, and not those alone into which `files` go: where everything that the project
   * generates was asked for, as its config says.
   */
  readonly everywhere: boolean;
  /** Whether `out` is what a config says: without one, what lies elsewhere may come from options of another run. */
  readonly outKnown: boolean;
  /** Endings of generated files, of all targets that there are. */
  readonly extensions: readonly string[];
  /** Names of config files: a folder below the root that has one is a project of its own. */
  readonly configNames: readonly string[];
}

/** The orphans, sorted by path. Reads only. */
export function findOrphans(generated: Generated): OutputFile[] {
  const { root, files } = generated;
  const own = new Set(files.map(({ path }) => dirname(resolve(root, path))));
  const expected = new Set(files.map(({ path }) => resolve(root, path)));
  const inOwn = [...own].flatMap((folder) =>
    namesIn(folder)
      .map((name) => join(folder, name))
      .filter((path) => !expected.has(path) && !isCompiled(path, expected) && isOrphan(path, generated)),
  );
  const elsewhere = generated.everywhere
    ? [...filesBelow(root, own, generated)].filter((path) => isOrphanElsewhere(path, generated))
    : [];
  return [...inOwn, ...elsewhere]
    .map((path): OutputFile => {
      const shown = toSlashes(relative(root, path));
      return { path: shown, status: "orphan", before: readFileSync(path, "utf8"), after: undefined };
    })
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** In a folder of our output, each file with a banner is ours. What others compiled from a generated `x.ts` keeps it, and is theirs. */
function isOrphan(path: string, { root, schemas, targetsKnown }: Generated): boolean {
  const source = TEMPORARY.test(basename(path)) ? undefined : sourceOf(path);
  if (source === undefined) return false;
  const schema = placesOf(path, source).find((place) => existsSync(place));
  return schema === undefined || (targetsKnown && schemas.has(toSlashes(relative(root, schema))));
}

/**
 * Elsewhere a file may have been copied, or compiled with its comments. It is ours where it is called as its schema, which is compiled
 * now, and `out` leads elsewhere; or where it leads for a schema that is gone.
 */
function isOrphanElsewhere(path: string, { root, schemas, outKnown, outputPath }: Generated): boolean {
  const source = sourceOf(path);
  if (source === undefined || !isCalledAs(source, basename(path)) || !isOurForm(path)) return false;
  const schema = resolve(dirname(path), source);
  const inProject = toSlashes(relative(root, schema));
  if (existsSync(schema)) return outKnown && schemas.has(inProject);
  const stem = basename(source).replace(/\.shm\.ts$/, "");
  return toSlashes(relative(root, join(dirname(path), stem))) === outputPath(inProject);
}

/** `car.ts` and `car.h` of `car.shm.ts`; `car.v2.ts` of a lock file. */
function isCalledAs(source: string, name: string): boolean {
  const schema = /^(.+)\.shm\.ts$/.exec(basename(source))?.[1];
  return schema === undefined ? /\.v\d+\./.test(name) : name.startsWith(`${schema}.`);
}

/** Compilers write `.js` and `.d.ts` too, comments included, but no map of declarations that says it is ours. */
function isOurForm(path: string): boolean {
  const stem = /^(.+?)(?:\.js|\.d\.ts)(?:\.map)?$/.exec(path)?.[1];
  return stem === undefined || sourceOf(`${stem}.d.ts.map`) !== undefined;
}

/** Whether the file is what a TypeScript compiler writes for one of `sources`. */
function isCompiled(path: string, sources: ReadonlySet<string>): boolean {
  const stem = /^(.+?)(?:\.js|\.d\.ts)(?:\.map)?$/.exec(path)?.[1];
  return stem !== undefined && sources.has(`${stem}.ts`);
}

/** Where the schema may be that a banner names: relative to the file, or, in older banners, to the root that it had then. */
function placesOf(path: string, source: string): string[] {
  const places: string[] = [];
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    places.push(resolve(folder, source));
    if (folder === dirname(folder)) return places;
  }
}

/** The schema that the banner of a file names; undefined when it has none. */
function sourceOf(path: string): string | undefined {
  // A generated file is text of a moderate size; a large one is somebody's data.
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size >= 64 * 1024 * 1024) return undefined;
  return BANNER.exec(beginningOf(path))?.[1];
}

const beginning = Buffer.alloc(2048);

function beginningOf(path: string): string {
  try {
    const fd = openSync(path, "r");
    try {
      return beginning.toString("utf8", 0, readSync(fd, beginning, 0, beginning.length, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return "";
  }
}

/** Files that may be generated, by their names, in all folders of the project but those in `known`. */
function* filesBelow(folder: string, known: ReadonlySet<string>, generated: Generated): Generator<string> {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  const isOther = entries.some(({ name }) => generated.configNames.includes(name));
  if (isOther && folder !== generated.root) return;
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !isSkippedFolder(entry.name)) yield* filesBelow(path, known, generated);
    else if (entry.isFile() && !known.has(folder) && generated.extensions.some((ending) => path.endsWith(ending)))
      yield path;
  }
}
