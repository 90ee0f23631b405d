/** Constant expressions: in enums, and where a schema computes although types cannot. */
import { ts } from "./typescript.js";

/** Operators that TypeScript, too, evaluates in enums. */
const BINARY: ReadonlyMap<ts.SyntaxKind, (a: number, b: number) => number> = new Map([
  [ts.SyntaxKind.BarToken, (a, b) => a | b],
  [ts.SyntaxKind.AmpersandToken, (a, b) => a & b],
  [ts.SyntaxKind.CaretToken, (a, b) => a ^ b],
  [ts.SyntaxKind.LessThanLessThanToken, (a, b) => a << b],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, (a, b) => a >> b],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, (a, b) => a >>> b],
  [ts.SyntaxKind.PlusToken, (a, b) => a + b],
  [ts.SyntaxKind.MinusToken, (a, b) => a - b],
  [ts.SyntaxKind.AsteriskToken, (a, b) => a * b],
  [ts.SyntaxKind.SlashToken, (a, b) => a / b],
  [ts.SyntaxKind.PercentToken, (a, b) => a % b],
  [ts.SyntaxKind.AsteriskAsteriskToken, (a, b) => a ** b],
]);

/** Values of an enum's members so far; undefined for one that has been complained about. */
type Values = ReadonlyMap<string, number | undefined>;

/** `"string"`: a text; `"poison"`: refers to a member that could not be read; undefined: not constant. */
export type Evaluated = number | "string" | "poison" | undefined;

function memberValue(name: string, values: Values): Evaluated {
  return values.has(name) ? (values.get(name) ?? "poison") : undefined;
}

/** No person nests or chains more operators; a deeper expression is told to be not constant. */
const EXPRESSION_DEPTH = 256;

/** The value of a constant expression, in the enum `enumName`. */
export function evaluate(node: ts.Expression, enumName: string, values: Values, depth = 0): Evaluated {
  if (depth > EXPRESSION_DEPTH) return undefined;
  if (ts.isParenthesizedExpression(node)) return evaluate(node.expression, enumName, values, depth + 1);
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node)) return "string";
  if (ts.isIdentifier(node)) return memberValue(node.text, values);
  if (ts.isPropertyAccessExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === enumName) {
    return memberValue(node.name.text, values);
  }
  if (
    ts.isElementAccessExpression(node) &&
    ts.isIdentifier(node.expression) &&
    node.expression.text === enumName &&
    ts.isStringLiteralLike(node.argumentExpression)
  ) {
    return memberValue(node.argumentExpression.text, values);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    const value = evaluate(node.operand, enumName, values, depth + 1);
    if (typeof value !== "number") return value === "poison" ? value : undefined;
    if (node.operator === ts.SyntaxKind.MinusToken) return -value;
    if (node.operator === ts.SyntaxKind.PlusToken) return value;
    return node.operator === ts.SyntaxKind.TildeToken ? ~value : undefined;
  }
  if (ts.isBinaryExpression(node)) {
    const operator = BINARY.get(node.operatorToken.kind);
    const left = evaluate(node.left, enumName, values, depth + 1);
    const right = evaluate(node.right, enumName, values, depth + 1);
    if (left === "poison" || right === "poison") return "poison";
    if (operator !== undefined && typeof left === "number" && typeof right === "number") return operator(left, right);
    return left === "string" || right === "string" ? "string" : undefined;
  }
  return undefined;
}

/** The value of an expression of numbers; undefined where it has names or is none. */
export function valueOfExpression(text: string): number | undefined {
  const [statement, ...more] = ts.createSourceFile("expression.ts", `(${text});`, ts.ScriptTarget.ESNext).statements;
  if (statement === undefined || more.length > 0 || !ts.isExpressionStatement(statement)) return undefined;
  const value = evaluate(statement.expression, "", new Map());
  return typeof value === "number" && Number.isSafeInteger(value) ? value : undefined;
}
