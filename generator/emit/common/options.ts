/** What every target is given and gives: a layout model and options in, one text for each of its files out. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { LayoutModel } from "../../layout/layout.js";

/** A file that the generator would write. `path` is relative to the root, with forward slashes. */
export type GeneratedFile = { readonly path: string; readonly text: string };

/** What modules of JavaScript the engine, or a compiler, takes files for. */
export type ModuleForm = "esm" | "commonjs";

/** The form of one output file. */
export interface OutputModule {
  readonly form: ModuleForm;
  /** Whether its ending says so, because the nearest package.json says otherwise: `.mts`, `.cjs`. */
  readonly named: boolean;
}

export interface EmitOptions {
  /** Ending of import specifiers between generated TypeScript modules. Undefined: what each form of modules needs. */
  readonly importExtension: "js" | "ts" | "none" | undefined;
  /** The form of what is generated of a schema file. */
  moduleOf(schemaFile: string): OutputModule;
  /** Path of the output of a schema file, without extension: `"generated/telemetry"` for `"telemetry.shm.ts"`. */
  outputPath(schemaFile: string): string;
  /** The folder that paths are relative to; see {@link relativePath}. */
  readonly root?: string | undefined;
}

/** What a target makes of one schema file. */
export interface TargetOutput {
  /** One for each of the target's extensions, in their order; undefined for a file that is not needed. Empty when there are problems. */
  readonly texts: readonly (string | undefined)[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Pure: the same model, file and options give the same texts. */
export type Emitter = (model: LayoutModel, file: string, options: EmitOptions) => TargetOutput;

/** A language, or a folder of the user's templates. Its data decide its output: a cache compares them as JSON. */
export interface Target {
  readonly name: string;
  /** Endings of its files, each appended to the output path of a schema file. */
  readonly extensions: readonly string[];
  /** Whether they are modules, whose form their endings may have to say. */
  readonly modules: boolean;
  readonly emit: Emitter;
}

/** What emitting gives: files, and what is wrong. */
export interface Emission {
  readonly files: readonly GeneratedFile[];
  readonly diagnostics: readonly Diagnostic[];
}
