/** The passes in order: schema text or a SchemaIr in, generated files and diagnostics out. No pass runs on what has errors. */
import { report } from "./diagnostics/codes.js";
import { type Diagnostic, sortDiagnostics } from "./diagnostics/diagnostic.js";
import type { GeneratedFile, OutputModule } from "./emit/common/options.js";
import type { CustomTarget } from "./emit/custom/custom.js";
import type { EmitCache } from "./emit/emit-groups.js";
import { DEFAULT_TARGETS, loadTargets, type TargetName } from "./emit/registry.js";
import type { Disk } from "./frontend/package-imports.js";
import type { ReadResult } from "./frontend/read-schema.js";
import type { SchemaIr } from "./ir/ir.js";
import type { LayoutModel } from "./layout/layout.js";

export type { Disk } from "./frontend/package-imports.js";

/** What to emit and where. */
export interface CompileTargets {
  /** Default: `["ts", "c"]`; an empty list emits nothing, for callers that want the model only. */
  readonly targets?: readonly TargetName[];
  /** Ending of import specifiers between generated TypeScript modules. Default: none in CommonJS, else `"js"`. */
  readonly importExtension?: "js" | "ts" | "none";
  /** The form of what is generated of a schema file. Default: ES modules. */
  moduleOf?(schemaFile: string): OutputModule;
  /** Output of a schema file, relative to the root, without extension. Default: `generated/` beside the schema. */
  outputPath?(schemaFile: string): string;
  /**
   * Whether output of a schema that is only imported may be written to this path, relative to the root and without extension.
   * Default: everywhere.
   */
  mayWrite?(outputPath: string): boolean;
  readonly customTargets?: readonly CustomTarget[];
  /**
   * The folder that paths are relative to. Nothing of it shows in the output, but names of folders on the way between two files of which
   * one lies outside. Default: `"."`, of which nothing is known.
   */
  readonly root?: string;
  /** Keeps output between runs of one process; see {@link emitCache}. */
  readonly cache?: EmitCache;
}

/** A cache for {@link CompileTargets.cache}: a run that has it emits only the schemas that changed since the run before. */
export async function emitCache(): Promise<EmitCache> {
  return new (await import("./emit/emit-groups.js")).EmitCache();
}

/** Schema files to compile. */
export interface CompileFiles extends CompileTargets {
  /** Schema files, relative to the root, with forward slashes. Those that they import follow by themselves. */
  readonly files: readonly string[];
  /** Text of a file by its path relative to the root; undefined when there is none. */
  readFile(path: string): string | undefined;
  /**
   * What files are called on the disk that `readFile` reads: a file that is reached by several ways is one then, and imports by the name
   * of a package lead to what TypeScript finds. Default: paths say all.
   */
  readonly disk?: Disk;
}

/** A {@link SchemaIr} to compile, for instance one that another front end wrote as JSON. */
export interface CompileIr extends CompileTargets {
  readonly ir: SchemaIr;
}

/** What a compilation gives: files to write, and problems; no files when there are errors. */
export interface CompileResult {
  /** What should stand on disk, sorted by path. Empty when there are errors. */
  readonly files: readonly GeneratedFile[];
  /** All problems of the passes that ran, in the order of files and lines. */
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined when errors were found before there were layouts. */
  readonly model: LayoutModel | undefined;
  /** Text of every schema file that was read, for code frames. */
  readonly sources: ReadonlyMap<string, string>;
}

/**
 * Runs the passes in order: read, check, lower, layout, emit. Each lists all its problems; none runs on the output of one that found
 * errors. Reads only through `readFile`, writes nothing, and gives the same result for the same input everywhere.
 */
export async function compile(options: CompileFiles | CompileIr): Promise<CompileResult> {
  const diagnostics: Diagnostic[] = [];
  let sources: ReadonlyMap<string, string> = new Map();
  let ir: SchemaIr;
  let importedAt: ReadResult["importedAt"] = new Map();
  const stopped = (found: readonly Diagnostic[]): boolean => {
    diagnostics.push(...found);
    return found.some(({ severity }) => severity === "error");
  };
  const result = (model?: LayoutModel, files: readonly GeneratedFile[] = []): CompileResult => ({
    files,
    diagnostics: sortDiagnostics(diagnostics),
    model,
    sources,
  });

  if ("ir" in options) {
    ir = options.ir;
  } else {
    // The front end brings its compiler along, which takes longer to load than a small project to compile.
    const { readSchema } = await import("./frontend/read-schema.js");
    const { root = ".", readFile, disk } = options;
    const read = readSchema({ root, files: [...options.files].sort(), readFile: (path) => readFile(path), disk });
    ({ ir, sources, importedAt } = read);
    if (stopped(read.diagnostics)) return result();
  }
  const { checkIr } = await import("./ir/check.js");
  if (stopped(checkIr(ir))) return result();

  const [{ lower }, { computeLayouts }, { verifyLayout }] = await Promise.all([
    import("./lower/lower.js"),
    import("./layout/compute.js"),
    import("./layout/verify.js"),
  ]);
  const layouts = computeLayouts(lower(ir));
  if (stopped(layouts.diagnostics)) return result();
  const { model } = layouts;
  verifyLayout(model);

  const { targets: names = DEFAULT_TARGETS, importExtension, customTargets = [], root } = options;
  if (names.length === 0 && customTargets.length === 0) return result(model);
  const outputPath = (file: string): string => options.outputPath?.(file) ?? outputPathOf(file, "{dir}/generated");
  if (stopped(strayOutput(importedAt, outputPath, options))) return result(model);
  const { emitGroups } = await import("./emit/emit-groups.js");
  const targets = await loadTargets(names);
  if (customTargets.length > 0)
    targets.push(...customTargets.map((await import("./emit/custom/custom.js")).customTarget));
  const emitted = emitGroups(
    model,
    targets,
    { importExtension, outputPath, moduleOf: moduleOf(options), root },
    sources,
    options.cache,
  );
  return stopped(emitted.diagnostics) ? result(model) : result(model, emitted.files);
}

/** How the output of a schema file is loaded. */
export function moduleOf(options: CompileTargets): (schemaFile: string) => OutputModule {
  return (file) => options.moduleOf?.(file) ?? { form: "esm", named: false };
}

/**
 * Imports whose output would be written where nobody expects it. Packages of one repository or workspace belong together, whatever
 * folder the command runs in; what lies beyond is somebody else's.
 */
function strayOutput(
  importedAt: ReadResult["importedAt"],
  outputPath: (file: string) => string,
  options: CompileTargets,
): Diagnostic[] {
  return [...importedAt].flatMap(([file, span]) => {
    const output = outputPath(file);
    return options.mayWrite?.(output) === false ? [report("SHM4010", { file, output }, { span })] : [];
  });
}

/**
 * Output path of a schema, without extension: `out` with `{dir}` replaced by the schema's folder, then the schema's name.
 * `outputPathOf("a/car.shm.ts", "{dir}/generated")` is `"a/generated/car"`.
 */
export function outputPathOf(schemaFile: string, out: string): string {
  const slash = schemaFile.lastIndexOf("/");
  const dir = slash < 0 ? "." : schemaFile.slice(0, slash);
  const name = schemaFile.slice(slash + 1).replace(/\.shm\.ts$/, "");
  return normalise(`${out.replaceAll("{dir}", dir)}/${name}`);
}

/** Resolves `.` and `..` in a path with forward slashes. */
function normalise(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/");
}
