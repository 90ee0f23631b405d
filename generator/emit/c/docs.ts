/** Characters without a place in a comment: control characters, line separators, and those that turn text around. */
const INVISIBLE = /[\p{Cc}\u2028\u2029\u202A-\u202E\u2066-\u2069]/gu;

/**
 * The lines of a comment of the user's, safe inside a block comment of C11 and C++17: it cannot end the comment, open
 * another, form a trigraph, or splice lines.
 */
export function docLines(docs: string | undefined): string[] {
  if (docs === undefined || docs.trim() === "") return [];
  return docs.split(/\r\n|[\r\n\u2028\u2029]/).map(safeLine);
}

function safeLine(line: string): string {
  return line
    .replaceAll("\t", "  ")
    .replaceAll(INVISIBLE, "")
    .replaceAll(/\?(?=\?[=/'()!<>-])/g, "? ")
    .replaceAll(/\*(?=\/)/g, "* ")
    .replaceAll(/\/(?=\*)/g, "/ ")
    .trimEnd()
    .replace(/\\$/, "\\.");
}
