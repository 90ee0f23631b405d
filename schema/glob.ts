/** Patterns of one path segment, as fnmatch(3) reads them without its backslash. Pure; compiled into both packages. */

/**
 * What `segment` matches, as the source of a regular expression with the flag `u`: `*`, `?`, `[ab]`, `[a-z]`, `[!a]`. None of
 * them matches a slash. Any text is a pattern: a bracket that nothing closes stands for itself, and a range that runs backwards
 * holds nothing. @see POSIX.1-2024, XCU 2.14
 */
export function globSource(segment: string): string {
  let source = "";
  for (let index = 0; index < segment.length; index += 1) {
    const char = segment.charAt(index);
    const end = char === "[" ? endOfSet(segment, index) : -1;
    if (char === "*") source += "[^/]*";
    else if (char === "?") source += "[^/]";
    else if (end > 0) {
      source += setSource(segment.slice(index + 1, end));
      index = end;
    } else source += escapeForRegExp(char);
  }
  return source;
}

/** For an expression with the flag `u`, inside of `[]` and outside. */
export function escapeForRegExp(text: string): string {
  return text.replaceAll(/[-.*+?^${}()|[\]\\/]/g, (char) => (char === "-" ? "\\x2d" : `\\${char}`));
}

/** Where the set that begins here is closed, or -1. A bracket that comes first is one of its characters. */
function endOfSet(segment: string, start: number): number {
  const first = start + (/[!^]/.test(segment.charAt(start + 1)) ? 2 : 1);
  return segment.indexOf("]", first + 1);
}

function setSource(body: string): string {
  const negated = /^[!^]/.test(body);
  const chars = Array.from(negated ? body.slice(1) : body);
  let set = "";
  for (let index = 0; index < chars.length; index += 1) {
    const [from = "", dash, to] = chars.slice(index, index + 3);
    if (dash !== "-" || to === undefined) set += escapeForRegExp(from);
    else {
      if ((from.codePointAt(0) ?? 0) <= (to.codePointAt(0) ?? 0))
        set += `${escapeForRegExp(from)}-${escapeForRegExp(to)}`;
      index += 2;
    }
  }
  return `(?!/)[${negated ? "^" : ""}${set}]`;
}
