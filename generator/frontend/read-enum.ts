/** TypeScript enums, and the constant expressions of their members. */
import { ts } from "./typescript.js";
import { declarationId } from "../ir/declaration-id.js";
import type { EnumIr, EnumMemberIr, ReprName } from "../ir/ir.js";
import { REPRS } from "./vocabulary.js";
import type { Project, SchemaFile } from "./project.js";
import { readDocs, readPlainDocs, reportStrayReprs } from "./read-docs.js";

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

/** Values of the members so far; undefined for one that has been complained about. */
type Values = ReadonlyMap<string, number | undefined>;

/** `"string"`: a text; `"poison"`: refers to a member that could not be read; undefined: not constant. */
type Evaluated = number | "string" | "poison" | undefined;

function memberValue(name: string, values: Values): Evaluated {
  return values.has(name) ? (values.get(name) ?? "poison") : undefined;
}

/** No person nests or chains more operators; a deeper expression is told to be not constant. */
const EXPRESSION_DEPTH = 256;

function evaluate(node: ts.Expression, enumName: string, values: Values, depth = 0): Evaluated {
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

function readRepr(project: Project, file: SchemaFile, node: ts.EnumDeclaration): { repr: ReprName; docs?: string } {
  const found = readDocs(file, node);
  const { text, tags } = found;
  reportStrayReprs(project, file, node, found);
  let repr: ReprName = "u32";
  for (const { value, start, length } of tags.filter(({ name }) => name === "repr")) {
    if (REPRS.has(value)) repr = value as ReprName;
    else project.reportAt("SHM1050", { found: value }, project.span(file, start, length));
  }
  return text === undefined ? { repr } : { repr, docs: text };
}

/** Reads an enum. Members whose value cannot be read are left out, after a complaint. */
export function readEnum(project: Project, file: SchemaFile, node: ts.EnumDeclaration): EnumIr {
  const name = node.name.text;
  const values = new Map<string, number | undefined>();
  const members: EnumMemberIr[] = [];
  let next: number | undefined = 0;
  for (const member of node.members) {
    const docs = readPlainDocs(project, file, member, "a member");
    if (!ts.isIdentifier(member.name)) {
      project.report("SHM1026", { name: member.name.getText(file.source) }, file, member.name);
      next = undefined;
      continue;
    }
    const memberName = member.name.text;
    const initializer: ts.Expression | undefined = member.initializer;
    const value: Evaluated = initializer === undefined ? (next ?? "poison") : evaluate(initializer, name, values);
    const at = initializer ?? member.name;
    next = undefined;
    if (value === "string") project.report("SHM1047", { member: memberName }, file, at);
    else if (value === undefined) project.report("SHM1048", { member: memberName }, file, at);
    else if (value !== "poison" && !Number.isSafeInteger(value))
      project.report("SHM1049", { member: memberName, value }, file, at);
    else if (value !== "poison") {
      next = value + 1;
      members.push({
        name: memberName,
        value: value === 0 ? 0 : value,
        ...docs,
        span: project.spanOf(file, member.name),
      });
    }
    // The first of two members of one name keeps it; checkIr complains about the second.
    if (!values.has(memberName)) values.set(memberName, next === undefined ? undefined : next - 1);
  }
  const { repr, docs } = readRepr(project, file, node);
  return {
    id: declarationId(file.path, name),
    name,
    file: file.path,
    ...(docs === undefined ? {} : { docs }),
    repr,
    members,
    span: project.spanOf(file, node.name),
  };
}
