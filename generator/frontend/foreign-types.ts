/** Complaints about TypeScript types that are no words of the schema language. */
import { ts } from "./typescript.js";
import type { Project, SchemaFile } from "./project.js";
import { describeNode } from "./read-number.js";

const K = ts.SyntaxKind;

/** What to say about a keyword or kind of type; the ones that need a look at the node are in {@link reportForeignType}. */
const UNSUPPORTED: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [K.TypeQuery, "typeof"],
  [K.TypeOperator, "keyof"],
  [K.IndexedAccessType, "An indexed access"],
  [K.ConditionalType, "A conditional type"],
  [K.InferType, "infer"],
  [K.ThisType, "this"],
  [K.ImportType, "import(...)"],
  [K.TemplateLiteralType, "A template literal type"],
  [K.TypePredicate, "A type predicate"],
  [K.IntrinsicKeyword, "intrinsic"],
]);

/** Where to point to. */
interface Place {
  readonly file: SchemaFile;
  readonly node: ts.Node;
}

/** Complains about a union by what it is made of. */
function reportUnion(project: Project, file: SchemaFile, node: ts.UnionTypeNode, at: Place): void {
  const empty = node.types.find(isEmptyType);
  if (empty !== undefined && node.types.length > 1) {
    project.report("SHM1022", { type: empty.getText(file.source) }, at.file, at.node === node ? empty : at.node);
    return;
  }
  const literals = node.types.filter(ts.isLiteralTypeNode);
  if (literals.length !== node.types.length)
    project.report("SHM1019", { members: unionMembers(file, node) }, at.file, at.node);
  else if (literals.every(({ literal }) => literal.kind === K.TrueKeyword || literal.kind === K.FalseKeyword)) {
    project.report("SHM1012", {}, at.file, at.node);
  } else {
    const names = literals.slice(0, 3).map(({ literal }, index) => {
      const name = ts.isStringLiteral(literal) ? literal.text.replaceAll(/[^A-Za-z0-9_]/g, "_") : "";
      const number = ts.isNumericLiteral(literal) ? literal.text : `${index}`;
      return `${/^[A-Za-z_]/.test(name) ? name : `Name${number}`}: ${number}`;
    });
    const members = `${names.join("; ")}${literals.length > 3 ? "; ..." : ""}`;
    project.report("SHM1020", { members }, at.file, at.node);
  }
}

/** `asU32: u32; asFloat: f32`: what the members of a union would be called, whose types have names only. */
function unionMembers(file: SchemaFile, node: ts.UnionTypeNode): string {
  const members = node.types.slice(0, 3).map((type) => {
    const text = type.getText(file.source).replaceAll(/\s+/g, " ");
    const word = /^[A-Za-z_]\w*/.exec(text)?.[0] ?? "Other";
    return `as${word.slice(0, 1).toUpperCase()}${word.slice(1)}: ${text.length > 40 ? word : text}`;
  });
  return `${members.join("; ")}${node.types.length > 3 ? "; ..." : ""}`;
}

const isEmptyType = (node: ts.TypeNode): boolean =>
  node.kind === K.UndefinedKeyword ||
  node.kind === K.VoidKeyword ||
  node.kind === K.NeverKeyword ||
  (ts.isLiteralTypeNode(node) && node.literal.kind === K.NullKeyword);

/** Complains about a type node that is neither a reference nor in brackets; `at` is where it is used, behind an alias. */
export function reportForeignType(
  project: Project,
  file: SchemaFile,
  node: ts.TypeNode,
  at: Place = { file, node },
): void {
  const text = (): string => describeNode(file, node).replace(/^'(.*)'$/s, "$1");
  if (isEmptyType(node)) project.report("SHM1022", { type: text() }, at.file, at.node);
  else if (node.kind === K.NumberKeyword) project.report("SHM1010", {}, at.file, at.node);
  else if (node.kind === K.StringKeyword) project.report("SHM1011", {}, at.file, at.node);
  else if (node.kind === K.BooleanKeyword) project.report("SHM1012", {}, at.file, at.node);
  else if (node.kind === K.BigIntKeyword) project.report("SHM1013", {}, at.file, at.node);
  else if (node.kind === K.SymbolKeyword) project.report("SHM1014", { type: "symbol" }, at.file, at.node);
  else if (node.kind === K.AnyKeyword || node.kind === K.UnknownKeyword || node.kind === K.ObjectKeyword) {
    project.report("SHM1023", { type: text() }, at.file, at.node);
  } else if (ts.isArrayTypeNode(node) || (ts.isTypeOperatorNode(node) && ts.isArrayTypeNode(node.type))) {
    project.report("SHM1016", { type: text() }, at.file, at.node);
  } else if (ts.isTupleTypeNode(node) || (ts.isTypeOperatorNode(node) && ts.isTupleTypeNode(node.type))) {
    project.report("SHM1017", {}, at.file, at.node);
  } else if (ts.isTypeOperatorNode(node) && node.operator === K.UniqueKeyword) {
    project.report("SHM1014", { type: "symbol" }, at.file, at.node);
  } else if (ts.isUnionTypeNode(node)) reportUnion(project, file, node, at);
  else if (ts.isIntersectionTypeNode(node)) project.report("SHM1021", {}, at.file, at.node);
  else if (ts.isFunctionTypeNode(node) || ts.isConstructorTypeNode(node)) {
    project.report("SHM1024", { what: "A function" }, at.file, at.node);
  } else if (ts.isMappedTypeNode(node)) project.report("SHM1025", { what: "A mapped type" }, at.file, at.node);
  else if (ts.isTypeLiteralNode(node)) project.report("SHM1037", { alias: undefined }, at.file, at.node);
  else if (ts.isLiteralTypeNode(node)) project.report("SHM1038", { text: text() }, at.file, at.node);
  else project.report("SHM1039", { what: UNSUPPORTED.get(node.kind) ?? `The type ${text()}` }, at.file, at.node);
}

const UTILITIES = new Set(["Partial", "Required", "Readonly", "Pick", "Omit", "Exclude", "Extract", "NonNullable"]);
const HEAP_OBJECTS = new Set([
  "Date",
  "WeakMap",
  "WeakSet",
  "WeakRef",
  "Promise",
  "RegExp",
  "Error",
  "Object",
  "Symbol",
  "URL",
]);

/** Complains about a well-known type of JavaScript or Node; false when `name` is none. */
export function reportGlobalType(project: Project, file: SchemaFile, name: string, node: ts.Node): boolean {
  if (name === "Number") project.report("SHM1010", {}, file, node);
  else if (name === "String") project.report("SHM1011", {}, file, node);
  else if (name === "Boolean") project.report("SHM1012", {}, file, node);
  else if (name === "BigInt") project.report("SHM1013", {}, file, node);
  else if (HEAP_OBJECTS.has(name)) project.report("SHM1014", { type: name }, file, node);
  else if (
    /^(?:Buffer|(?:Shared)?ArrayBuffer|DataView|(?:Big)?(?:Int|Uint|Float)(?:8|16|32|64)(?:Clamped)?Array)$/.test(name)
  ) {
    project.report("SHM1015", { type: name }, file, node);
  } else if (name === "Array" || name === "ReadonlyArray") {
    project.report("SHM1016", { type: describeNode(file, node).replace(/^'(.*)'$/s, "$1") }, file, node);
  } else if (name === "Function") project.report("SHM1024", { what: "A function" }, file, node);
  else if (name === "Record" || name === "Map" || name === "Set")
    project.report("SHM1025", { what: `A ${name}` }, file, node);
  else if (UTILITIES.has(name)) project.report("SHM1039", { what: `The utility type '${name}'` }, file, node);
  else return false;
  return true;
}
