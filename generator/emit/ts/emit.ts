/** The targets ts and js: one schema file in, a module out, or JavaScript with declarations; or what keeps it from being one. */
import type { LayoutModel } from "../../layout/layout.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { Emitter, EmitOptions, ModuleForm } from "../common/options.js";
import { moduleEnding } from "../common/paths.js";
import { render } from "../common/templates.js";
import { checkNames } from "./check-names.js";
import { declarationMap } from "./declaration-map.js";
import { type ModuleModel, moduleModel } from "./model.js";
import { checkPath } from "./specifier.js";

/** TypeScript: one module. Its compiler decides what becomes of the imports. */
export const emitTs: Emitter = (model, file, options) => {
  const diagnostics = problems(model, file, options);
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  return { texts: [text(moduleModel(model, file, options), "ts", "esm")], diagnostics };
};

/** JavaScript, its declarations, and their map. */
export const emitJs: Emitter = (model, file, options) => {
  const diagnostics = problems(model, file, options);
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  const { form, named } = options.moduleOf(file);
  const module = moduleModel(model, file, { ...options, importExtension: "js" });
  const path = options.outputPath(file) + moduleEnding(".d.ts", { form, named });
  const declarations = text(module, "dts", "esm");
  const map = declarationMap(declarations, path, model, file, options.root);
  const name = encodeURI(path.slice(path.lastIndexOf("/") + 1));
  const link = map === undefined ? "" : `//# sourceMappingURL=${name}.map\n`;
  return { texts: [text(module, "js", form), declarations + link, map], diagnostics };
};

function problems(model: LayoutModel, file: string, options: EmitOptions): Diagnostic[] {
  return [...checkNames(model, file, options.moduleOf(file).form), ...checkPath(model, file, options)];
}

function text({ names, ...module }: ModuleModel, mode: "ts" | "js" | "dts", form: ModuleForm): string {
  const template = mode === "dts" ? "ts/declarations" : "ts/module";
  const commonjs = form === "commonjs";
  const imports = names.imports(mode, commonjs ? ": " : " as ");
  const isOurs = ({ from }: { readonly from: string }): boolean => !from.startsWith(".");
  // In CommonJS, what schemas have of each other stands at the end, because they may do so in a circle.
  const [first, last] = commonjs ? [imports.filter(isOurs), imports.filter((one) => !isOurs(one))] : [imports, []];
  return render(template, { ...module, imports: first, later: last, types: mode === "ts", commonjs });
}
