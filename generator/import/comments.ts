/** Comments of a header -> JSDoc of a schema. They are text of others: nothing in them ends a comment or means something to a schema. */
import { printable } from "@shmgen/schema/printable";

/** Tags that a schema would obey. */
const TAGS = /^(\s*)@(?=(?:repr|was|case)\b)/;

/** Lines of a comment, safe within a block comment. */
export function commentLines(text: string): string[] {
  return text.split("\n").map((line) =>
    printable(line.replaceAll("\t", " ").trimEnd())
      .replaceAll("*/", "* /")
      .replace(/^(\s*)[@\\](?:brief|short|details|note)\s+/, "$1")
      .replace(TAGS, "$1(at) "),
  );
}

/** The JSDoc of lines, with a line break behind it; "" without any. */
export function jsdoc(lines: readonly string[], indent = ""): string {
  const [only, ...others] = lines;
  if (only === undefined) return "";
  if (others.length === 0) return `${indent}/** ${only} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} *${line === "" ? "" : ` ${line}`}\n`).join("")}${indent} */\n`;
}
