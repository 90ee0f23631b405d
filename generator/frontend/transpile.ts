import { ts } from "./typescript.js";

/**
 * Turns a config written in TypeScript into CommonJS. `import.meta` becomes the variable `importMeta`, which CommonJS lacks.
 * Types are dropped, not checked. `problems` lists syntax errors as `file:line:column - error TSnnnn: message`.
 */
export function transpileConfig(text: string, fileName: string): { code: string; problems: string[] } {
  const result = ts.transpileModule(text, {
    // The compiler keeps .mts and .mjs as modules whatever it is told, so it sees a plain name.
    fileName: "config.ts",
    reportDiagnostics: true,
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
    transformers: { before: [replaceImportMeta] },
  });
  const problems = (result.diagnostics ?? []).map((diagnostic) => {
    const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
    if (diagnostic.file === undefined) return `${fileName} - error TS${diagnostic.code}: ${message}`;
    const { line, character } = diagnostic.file.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    return `${fileName}:${line + 1}:${character + 1} - error TS${diagnostic.code}: ${message}`;
  });
  return { code: result.outputText, problems };
}

function replaceImportMeta(context: ts.TransformationContext): ts.Transformer<ts.SourceFile> {
  const visit = (node: ts.Node): ts.Node =>
    ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword
      ? context.factory.createIdentifier("importMeta")
      : ts.visitEachChild(node, visit, context);
  return (source) => ts.visitEachChild(source, visit, context);
}
