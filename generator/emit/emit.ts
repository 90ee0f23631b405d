/** Layouts in, text out: the files of every target for every schema file. */
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { LayoutModel } from "../layout/layout.js";
import type { Emission, EmitOptions, GeneratedFile, Target } from "./common/options.js";
import { byCodeUnits, moduleEnding } from "./common/paths.js";

/** Files of the schema, each once, in the order of their paths (code units). */
export function schemaFiles(model: LayoutModel): string[] {
  const files = [...model.ir.structs, ...model.ir.enums, ...model.ir.bits].map((declaration) => declaration.file);
  return [...new Set(files)].sort(byCodeUnits);
}

/** Emits every target of every schema file, sorted by path. Pure: the same model and options give the same bytes. */
export function emit(model: LayoutModel, targets: readonly Target[], options: EmitOptions): Emission {
  const files: GeneratedFile[] = [];
  const diagnostics = new Map<string, Diagnostic>();
  for (const file of schemaFiles(model)) {
    const module = options.moduleOf(file);
    for (const target of targets) {
      const ending = (text = ""): string => (target.modules ? moduleEnding(text, module) : text);
      const output = target.emit(model, file, options);
      output.texts.forEach((text, index) => {
        const path = `${options.outputPath(file)}${ending(target.extensions[index])}`;
        if (text !== undefined) files.push({ path, text });
      });
      // What TypeScript and JavaScript have in common is told once.
      for (const problem of output.diagnostics) diagnostics.set(JSON.stringify(problem), problem);
    }
  }
  return { files: files.sort((a, b) => byCodeUnits(a.path, b.path)), diagnostics: [...diagnostics.values()] };
}
