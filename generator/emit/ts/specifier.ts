/** How generated modules name each other, and which paths cannot be named. */
import { report } from "../../diagnostics/codes.js";
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import type { LayoutModel } from "../../layout/layout.js";
import { declarationsOf } from "../common/declarations.js";
import type { EmitOptions } from "../common/options.js";
import { relativePath } from "../common/paths.js";

/** The import specifier of the module generated from `to`, seen from the one generated from `from`. */
export function specifier(from: string, to: string, { outputPath, importExtension, root }: EmitOptions): string {
  const relative = relativePath(outputPath(from), outputPath(to), root);
  const path = relative.startsWith("../") ? relative : `./${relative}`;
  return importExtension === "none" ? path : `${path}.${importExtension}`;
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
