/** Writes a module's functions as arrow functions, which are shorter, ahead of everything that could call them. */
import ts from "typescript";

/** `code` is a minified module. */
export function arrowFunctions(code) {
  const file = ts.createSourceFile("code.js", code, ts.ScriptTarget.Latest, true);
  const functions = file.statements.filter((node) => ts.isFunctionDeclaration(node) && canBeArrow(node));
  if (functions.length === 0) return code;
  let rest = code;
  for (const node of functions.toReversed()) rest = rest.slice(0, node.getStart()) + rest.slice(node.end);
  const end = file.statements.findLast((statement) => ts.isImportDeclaration(statement))?.end ?? 0;
  // `var`, because reading a `const` from inside a function costs a check whether it has been set.
  return `${rest.slice(0, end)}var ${functions.map(arrow).join(",")};${rest.slice(end)}`;
}

function canBeArrow({ asteriskToken, body }) {
  return asteriskToken === undefined && !usesThis(body);
}

function usesThis(node) {
  if (ts.isFunctionExpression(node) || ts.isClassLike(node)) return false;
  if (node.kind === ts.SyntaxKind.ThisKeyword || ts.isMetaProperty(node)) return true;
  if (ts.isIdentifier(node) && node.text === "arguments") return true;
  return ts.forEachChild(node, (child) => usesThis(child) || undefined) ?? false;
}

function arrow({ name, parameters, body, modifiers }) {
  const list = parameters.map((parameter) => parameter.getText()).join(",");
  const isBare = parameters.length === 1 && ts.isIdentifier(parameters[0].name) && list === parameters[0].name.text;
  const head = isBare ? list : `(${list})`;
  const [only, ...more] = body.statements;
  const isValue =
    more.length === 0 && only !== undefined && ts.isReturnStatement(only) && only.expression !== undefined;
  const value = isValue ? valueOf(only.expression) : body.getText();
  return `${name.text}=${modifiers === undefined ? "" : `async${isBare ? " " : ""}`}${head}=>${value}`;
}

function valueOf(expression) {
  const text = expression.getText();
  const isComma = ts.isBinaryExpression(expression) && expression.operatorToken.kind === ts.SyntaxKind.CommaToken;
  return isComma || text.startsWith("{") ? `(${text})` : text;
}
