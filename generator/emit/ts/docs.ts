/** Text of the user's in comments of TypeScript, and lines of a list. */

/** A comment's lines, safe inside a block comment. Empty without a comment. */
export function docLines(docs: string | undefined): string[] {
  const text = (docs ?? "").trim();
  if (text === "") return [];
  return text.split(/\r\n|[\n\r\u2028\u2029]/).map((line) => line.trimEnd().replaceAll("*/", "*\\/"));
}

/** A path as a comment may show it: one line, no end of comment. */
export function shownPath(path: string): string {
  return path.replaceAll(/[\p{Cc}\u2028\u2029]/gu, "?").replaceAll("*/", "*\\/");
}

/** Items in as few lines as have at most `width` characters, with `separator` between the items of a line. */
export function filledLines(items: readonly string[], separator: string, width = 112): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const last = lines.at(-1);
    if (last === undefined || last.length + separator.length + item.length > width) lines.push(item);
    else lines[lines.length - 1] = `${last}${separator}${item}`;
  }
  return lines;
}
