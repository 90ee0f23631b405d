/** How generated modules name each other, and which paths cannot be named. */
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { LayoutModel } from "../../layout/layout.js";
import { declarationsOf } from "../common/declarations.js";
import type { EmitOptions } from "../common/options.js";
import { moduleEnding, relativePath } from "../common/paths.js";

/**
 * The import specifier of the module generated from `to`, seen from the one generated from `from`. TypeScript that becomes CommonJS
 * names no ending, unless the file has one of its own: ts-jest looks for a file of just that name.
 */
export function specifier(from: string, to: string, options: EmitOptions): string {
  const relative = relativePath(options.outputPath(from), options.outputPath(to), options.root);
  const path = relative.startsWith("../") ? relative : `./${relative}`;
  const other = options.moduleOf(to);
  const usual = options.moduleOf(from).form === "commonjs" && !other.named ? "none" : "js";
  const { importExtension = usual } = options;
  return importExtension === "none" ? path : path + moduleEnding(`.${importExtension}`, other);
}

/** Paths that TypeScript or Node read as something else. */
export function checkPath(model: LayoutModel, file: string, options: EmitOptions): Diagnostic[] {
  const path = options.outputPath(file);
  const endsLikeDeclarations = path.endsWith(".d");
  if (!endsLikeDeclarations && !SPECIAL_IN_URLS.test(path)) return [];
  const declarations = declarationsOf(model);
  const found = (problem: string): Diagnostic[] => {
    const { span } = declarations.of(file)[0]?.of ?? {};
    return [report("SHM4007", { file, problem }, { span })];
  };
  if (endsLikeDeclarations) return found("TypeScript takes a file that ends in .d.ts for declarations");
  const importers = model.ir.structs.filter((other) => declarations.imports(other.file).includes(file));
  const isSpecial = importers.some((other) => SPECIAL_IN_URLS.test(specifier(other.file, file, options)));
  return isSpecial ? found("in a URL, #, ? and % mean something else") : [];
}

const SPECIAL_IN_URLS = /[#?%]/;
