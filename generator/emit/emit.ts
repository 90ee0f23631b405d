/** Layouts in, text out: one file per schema file and target. */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { LayoutModel } from "../layout/layout.js";
import { emitC } from "./c/model.js";
import { emitCustom } from "./custom/custom.js";
import type { Emission, EmitOptions, GeneratedFile } from "./common/options.js";
import { emitTypeScript } from "./ts/model.js";

export type { CustomTarget, Emission, EmitOptions, GeneratedFile } from "./common/options.js";

/** Files of the schema, each once, in the order of their paths (code units). */
export function schemaFiles(model: LayoutModel): string[] {
  const files = [...model.ir.structs, ...model.ir.enums, ...model.ir.bits].map((declaration) => declaration.file);
  return [...new Set(files)].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

/** Emits every target of every schema file, sorted by path. Pure: the same model and options give the same bytes. */
export function emit(model: LayoutModel, options: EmitOptions): { files: GeneratedFile[]; diagnostics: Diagnostic[] } {
  const emissions: Emission[] = [];
  for (const file of schemaFiles(model)) {
    if (options.targets.includes("ts") || options.targets.includes("js")) {
      emissions.push(emitTypeScript(model, file, options));
    }
    if (options.targets.includes("c")) emissions.push(emitC(model, file, options));
    for (const target of options.customTargets) emissions.push(emitCustom(model, file, target, options));
  }
  return {
    files: emissions.flatMap(({ files }) => files).sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)),
    diagnostics: emissions.flatMap(({ diagnostics }) => diagnostics),
  };
}
