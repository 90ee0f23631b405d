/** The targets ts and js: one schema file in, a module out, or JavaScript with declarations; or what keeps it from being one. */
import type { LayoutModel } from "../../layout/layout.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Emitter, EmitOptions } from "../common/options.js";
import { render } from "../common/templates.js";
import { checkNames } from "./check-names.js";
import { declarationMap } from "./declaration-map.js";
import { type ModuleModel, moduleModel } from "./model.js";
import { checkPath } from "./specifier.js";

/** TypeScript: one module. */
export const emitTs: Emitter = (model, file, options) => {
  const diagnostics = problems(model, file, options);
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  return { texts: [text(moduleModel(model, file, options), "ts")], diagnostics };
};

/** JavaScript, its declarations, and their map. */
export const emitJs: Emitter = (model, file, options) => {
  const diagnostics = problems(model, file, options);
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  const module = moduleModel(model, file, options);
  const path = `${options.outputPath(file)}.d.ts`;
  const declarations = text(module, "dts");
  const map = declarationMap(declarations, path, model, file, options.root);
  const name = encodeURI(path.slice(path.lastIndexOf("/") + 1));
  const link = map === undefined ? "" : `//# sourceMappingURL=${name}.map\n`;
  return { texts: [text(module, "js"), declarations + link, map], diagnostics };
};

function problems(model: LayoutModel, file: string, options: EmitOptions): Diagnostic[] {
  return [...checkNames(model, file), ...checkPath(model, file, options)];
}

function text({ names, ...module }: ModuleModel, mode: "ts" | "js" | "dts"): string {
  const template = mode === "dts" ? "ts/declarations" : "ts/module";
  return render(template, { ...module, imports: names.imports(mode), types: mode === "ts" });
}
