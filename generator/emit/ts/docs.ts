/** Text of the user's in comments of TypeScript. */

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
