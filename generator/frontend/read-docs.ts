/** The user's own comments, taken from the text of the file. */
import { ts } from "./typescript.js";
import type { Project, SchemaFile } from "./project.js";

/** A tag that was cut out of a comment, with its place in the file. */
export interface Tag {
  readonly name: "repr" | "was" | "case";
  readonly value: string;
  readonly start: number;
  readonly length: number;
}

/** A JSDoc comment: its text without markers, and the tags that mean something to a schema. */
export interface Docs {
  readonly text: string | undefined;
  readonly tags: readonly Tag[];
}

const NO_DOCS: Docs = { text: undefined, tags: [] };

/** The last JSDoc comment before a node: on the lines above it, or before it on its own line. */
function commentBefore(file: SchemaFile, node: ts.Node): ts.CommentRange | undefined {
  const { text, source } = file;
  const start = node.getStart(source);
  if (start === node.pos) return undefined;
  const sameLine = (ts.getTrailingCommentRanges(text, node.pos) ?? []).filter(
    ({ end }) => !/[\n\r]/.test(text.slice(end, start)),
  );
  const above = ts.getLeadingCommentRanges(text, node.pos) ?? [];
  return [...above, ...sameLine].reverse().find(({ pos, end }) => end - pos > 4 && text.startsWith("/**", pos));
}

/** The JSDoc comment of a declaration, field or member. */
export function readDocs(file: SchemaFile, node: ts.Node): Docs {
  const comment = commentBefore(file, node);
  if (comment === undefined) return NO_DOCS;
  const body = file.text.slice(comment.pos + 3, comment.end - 2);
  const lines: string[] = [];
  const tags: Tag[] = [];
  let at = comment.pos + 3;
  for (const raw of body.split(/(?<=\n)/)) {
    const line = raw.trimEnd().replace(/^\s*(?:\*(?!\/))? ?/, "");
    const tag = /@(?:(repr|was)\b[ \t]*:?[ \t]*(\S*)|(case)\b[ \t]*:?[ \t]*(.*))/.exec(raw);
    if (tag !== null && /^\s*@(?:repr|was|case)\b/.test(line)) {
      const [text, name = tag[3], value = tag[4] ?? ""] = tag;
      tags.push({
        name: name as Tag["name"],
        value: value.trim(),
        start: at + tag.index,
        length: text.trimEnd().length,
      });
    } else lines.push(line);
    at += raw.length;
  }
  while (lines[0]?.trim() === "") lines.shift();
  while (lines.at(-1)?.trim() === "") lines.pop();
  return { text: lines.length === 0 ? undefined : lines.join("\n"), tags };
}

/** Complains about a tag that nobody would look for at `where`. */
function reportStray(project: Project, file: SchemaFile, { name, start, length }: Tag, where: string): void {
  const code = name === "was" ? "SHM1066" : name === "case" ? "SHM1082" : "SHM1051";
  project.reportAt(code, { where }, project.span(file, start, length));
}

/** Complains about `@repr` of an enum where nobody would look for it: twice, or in a comment that is not the enum's JSDoc. */
export function reportStrayReprs(project: Project, file: SchemaFile, node: ts.Node, { tags }: Docs): void {
  const reprs = tags.filter(({ name }) => name === "repr");
  for (const tag of reprs.slice(1)) reportStray(project, file, tag, "a second time");
  for (const tag of tags) if (tag.name !== "repr") reportStray(project, file, tag, "on an enum");
  const own = commentBefore(file, node);
  for (const { pos, end } of ts.getLeadingCommentRanges(file.text, node.pos) ?? []) {
    const tag = pos === own?.pos ? null : /@repr\b/.exec(file.text.slice(pos, end));
    if (tag === null) continue;
    project.reportAt("SHM1051", { where: "in another comment" }, project.span(file, pos + tag.index, tag[0].length));
  }
}

/** The comment as an optional property of an IR node; complains about tags, which only enums and fields have. */
export function readPlainDocs(project: Project, file: SchemaFile, node: ts.Node, what: string): { docs?: string } {
  const { text, tags } = readDocs(file, node);
  for (const tag of tags) reportStray(project, file, tag, `on ${what}`);
  return text === undefined ? {} : { docs: text };
}

/** Comment and `@was` of a field as optional properties of its IR. */
export function readFieldDocs(project: Project, file: SchemaFile, node: ts.Node): { docs?: string; was?: string } {
  const { text, tags } = readDocs(file, node);
  const [was, second] = tags.filter(({ name }) => name === "was");
  for (const tag of tags) if (tag.name !== "was") reportStray(project, file, tag, "on a field");
  if (second !== undefined) reportStray(project, file, second, "a second time");
  return { ...(text === undefined ? {} : { docs: text }), ...(was === undefined ? {} : { was: was.value }) };
}

/** Comment and `@case` of a union's member. */
export function readMemberDocs(
  project: Project,
  file: SchemaFile,
  node: ts.Node,
  isTagged: boolean,
): { readonly docs?: string; readonly cases: readonly Tag[] } {
  const { text, tags } = readDocs(file, node);
  const cases = tags.filter(({ name }) => name === "case");
  for (const tag of tags) if (tag.name !== "case") reportStray(project, file, tag, "on a member of a union");
  if (!isTagged) for (const tag of cases) reportStray(project, file, tag, "in a union without a tag");
  return { ...(text === undefined ? {} : { docs: text }), cases: isTagged ? cases : [] };
}
