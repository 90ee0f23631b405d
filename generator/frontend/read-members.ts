/** Object types that the vocabulary takes: names with whole numbers, for `bits` and `enumOf`. */
import { ts } from "./typescript.js";
import type { SourceSpan } from "../ir/ir.js";
import type { Project, SchemaFile } from "./project.js";
import { readPlainDocs } from "./read-docs.js";
import { describeNode, readExactInteger, readInteger } from "./read-number.js";
import type { Scopes } from "./scope.js";

/** What members are read with. */
export interface MembersContext {
  readonly project: Project;
  readonly scopes: Scopes;
  readonly file: SchemaFile;
  readonly word: "bits" | "enumOf";
}

/** One member; `value` is the width of a bit field, or the value of an enum's member. */
export interface Member {
  readonly name: string;
  readonly value: number | bigint;
  /** What stands around the width of a bit field. */
  readonly around?: "signed" | "pad";
  readonly docs?: string;
  readonly span: SourceSpan;
}

/** Complains about what is no plain `name: type`; returns the name when it is one. */
export function readPropertyName(
  project: Project,
  file: SchemaFile,
  member: ts.TypeElement,
): ts.Identifier | undefined {
  const text = member.name?.getText(file.source) ?? "";
  if (ts.isMethodSignature(member)) project.report("SHM1024", { what: `The method '${text}'` }, file, member.name);
  else if (ts.isCallSignatureDeclaration(member)) project.report("SHM1024", { what: "A call signature" }, file, member);
  else if (ts.isConstructSignatureDeclaration(member))
    project.report("SHM1024", { what: "A constructor" }, file, member);
  else if (ts.isIndexSignatureDeclaration(member))
    project.report("SHM1025", { what: "An index signature" }, file, member);
  else if (ts.isGetAccessor(member) || ts.isSetAccessor(member))
    project.report("SHM1027", { name: text }, file, member.name);
  else if (!ts.isPropertySignature(member)) project.report("SHM1039", { what: "This member" }, file, member);
  else if (!ts.isIdentifier(member.name)) project.report("SHM1026", { name: text }, file, member.name);
  else {
    for (const modifier of member.modifiers ?? []) {
      project.report("SHM1028", { modifier: modifier.getText(file.source) }, file, modifier);
    }
    if (member.questionToken !== undefined) project.report("SHM1018", { field: text }, file, member.questionToken);
    return member.name;
  }
  return undefined;
}

/** Reads the members; undefined when there is no object type. `complete` is false when some were left out. */
export function readMembers(
  { project, scopes, file, word }: MembersContext,
  node: ts.TypeNode,
): { readonly members: readonly Member[]; readonly complete: boolean } | undefined {
  if (!ts.isTypeLiteralNode(node)) {
    project.report("SHM1054", { word, found: describeNode(file, node) }, file, node);
    return undefined;
  }
  const members: Member[] = [];
  for (const element of node.members) {
    const name = readPropertyName(project, file, element);
    if (name === undefined || !ts.isPropertySignature(element)) continue;
    const docs = readPlainDocs(project, file, element, "a member");
    if (element.type === undefined) {
      project.report("SHM1040", { field: name.text }, file, name);
      continue;
    }
    const what = `${word === "bits" ? "The width" : "The value"} of '${name.text}'`;
    const read = word === "enumOf" ? readExactInteger : readInteger;
    const { around, node: number } =
      word === "bits" ? unwrapped(scopes, file, element.type) : { around: undefined, node: element.type };
    const value = read(project, scopes, file, number, { word: around ?? word, what });
    const said = around === undefined ? docs : { ...docs, around };
    if (value !== undefined) members.push({ name: name.text, value, ...said, span: project.spanOf(file, name) });
  }
  return { members, complete: members.length === node.members.length };
}

/** A width, and the word around it. */
interface Unwrapped {
  readonly around: "signed" | "pad" | undefined;
  readonly node: ts.TypeNode;
}

/** `signed<4>` and `pad<40>` of bit fields. */
function unwrapped(scopes: Scopes, file: SchemaFile, node: ts.TypeNode): Unwrapped {
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return { around: undefined, node };
  const entity = scopes.find(file, node.typeName.text);
  const [width, ...others] = node.typeArguments ?? [];
  if (entity?.kind !== "word" || width === undefined || others.length > 0) return { around: undefined, node };
  const around = entity.word === "signed" || entity.word === "pad" ? entity.word : undefined;
  return around === undefined ? { around, node } : { around, node: width };
}
