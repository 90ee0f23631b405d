/**
 * The values of `expect<T, V>`: a literal or a union of literals, also behind aliases, and members of enums. And the one of
 * `since<T, V, default>`.
 */
import { hexBytes, hexText } from "@shmgen/schema/encodings";
import { accessedType } from "@shmgen/schema/type-kinds";
import { ts } from "./typescript.js";
import type { EnumIr, ExpectedValue, TypeIr } from "../ir/ir.js";
import type { Project, SchemaFile } from "./project.js";
import { aliasOf, describeNode, findLiteral, isRounded } from "./read-number.js";
import type { Declaration, Scopes } from "./scope.js";

/** What the values are read with. */
export interface ExpectedContext {
  readonly project: Project;
  readonly scopes: Scopes;
  readonly file: SchemaFile;
  /** The type that is compared; undefined when it could not be read. */
  readonly type: TypeIr | undefined;
  readonly readEnum: (declaration: Declaration & { kind: "enum" }) => EnumIr;
}

function isFloat(type: TypeIr | undefined): boolean {
  const inner = type && accessedType(type);
  return inner?.kind === "scalar" && (inner.scalar === "f32" || inner.scalar === "f64");
}

interface Leaf {
  readonly file: SchemaFile;
  readonly node: ts.TypeNode;
}

/** The members of a union, through brackets and aliases; each alias once, so that circles end and values stay few. */
function flatten(scopes: Scopes, file: SchemaFile, node: ts.TypeNode, seen = new Set<ts.Node>()): Leaf[] {
  if (ts.isParenthesizedTypeNode(node)) return flatten(scopes, file, node.type, seen);
  if (ts.isUnionTypeNode(node)) return node.types.flatMap((one) => flatten(scopes, file, one, seen));
  const alias = aliasOf(scopes, file, node);
  if (alias === undefined || alias === "poison") return [{ file, node }];
  if (seen.has(alias.node)) return [];
  seen.add(alias.node);
  const { type } = alias.node;
  const isUnion = ts.isUnionTypeNode(type) || ts.isParenthesizedTypeNode(type) || ts.isTypeReferenceNode(type);
  return isUnion ? flatten(scopes, alias.file, type, seen) : [{ file, node }];
}

/** `Gear.Park`; undefined when the node is something else, `"poison"` when the enum lacks it after a complaint. */
function enumMember(
  { scopes, readEnum }: ExpectedContext,
  file: SchemaFile,
  node: ts.TypeNode,
): ExpectedValue | "poison" | undefined {
  if (!ts.isTypeReferenceNode(node) || !ts.isQualifiedName(node.typeName)) return undefined;
  const { left, right } = node.typeName;
  const entity = ts.isIdentifier(left)
    ? scopes.find(file, left.text)
    : ts.isIdentifier(left.left)
      ? ((space) => (space?.kind === "module" ? scopes.findExport(space.file, left.right.text) : space))(
          scopes.find(file, left.left.text),
        )
      : undefined;
  if (entity?.kind === "poison") return "poison";
  if (entity?.kind !== "enum") return undefined;
  const member = readEnum(entity).members.find(({ name }) => name === right.text);
  if (member !== undefined) return { kind: "integer", value: `${member.value}` };
  const isDeclared = entity.node.members.some(({ name }) => ts.isIdentifier(name) && name.text === right.text);
  return isDeclared ? "poison" : undefined;
}

/** Bytes are digits, however they were written, so that what means the same is the same. */
function textOf(text: string, type: TypeIr | undefined): string {
  const bytes = type?.kind === "bytes" ? hexBytes(text) : undefined;
  return bytes === undefined ? text : hexText(bytes);
}

function readOne(context: ExpectedContext, file: SchemaFile, node: ts.TypeNode): ExpectedValue | "poison" | undefined {
  const literal = findLiteral(context.scopes, file, node);
  if (literal === "poison") return literal;
  if (literal === undefined) return enumMember(context, file, node);
  const { value } = literal;
  if (typeof value === "string") return { kind: "text", value: textOf(value, context.type) };
  if (typeof value === "boolean") return { kind: "bool", value };
  // 1e400 is a literal, and no number.
  if (!Number.isFinite(Number(value))) return undefined;
  if (isFloat(context.type)) return { kind: "float", value: Number(value) };
  if (typeof value === "number") return { kind: "float", value };
  return isRounded(literal) ? undefined : { kind: "integer", value: `${value}` };
}

/** Reads the values; undefined when one of them cannot be read, which has been complained about. */
export function readExpected(context: ExpectedContext, node: ts.TypeNode): ExpectedValue[] | undefined {
  const { project, scopes } = context;
  const values: ExpectedValue[] = [];
  let complete = true;
  for (const leaf of flatten(scopes, context.file, node)) {
    const value = readOne(context, leaf.file, leaf.node);
    if (value === undefined || value === "poison") complete = false;
    else if (!values.some((other) => other.kind === value.kind && other.value === value.value)) values.push(value);
    if (value === undefined)
      project.report("SHM1060", { found: describeNode(leaf.file, leaf.node) }, leaf.file, leaf.node);
  }
  // Nothing at all is a circle of aliases, which is complained about where it is declared.
  return complete && values.length > 0 ? values : undefined;
}

/** Reads the default of `since<T, V, default>`, one literal; undefined after a complaint. */
export function readDefault(context: ExpectedContext, node: ts.TypeNode): ExpectedValue | undefined {
  const value = readOne(context, context.file, node);
  if (value !== undefined) return value === "poison" ? undefined : value;
  context.project.report("SHM1065", { found: describeNode(context.file, node) }, context.file, node);
  return undefined;
}
