/** The targets ts and js: one schema file in, a module out, or JavaScript with declarations; or what keeps it from being one. */
import type { Emitter, EmitOptions, TargetOutput } from "../common/options.js";
import type { LayoutModel } from "../../layout/layout.js";
import { render } from "../common/templates.js";
import { checkNames } from "./check-names.js";
import { moduleModel } from "./model.js";
import { checkPath } from "./specifier.js";

type Mode = "ts" | "js" | "dts";

/** TypeScript: one module. */
export const emitTs: Emitter = (model, file, options) => emitModes(["ts"], model, file, options);

/** JavaScript and its declarations. */
export const emitJs: Emitter = (model, file, options) => emitModes(["js", "dts"], model, file, options);

function emitModes(modes: readonly Mode[], model: LayoutModel, file: string, options: EmitOptions): TargetOutput {
  const diagnostics = [...checkNames(model, file), ...checkPath(model, file, options)];
  if (diagnostics.length > 0) return { texts: [], diagnostics };
  const { names, ...module } = moduleModel(model, file, options);
  const texts = modes.map((mode) => {
    const template = mode === "dts" ? "ts/declarations" : "ts/module";
    return render(template, { ...module, imports: names.imports(mode), types: mode === "ts" });
  });
  return { texts, diagnostics };
}
