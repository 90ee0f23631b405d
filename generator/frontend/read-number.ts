/** Literals: lengths, offsets, widths, values. */
import { ts } from "./typescript.js";
import type { Project, SchemaFile } from "./project.js";
import type { Scopes } from "./scope.js";

/** A literal type where it is written, behind aliases and brackets. */
export interface Literal {
  readonly file: SchemaFile;
  readonly node: ts.TypeNode;
  readonly value: number | bigint | string | boolean;
}

/** A number as written, without rounding: whole numbers as bigint. */
function numberOf(text: string): number | bigint {
  const plain = text.replaceAll("_", "");
  return /^(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9]\d*)$/i.test(plain) ? BigInt(plain) : Number(plain);
}

function negate(value: number | bigint): number | bigint {
  return typeof value === "bigint" ? -value : -value;
}

/** The value of a literal expression; a `number` only for fractions, `bigint` for whole numbers. */
function literalValue(file: SchemaFile, node: ts.Expression): number | bigint | string | boolean | undefined {
  if (ts.isNumericLiteral(node)) {
    const value = numberOf(node.getText(file.source));
    return typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  }
  if (ts.isBigIntLiteral(node)) return BigInt(node.text.slice(0, -1));
  if (ts.isStringLiteralLike(node)) return node.text;
  if (node.kind === ts.SyntaxKind.TrueKeyword) return true;
  if (node.kind === ts.SyntaxKind.FalseKeyword) return false;
  if (ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken) {
    const value = literalValue(file, node.operand);
    return typeof value === "number" || typeof value === "bigint" ? negate(value) : undefined;
  }
  return undefined;
}

/** True for a numeric literal that JavaScript rounds: its bigint form would be exact. */
export function isRounded({ node, value }: Literal): boolean {
  if (typeof value !== "bigint" || !ts.isLiteralTypeNode(node)) return false;
  const inner = ts.isPrefixUnaryExpression(node.literal) ? node.literal.operand : node.literal;
  return (
    ts.isNumericLiteral(inner) && (value > BigInt(Number.MAX_SAFE_INTEGER) || value < -BigInt(Number.MAX_SAFE_INTEGER))
  );
}

/** The literal that a type node is, through brackets and aliases; `"poison"` when an alias cannot be read. */
export function findLiteral(
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
  depth = 0,
): Literal | "poison" | undefined {
  // Longer chains are circles; reading the alias as a type says so.
  if (depth > 64) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return findLiteral(scopes, file, node.type, depth + 1);
  if (ts.isLiteralTypeNode(node)) {
    const value = literalValue(file, node.literal);
    return value === undefined ? undefined : { file, node, value };
  }
  const alias = aliasOf(scopes, file, node);
  if (alias === "poison" || alias === undefined) return alias;
  return findLiteral(scopes, alias.file, alias.node.type, depth + 1);
}

/** The alias that a type node names. */
export function aliasOf(
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
): { readonly file: SchemaFile; readonly name: string; readonly node: ts.TypeAliasDeclaration } | "poison" | undefined {
  if (!ts.isTypeReferenceNode(node) || node.typeArguments !== undefined) return undefined;
  const { typeName } = node;
  let entity;
  if (ts.isIdentifier(typeName)) entity = scopes.find(file, typeName.text);
  else if (ts.isIdentifier(typeName.left)) {
    const space = scopes.find(file, typeName.left.text);
    if (space?.kind === "poison") return "poison";
    if (space?.kind === "module") entity = scopes.findExport(space.file, typeName.right.text);
  }
  if (entity?.kind === "poison") return "poison";
  return entity?.kind === "alias" && entity.node.typeParameters === undefined ? entity : undefined;
}

const literalTargets = new WeakMap<ts.Node, { readonly file: SchemaFile; readonly node: ts.TypeNode } | undefined>();

/**
 * The literal, or union of nothing but literals, that a type node stands for, behind brackets and aliases: an alias of one is
 * a number or a list of expected values, not a type.
 */
export function literalTarget(
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
  depth = 0,
): { readonly file: SchemaFile; readonly node: ts.TypeNode } | undefined {
  if (depth > 64) return undefined;
  if (ts.isParenthesizedTypeNode(node)) return literalTarget(scopes, file, node.type, depth + 1);
  if (ts.isLiteralTypeNode(node)) return node.literal.kind === ts.SyntaxKind.NullKeyword ? undefined : { file, node };
  if (ts.isUnionTypeNode(node)) {
    const isLiteral = node.types.every((one) => literalTarget(scopes, file, one, depth + 1) !== undefined);
    return isLiteral ? { file, node } : undefined;
  }
  const alias = aliasOf(scopes, file, node);
  if (alias === undefined || alias === "poison") return undefined;
  // Remembered, because aliases that fan out into one another would be walked exponentially often.
  if (!literalTargets.has(alias.node)) {
    literalTargets.set(alias.node, literalTarget(scopes, alias.file, alias.node.type, depth + 1));
  }
  return literalTargets.get(alias.node);
}

/** What stands there instead of what is wanted, for messages: short, on one line. */
export function describeNode(file: SchemaFile, node: ts.Node): string {
  const text = node.getText(file.source).replaceAll(/\s+/g, " ");
  const short = text.length > 40 ? `${text.slice(0, 37)}...` : text;
  return /^["'`]/.test(short) ? short : `'${short}'`;
}

/** Where a number stands, for messages. */
export interface NumberPlace {
  /** The word around it. */
  readonly word: string;
  /** What it is, e.g. "The length". */
  readonly what: string;
}

/** Reads a whole number; complains and returns undefined when it is none. Its range is for others to check. */
export function readInteger(
  project: Project,
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
  place: NumberPlace,
): number | undefined {
  const value = readWhole(project, scopes, file, node, place, false);
  return value === undefined ? undefined : Number(value);
}

/** As {@link readInteger}, also of a bigint literal, which has no limit. */
export function readExactInteger(
  project: Project,
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
  place: NumberPlace,
): bigint | undefined {
  return readWhole(project, scopes, file, node, place, true);
}

function readWhole(
  project: Project,
  scopes: Scopes,
  file: SchemaFile,
  node: ts.TypeNode,
  { word, what }: NumberPlace,
  exact: boolean,
): bigint | undefined {
  const literal = findLiteral(scopes, file, node);
  if (literal === "poison") return undefined;
  const unknown = literal === undefined ? unknownName(scopes, file, node) : undefined;
  if (unknown !== undefined) {
    scopes.reportUnknown(file, unknown.text, unknown);
    return undefined;
  }
  const isBigInt = literal !== undefined && isBigIntLiteral(literal);
  if (
    literal === undefined ||
    typeof literal.value === "string" ||
    typeof literal.value === "boolean" ||
    (isBigInt && !exact)
  ) {
    project.report("SHM1052", { word, what, found: describeNode(file, node) }, file, node);
    return undefined;
  }
  if (isBigInt) return BigInt(literal.value);
  if (!Number.isSafeInteger(Number(literal.value))) {
    const text = literal.node.getText(literal.file.source);
    project.report("SHM1053", { text, what: `${what} of ${word}`, exact }, file, node);
    return undefined;
  }
  return BigInt(literal.value);
}

/** `5n` or `-5n`. */
function isBigIntLiteral({ node }: Literal): boolean {
  if (!ts.isLiteralTypeNode(node)) return false;
  const { literal } = node;
  return ts.isBigIntLiteral(ts.isPrefixUnaryExpression(literal) ? literal.operand : literal);
}

/** The identifier of a type reference that nothing declares. */
function unknownName(scopes: Scopes, file: SchemaFile, node: ts.TypeNode): ts.Identifier | undefined {
  if (!ts.isTypeReferenceNode(node)) return undefined;
  const name = ts.isIdentifier(node.typeName) ? node.typeName : node.typeName.left;
  return ts.isIdentifier(name) && scopes.find(file, name.text) === undefined ? name : undefined;
}
