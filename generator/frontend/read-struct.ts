/** Interfaces -> StructIr. */
import { ts } from "./typescript.js";
import { declarationId } from "../ir/declaration-id.js";
import type { FieldIr, SourceSpan, StructIr, StructRole } from "../ir/ir.js";
import type { Project, SchemaFile } from "./project.js";
import { readFieldDocs, readPlainDocs } from "./read-docs.js";
import { readPropertyName } from "./read-members.js";
import { describeNode, findLiteral, readInteger } from "./read-number.js";
import type { TypePlace, TypeReader } from "./read-type.js";
import type { Scopes } from "./scope.js";
import { WORDS } from "./vocabulary.js";

/** What structs are read with. */
export interface StructContext {
  readonly project: Project;
  readonly scopes: Scopes;
  readonly types: TypeReader;
}

interface Heritage {
  role: StructRole;
  packed: boolean;
  pack?: 2 | 4 | 8;
  align?: number;
  size?: number;
  versionSpan?: SourceSpan;
}

const OPTION_KEYS = ["type", "version", "readableFrom", "header", "name", "participants"] as const;

/** The word after `extends`; undefined after a complaint. */
function readBaseWord(
  { project, scopes }: StructContext,
  file: SchemaFile,
  name: string,
  node: ts.ExpressionWithTypeArguments,
): string | undefined {
  const { expression } = node;
  const base = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
  if (!ts.isIdentifier(base)) {
    project.report("SHM1041", { name, base: expression.getText(file.source) }, file, expression);
    return undefined;
  }
  let entity = scopes.find(file, base.text) ?? scopes.reportUnknown(file, base.text, base);
  if (entity === undefined) return undefined;
  if (ts.isPropertyAccessExpression(expression)) {
    const member = expression.name.text;
    if (entity.kind === "words") entity = scopes.word(file, member, expression.name);
    else if (entity.kind === "module") {
      const found = scopes.findExport(entity.file, member);
      if (found === undefined) scopes.reportNotExported(entity.file, member, file, expression.name);
      entity = found ?? { kind: "poison" };
    }
  }
  if (entity.kind === "poison") return undefined;
  if (entity.kind !== "word") {
    project.report("SHM1041", { name, base: expression.getText(file.source) }, file, expression);
    return undefined;
  }
  const word = WORDS.get(entity.word);
  const found = node.typeArguments?.length ?? 0;
  if (word?.ofStruct !== true) project.report("SHM1043", { word: entity.word, place: "a base" }, file, node);
  else if (found < word.min || found > word.max)
    project.report("SHM1036", { name: entity.word, form: word.form, found }, file, node);
  else return entity.word;
  return undefined;
}

/** `Region<{ type; version; readableFrom?; header?; name?; participants? }>`. */
function readRegionOptions(
  { project, scopes }: StructContext,
  file: SchemaFile,
  node: ts.TypeNode,
): { readonly role: StructRole; readonly versionSpan: SourceSpan | undefined } | undefined {
  if (!ts.isTypeLiteralNode(node)) {
    project.report("SHM1044", { found: describeNode(file, node) }, file, node);
    return undefined;
  }
  const numbers = new Map<string, number>();
  let header: "standard" | "dotnet" = "standard";
  let isVersioned = false;
  let versionSpan: SourceSpan | undefined;
  let complete = true;
  const seen = new Set<string>();
  for (const member of node.members) {
    const name = readPropertyName(project, file, member);
    if (name === undefined || !ts.isPropertySignature(member)) {
      complete = false;
      continue;
    }
    const key = name.text;
    const problem = !OPTION_KEYS.some((known) => known === key) ? "unknown" : seen.has(key) ? "twice" : undefined;
    seen.add(key);
    readPlainDocs(project, file, member, "an option");
    if (problem !== undefined) project.report("SHM1045", { key, problem }, file, name);
    else if (member.type === undefined) project.report("SHM1040", { field: key }, file, name);
    else if (key === "header" || key === "name") {
      const literal = findLiteral(scopes, file, member.type);
      const value = literal === "poison" ? undefined : literal?.value;
      const expected = key === "name" ? '"versioned"' : '"standard" or "dotnet"';
      if (key === "header" && (value === "standard" || value === "dotnet")) header = value;
      else if (key === "name" && value === "versioned") isVersioned = true;
      else if (literal !== "poison") project.report("SHM1046", { key, expected }, file, member.type);
    } else {
      if (key === "version") {
        const start = name.getStart(file.source);
        versionSpan = project.span(file, start, member.type.getEnd() - start);
      }
      const value = readInteger(project, scopes, file, member.type, { word: "Region", what: `The ${key}` });
      if (value !== undefined) numbers.set(key, value);
      else complete = false;
    }
  }
  for (const key of ["type", "version"]) {
    if (!seen.has(key)) project.report("SHM1045", { key, problem: "missing" }, file, node);
  }
  const typeId = numbers.get("type");
  const version = numbers.get("version");
  if (!complete || typeId === undefined || version === undefined) return undefined;
  const readableFrom = numbers.get("readableFrom") ?? version;
  const naming = isVersioned ? ({ naming: "versioned" } as const) : {};
  const participants = numbers.get("participants");
  const many = participants === undefined ? {} : { participants };
  return { role: { kind: "region", typeId, version, readableFrom, header, ...naming, ...many }, versionSpan };
}

/** `Packed`, `Packed<N>`. */
function readPacking(
  { project, scopes }: StructContext,
  file: SchemaFile,
  node: ts.TypeNode | undefined,
  heritage: Heritage,
): void {
  const pack =
    node === undefined ? 1 : readInteger(project, scopes, file, node, { word: "Packed", what: "The packing" });
  if (pack === 1) heritage.packed = true;
  else if (pack === 2 || pack === 4 || pack === 8) heritage.pack = pack;
  else if (pack !== undefined && node !== undefined) project.report("SHM1080", { pack }, file, node);
}

function readHeritage(context: StructContext, file: SchemaFile, node: ts.InterfaceDeclaration): Heritage {
  const { project, scopes } = context;
  const name = node.name.text;
  const heritage: Heritage = { role: { kind: "plain" }, packed: false };
  const seen = new Set<string>();
  for (const clause of node.heritageClauses ?? []) {
    if (clause.token !== ts.SyntaxKind.ExtendsKeyword) project.report("SHM1039", { what: "implements" }, file, clause);
    for (const type of clause.types) {
      const word = readBaseWord(context, file, name, type);
      if (word === undefined) {
        context.types.incomplete.add(declarationId(file.path, name));
        continue;
      }
      const rival = word === "Region" ? "Foreign" : word === "Foreign" ? "Region" : undefined;
      const first = seen.has(word) ? word : rival !== undefined && seen.has(rival) ? rival : undefined;
      seen.add(word);
      if (first !== undefined) {
        project.report("SHM1042", { name, first, second: word }, file, type);
        continue;
      }
      const argument = type.typeArguments?.[0];
      if (word === "Foreign") heritage.role = { kind: "foreign" };
      else if (word === "Packed") readPacking(context, file, argument, heritage);
      else if (argument !== undefined && word === "Region") {
        const options = readRegionOptions(context, file, argument);
        if (options === undefined) context.types.incomplete.add(declarationId(file.path, name));
        else heritage.role = options.role;
        if (options?.versionSpan !== undefined) heritage.versionSpan = options.versionSpan;
      } else if (argument !== undefined) {
        const what = word === "Aligned" ? "The alignment" : "The size";
        const value = readInteger(project, scopes, file, argument, { word, what });
        if (value !== undefined) heritage[word === "Aligned" ? "align" : "size"] = value;
      }
    }
  }
  return heritage;
}

/** Reads a field; undefined when it cannot be read, which has been complained about. */
function readField(
  context: StructContext,
  file: SchemaFile,
  struct: string,
  member: ts.TypeElement,
  around: Pick<TypePlace, "packing" | "siblings">,
): FieldIr | undefined {
  const { project, types } = context;
  const nameNode = readPropertyName(project, file, member);
  if (nameNode === undefined || !ts.isPropertySignature(member)) return undefined;
  const name = nameNode.text;
  const { was, ...docs } = readFieldDocs(project, file, member);
  if (member.type === undefined) {
    project.report("SHM1040", { field: name }, file, nameNode);
    return undefined;
  }
  const { initializer } = member as { initializer?: ts.Expression };
  if (initializer !== undefined) project.report("SHM1032", { what: "an initial value" }, file, initializer);
  const inPlaceName = struct + name.slice(0, 1).toUpperCase() + name.slice(1);
  const read = types.read(member.type, { file, name: inPlaceName, isAlias: false, depth: 0, ...around });
  if (read === undefined) return undefined;
  const { type, align, at, expect, since, tag } = read;
  return {
    name,
    ...docs,
    type,
    ...(align === undefined ? {} : { align }),
    ...(at === undefined ? {} : { at }),
    ...(expect === undefined ? {} : { expect: [...expect] }),
    ...(since === undefined ? {} : { since }),
    ...(was === undefined ? {} : { was }),
    ...(tag === undefined ? {} : { tag }),
    span: project.spanOf(file, nameNode),
  };
}

/** Reads an interface; undefined when nothing of it can be used, which has been complained about. */
export function readStruct(
  context: StructContext,
  file: SchemaFile,
  node: ts.InterfaceDeclaration,
): StructIr | undefined {
  const { project, types } = context;
  const name = node.name.text;
  const docs = readPlainDocs(project, file, node, "an interface");
  const parameter = node.typeParameters?.[0];
  if (parameter !== undefined) {
    project.report("SHM1035", { name, parameter: parameter.name.text }, file, parameter);
    return undefined;
  }
  const { role, packed, pack, align, size, versionSpan } = readHeritage(context, file, node);
  const siblings = new Set(
    node.members.flatMap(({ name: one }) => (one !== undefined && ts.isIdentifier(one) ? [one.text] : [])),
  );
  const packing = { packed, ...(pack === undefined ? {} : { pack }) };
  const fields = node.members.map((member) => readField(context, file, name, member, { packing, siblings }));
  const readable = fields.filter((field) => field !== undefined);
  const id = declarationId(file.path, name);
  if (readable.length < fields.length) types.incomplete.add(id);
  return {
    id,
    name,
    file: file.path,
    ...docs,
    role,
    ...packing,
    ...(align === undefined ? {} : { align }),
    ...(size === undefined ? {} : { size }),
    fields: readable,
    span: project.spanOf(file, node.name),
    ...(versionSpan === undefined ? {} : { versionSpan }),
  };
}
