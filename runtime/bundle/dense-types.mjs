/**
 * Makes the declarations that ship from the bundled ones. What nobody reads goes: indentation, margins of comments, and the
 * comments of what only generated code uses. Users of the package see all others in their editors.
 */
import ts from "typescript";

/** Exported for generated code alone. Functions and constants that the users' door lacks are, too. */
const FOR_GENERATED_CODE = new Set([
  "ExpectedField",
  "ForeignDefinition",
  "RegionDefinition",
  "AtomicElement",
  "FutexPort",
]);

/** `bundled` are the declarations of `codegen-v1`, all that there are; `door` is `index.d.ts`, which names some of them. */
export function denseTypes(bundled, door) {
  const names = exportedNames(door);
  const types = names.filter(({ isType }) => isType).map(({ name }) => name);
  const values = names.filter(({ isType }) => !isType).map(({ name }) => name);
  return {
    "codegen-v1.d.ts": denseModule(bundled, new Set(values)),
    "index.d.ts": `export { ${values.join(", ")} } from "./codegen-v1.js";\nexport type { ${types.join(", ")} } from "./codegen-v1.js";\n`,
  };
}

function denseModule(text, usersValues) {
  const file = ts.createSourceFile("codegen-v1.d.ts", text, ts.ScriptTarget.Latest, true);
  const exported = new Set(exportedNames(text).map(({ name }) => name));
  const inherited = new Set(file.statements.flatMap(basesOf));
  const lines = file.statements
    .filter((statement) => !ts.isExportDeclaration(statement) && !CONSOLE.test(nameOf(statement)))
    .map((statement) => {
      const name = nameOf(statement);
      const isValue = ts.isFunctionDeclaration(statement) || ts.isVariableStatement(statement);
      const forUsers = isValue ? usersValues.has(name) : exported.has(name) || inherited.has(name);
      const declaration = (exported.has(name) ? "export " : "") + statement.getText();
      const comment = forUsers ? commentOf(statement, text) : "";
      return dense(comment + (forUsers && !FOR_GENERATED_CODE.has(name) ? declaration : withoutComments(declaration)));
    });
  // Regions are disposable; who compiles with an older `lib` still has to find Symbol.dispose.
  return `/// <reference lib="esnext.disposable" />\n${lines.join("\n")}\nexport {};\n`;
}

/** Names of the interfaces that a declaration takes its members from. */
function basesOf({ heritageClauses = [] }) {
  return heritageClauses.flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
}

function nameOf(statement) {
  return ts.isVariableStatement(statement) ? statement.declarationList.declarations[0].name.text : statement.name?.text;
}

function commentOf(statement, text) {
  const ranges = ts.getLeadingCommentRanges(text, statement.getFullStart()) ?? [];
  const last = ranges.at(-1);
  const comment = last === undefined ? "" : text.slice(last.pos, last.end);
  return comment.startsWith("/**") ? `${comment}\n` : "";
}

/** How console.log shows an object is no business of the types. */
const CONSOLE = /^inspect(?:\$\d+)?$/;
const CONSOLE_METHOD = /^\[inspect(?:\$\d+)?\]\(.*\): string;\n/gm;
const COMMENT = /\/\*\*[\s\S]*?\*\//g;

function withoutComments(text) {
  return text.replaceAll(COMMENT, "");
}

/** Comments lose their margins, code its indentation and empty lines. */
function dense(text) {
  return text
    .replaceAll(COMMENT, (comment) =>
      comment
        .replaceAll(/^\s*\* ?/gm, "")
        .replace(/^\/\*\*\s*/, "/** ")
        .replace(/\s*\*?\/$/, " */"),
    )
    .replaceAll(/^\s+/gm, "")
    .replaceAll(CONSOLE_METHOD, "");
}

/** The names that a module's export declarations list. */
function exportedNames(text) {
  const file = ts.createSourceFile("door.d.ts", text, ts.ScriptTarget.Latest);
  return file.statements
    .filter((statement) => ts.isExportDeclaration(statement) && statement.exportClause !== undefined)
    .flatMap(({ isTypeOnly, exportClause }) =>
      exportClause.elements.map((element) => ({ name: element.name.text, isType: isTypeOnly || element.isTypeOnly })),
    );
}
