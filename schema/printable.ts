/** Text from outside, made fit for messages and terminals. Pure; compiled into both packages. */

/** Most text is nothing but this, and needs no further look. */
const PLAIN = /^[ -~]*$/;

/**
 * What moves a cursor, ends a line, hides text or turns its direction: controls (C0, DEL, C1), format characters (bidi
 * controls, zero width, byte order mark), line and paragraph separators, lone surrogates. The joiner between two parts of an
 * emoji is none of these.
 */
const UNSAFE =
  /(?!(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D\p{Extended_Pictographic})[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text that somebody else may have chosen, for one line of a message: names, paths, commands of other processes, bytes of files.
 * What a terminal would obey is shown as JSON writes it, `\u001b`; everything else stays as it is. Doing it twice changes
 * nothing.
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replaceAll(UNSAFE, (one) => SHORT[one] ?? codeUnits(one));
}

/** As {@link printable}, for text of several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** JSON that a terminal may show: `JSON.stringify` itself escapes the controls below U+0020 alone. */
export function printableJson(value: unknown, indent?: number): string {
  // Between the texts there are line breaks, and no other control.
  return JSON.stringify(value, undefined, indent)
    .split("\n")
    .map((line) => (PLAIN.test(line) ? line : line.replaceAll(UNSAFE, codeUnits)))
    .join("\n");
}

/** `\u202e`; `\udb40\udc01` for what takes two. */
function codeUnits(one: string): string {
  return Array.from({ length: one.length }, (_, at) => `\\u${one.charCodeAt(at).toString(16).padStart(4, "0")}`).join(
    "",
  );
}
