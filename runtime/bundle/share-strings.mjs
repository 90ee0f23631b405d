/** Writes each longer string or name that a file repeats once, which minifiers leave to compression; npm counts bytes unpacked. */
import ts from "typescript";

/** What `typeof` gives is compared in place, which is an instruction of its own to V8. */
const TYPEOF = new Set(["bigint", "boolean", "function", "number", "object", "string", "symbol", "undefined"]);

/** Functions of the language that do without `this` and are no hot path's business. */
const STATICS = new Set(
  ["entries", "keys", "fromEntries", "defineProperty"]
    .map((name) => `Object.${name}`)
    .concat(
      ["min", "max", "floor", "ceil"].map((name) => `Math.${name}`),
      [
        "JSON.stringify",
        "Number.isSafeInteger",
        "Number.isInteger",
        "Array.isArray",
        "ArrayBuffer.isView",
        "Symbol.for",
      ],
    ),
);

/** `code` is a minified module. */
export function shareStrings(code) {
  const file = ts.createSourceFile("code.js", code, ts.ScriptTarget.Latest, true);
  const places = new Map();
  const visit = (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isVoidExpression(node) || (ts.isPropertyAccessExpression(node) && STATICS.has(node.getText()))) {
      places.set(node.getText(), [...(places.get(node.getText()) ?? []), node.getStart()]);
    } else if (ts.isStringLiteralLike(node) && !TYPEOF.has(node.text)) {
      const isKey = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
      const isTagged = ts.isTaggedTemplateExpression(node.parent);
      const text = node.getText();
      if (!isKey && !isTagged) places.set(text, [...(places.get(text) ?? []), node.getStart()]);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  const shared = [...places].filter(([text, starts]) => text.length * (starts.length - 1) > 3 * starts.length + 5);
  const names = freeNames(file, shared.length);
  const edits = shared.flatMap(([text, starts], index) => starts.map((start) => ({ start, text, name: names[index] })));
  let result = code;
  for (const { start, text, name } of edits.toSorted((a, b) => b.start - a.start)) {
    const before = result.slice(0, start);
    result = before + (/[\w$]$/.test(before) ? " " : "") + name + spaced(result.slice(start + text.length));
  }
  if (shared.length === 0) return result;
  // `var`, because reading a `const` from inside a function costs a check whether it has been set.
  const declaration = `var ${shared.map(([text], index) => `${names[index]}=${text}`).join(",")};`;
  const end = file.statements.findLast((statement) => ts.isImportDeclaration(statement))?.end ?? 0;
  return result.slice(0, end) + declaration + result.slice(end);
}

function spaced(after) {
  return /^[\w$]/.test(after) ? ` ${after}` : after;
}

function freeNames(file, count) {
  const candidates = Array.from({ length: 36 * 36 }, (_, index) => `$${index.toString(36)}`);
  return candidates.filter((name) => !file.identifiers.has(name)).slice(0, count);
}
