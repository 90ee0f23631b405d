/** The user's own comments, taken from the text of the file. */
import { ts } from "ts-morph";
import type { Project, SchemaFile } from "./project.js";

/** A JSDoc comment: its text without markers, and the `@repr` tags that were cut out of it. */
export interface Docs {
  readonly text: string | undefined;
  readonly reprs: readonly { readonly value: string; readonly start: number; readonly length: number }[];
}

const NO_DOCS: Docs = { text: undefined, reprs: [] };

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
  const reprs: { value: string; start: number; length: number }[] = [];
  let at = comment.pos + 3;
  for (const raw of body.split(/(?<=\n)/)) {
    const line = raw.trimEnd().replace(/^\s*(?:\*(?!\/))? ?/, "");
    const tag = /@repr\b[ \t]*:?[ \t]*(\S*)/.exec(raw);
    if (tag !== null && /^\s*@repr\b/.test(line)) {
      reprs.push({ value: tag[1] ?? "", start: at + tag.index, length: tag[0].trimEnd().length });
    } else lines.push(line);
    at += raw.length;
  }
  while (lines[0]?.trim() === "") lines.shift();
  while (lines.at(-1)?.trim() === "") lines.pop();
  return { text: lines.length === 0 ? undefined : lines.join("\n"), reprs };
}

/** Complains about `@repr` of an enum where nobody would look for it: twice, or in a comment that is not the enum's JSDoc. */
export function reportStrayReprs(project: Project, file: SchemaFile, node: ts.Node, { reprs }: Docs): void {
  for (const { start, length } of reprs.slice(1)) {
    project.reportAt("SHM1051", { where: "a second time" }, project.span(file, start, length));
  }
  const own = commentBefore(file, node);
  for (const { pos, end } of ts.getLeadingCommentRanges(file.text, node.pos) ?? []) {
    const tag = pos === own?.pos ? null : /@repr\b/.exec(file.text.slice(pos, end));
    if (tag === null) continue;
    project.reportAt("SHM1051", { where: "in another comment" }, project.span(file, pos + tag.index, tag[0].length));
  }
}

/** The comment as an optional property of an IR node; complains about `@repr`, which only enums have. */
export function readPlainDocs(project: Project, file: SchemaFile, node: ts.Node, what: string): { docs?: string } {
  const { text, reprs } = readDocs(file, node);
  for (const { start, length } of reprs)
    project.reportAt("SHM1051", { where: `on ${what}` }, project.span(file, start, length));
  return text === undefined ? {} : { docs: text };
}
