/** TypeScript enums, and the constant expressions of their members. */
import { ts } from "./typescript.js";
import { type Evaluated, evaluate } from "./constants.js";
import { declarationId } from "../ir/declaration-id.js";
import type { EnumIr, EnumMemberIr, ReprName } from "../ir/ir.js";
import { REPRS } from "./vocabulary.js";
import type { Project, SchemaFile } from "./project.js";
import { readDocs, readPlainDocs, reportStrayReprs } from "./read-docs.js";

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
