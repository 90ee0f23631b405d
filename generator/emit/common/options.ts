import type { Diagnostic } from "../../diagnostics/diagnostic.js";

/** A file that the generator would write. `path` is relative to the root, with forward slashes. */
export type GeneratedFile = { readonly path: string; readonly text: string };

/** A target of the user's own: a folder of handlebars templates over the model of emit/custom/model.ts. */
export interface CustomTarget {
  readonly name: string;
  /** Folder with `<name>.hbs` (`module.hbs` renders each schema file) and `partials/`; as messages show it. */
  readonly templateDir: string;
  /** Ending of the output, e.g. `".md"`: appended to the output path of the schema file. */
  readonly extension: string;
  /** Text of the folder's files by path relative to it, e.g. `"module.hbs"`, `"partials/field.hbs"`. */
  readonly templates: Readonly<Record<string, string>>;
}

export interface EmitOptions {
  readonly targets: readonly ("ts" | "js" | "c")[];
  /** Ending of import specifiers between generated modules. */
  readonly importExtension: "js" | "ts" | "none";
  /** Path of the output of a schema file, without extension: `"generated/telemetry"` for `"telemetry.shm.ts"`. */
  outputPath(schemaFile: string): string;
  readonly customTargets: readonly CustomTarget[];
}

/** What one emitter returns. */
export interface Emission {
  readonly files: readonly GeneratedFile[];
  readonly diagnostics: readonly Diagnostic[];
}
