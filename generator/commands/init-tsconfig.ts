/** Keeps TypeScript's compiler from schemas, by the `exclude` of a tsconfig.json that keeps its comments and its form. */
import { parseLenientJson } from "./init-style.js";

/** What is excluded: shmgen reads schemas, and a compiler would make a second `Gear` of each enum. */
export const EXCLUDED = "**/*.shm.ts";

interface Token {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The text with schemas excluded, where need be indented by `indent`; undefined where that is not for us to decide, or not to be done without understanding more. */
export function withSchemasExcluded(text: string, indent: string): string | undefined {
  const config = parseLenientJson(text) as
    | {
        exclude?: unknown;
        extends?: unknown;
        files?: unknown;
        include?: unknown;
        compilerOptions?: { outDir?: unknown };
      }
    | undefined;
  if (typeof config !== "object" || config === null) return undefined;
  if (Array.isArray(config.exclude) && config.exclude.includes(EXCLUDED)) return text;
  // A list of files needs none; and an own list takes the place of an inherited one, of which nothing is known here.
  if (config.files !== undefined && config.include === undefined) return undefined;
  if (config.extends !== undefined && config.exclude === undefined) return undefined;
  const changed =
    config.exclude === undefined ? withList(text, config.compilerOptions?.outDir, indent) : withEntry(text);
  const after = changed === undefined ? undefined : (parseLenientJson(changed) as { exclude?: unknown } | undefined);
  return Array.isArray(after?.exclude) && after.exclude.includes(EXCLUDED) ? changed : undefined;
}

/** `exclude` as the last key. It takes the place of what is excluded without one, so that has to be in it. */
function withList(text: string, outDir: unknown, indentation: string): string | undefined {
  const tokens = tokensOf(text);
  const [last, before] = [tokens.at(-1), tokens.at(-2)];
  if (last?.text !== "}" || before === undefined) return undefined;
  const list = ["node_modules", ...(typeof outDir === "string" ? [outDir.replace(/^\.\//, "")] : []), EXCLUDED];
  const indent = /\n([ \t]+)["/]/.exec(text)?.[1] ?? indentation;
  const comma = before.text === "{" || before.text === "," ? "" : ",";
  const rest = text.slice(before.end, last.start);
  const entry = `"exclude": [${list.map((one) => JSON.stringify(one)).join(", ")}]`;
  // All on one line stays there.
  if (!text.trim().includes("\n") && before.text !== "{")
    return `${text.slice(0, before.end)}${comma} ${entry}${rest}${text.slice(last.start)}`;
  return `${text.slice(0, before.end)}${comma}${rest.trimEnd()}\n${indent}${entry}\n${text.slice(last.start)}`;
}

/** One more entry of the list that there is, in its form. */
function withEntry(text: string): string | undefined {
  const tokens = tokensOf(text);
  let depth = 0;
  const key = tokens.findIndex((token) => {
    if ("{[".includes(token.text)) depth += 1;
    if ("}]".includes(token.text)) depth -= 1;
    return depth === 1 && token.text === '"exclude"';
  });
  const close = tokens.findIndex(({ text: one }, index) => index > key && one === "]");
  const [open, first, last] = [tokens[key + 2], tokens[key + 3], tokens[close - 1]];
  if (key < 0 || open?.text !== "[" || first === undefined || last === undefined) return undefined;
  const space = text.slice(open.end, first.start);
  const separator = last.text === "[" ? "" : `${last.text === "," ? "" : ","}${space.includes("\n") ? space : " "}`;
  return `${text.slice(0, last.end)}${separator}${JSON.stringify(EXCLUDED)}${text.slice(last.end)}`;
}

/** What is not a comment. */
function tokensOf(text: string): Token[] {
  const pattern = /"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[{}[\],:]|[^\s{}[\],:"/]+/g;
  return [...text.matchAll(pattern)]
    .filter(([found]) => !found.startsWith("/"))
    .map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
}
