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

/** What users hand in and never get back; to call its members read-only would say nothing. */
const GIVEN = /(?:Facts|Init|Options)$/;

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
      const forUsers = isValue
        ? usersValues.has(name)
        : (exported.has(name) || inherited.has(name)) && !FOR_GENERATED_CODE.has(name);
      const own = forUsers ? statement.getText() : withShortParameters(statement);
      const declaration = exported.has(name) ? `export ${own.replace(/^(?:export |declare )*/, "")}` : own;
      const comment = forUsers ? commentOf(statement, text) : "";
      const shown = forUsers ? declaration : withoutComments(declaration);
      return dense(comment + (forUsers && !GIVEN.test(name) ? shown : shown.replaceAll(/\breadonly /g, "")));
    });
  // Regions are disposable; who compiles with an older `lib` still has to find Symbol.dispose.
  return `/// <reference lib="esnext.disposable" />\n${lines.join("\n")}\nexport {};\n`;
}

/** The text of a declaration; what its parameters are called is nobody's business. */
function withShortParameters(statement) {
  const names = [];
  const visit = (node) => {
    if (ts.isParameter(node) && !ts.isIndexSignatureDeclaration(node.parent)) {
      const letter = String.fromCodePoint("a".codePointAt(0) + node.parent.parameters.indexOf(node));
      names.push({ start: node.name.getStart(), end: node.name.end, letter });
    }
    ts.forEachChild(node, visit);
  };
  visit(statement);
  let text = statement.getText();
  for (const { start, end, letter } of names.toSorted((a, b) => b.start - a.start)) {
    text = text.slice(0, start - statement.getStart()) + letter + text.slice(end - statement.getStart());
  }
  return text;
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
const CONSOLE_METHOD = /^\[inspect(?:\$\d+)?\]\(.*\):string\n/gm;
const COMMENT = /\/\*\*[\s\S]*?\*\//g;

function withoutComments(text) {
  return text.replaceAll(COMMENT, "");
}

/** Comments lose their margins, code the space between tokens that can do without. One member a line remains. */
function dense(text) {
  const scanner = ts.createScanner(ts.ScriptTarget.Latest, false, ts.LanguageVariant.Standard, text);
  let result = "";
  for (let token = scanner.scan(); token !== ts.SyntaxKind.EndOfFileToken; token = scanner.scan()) {
    const word = scanner.getTokenText();
    if (token === ts.SyntaxKind.NewLineTrivia) result = `${result.trimEnd()}\n`;
    else if (token === ts.SyntaxKind.MultiLineCommentTrivia) result += denseComment(word);
    else if (token !== ts.SyntaxKind.WhitespaceTrivia) result += (needsSpace(result, word) ? " " : "") + word;
  }
  // A line that ends is as good as a semicolon, except where the next one could go on with it.
  return result
    .replaceAll(/^\n+/gm, "")
    .replaceAll(/;\n(?![[(<])/g, "\n")
    .replaceAll(CONSOLE_METHOD, "");
}

function denseComment(comment) {
  return comment
    .replaceAll(/^\s*\* ?/gm, "")
    .replace(/^\/\*\*\s*/, "/** ")
    .replace(/\s*\*?\/$/, " */");
}

function needsSpace(before, word) {
  return /[\w$]$/.test(before) && /^[\w$#]/.test(word);
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
