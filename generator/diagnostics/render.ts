/** Diagnostics as text for people, as JSON, and as annotations of GitHub's workflow runs. */
import { printable, printableJson } from "@shmgen/schema/printable";
import type { SourceSpan } from "../ir/ir.js";
import { type Diagnostic, sortDiagnostics } from "./diagnostic.js";

/** The formats of `util.styleText` that a rendering uses. */
export type StyleName = "red" | "yellow" | "cyan" | "gray" | "bold";

export interface RenderOptions {
  /** Text per file, for the source lines; what `readSchema` returns. Without it the lines are left out. */
  readonly sources?: ReadonlyMap<string, string> | undefined;
  /** `util.styleText`, or nothing for plain text: the caller decides by terminal and NO_COLOR. */
  readonly style?: ((format: StyleName, text: string) => string) | undefined;
}

/** A longer source line is shown in part. */
const LINE_WIDTH = 160;

/** A part of a source line. Tabs stay, so that the line of carets can have the same ones. */
function shownSource(text: string): string {
  return text.split("\t").map(printable).join("\t");
}

/** Splits the sources into lines once per rendering. */
class Lines {
  readonly #sources: ReadonlyMap<string, string>;
  readonly #lines = new Map<string, readonly string[]>();

  constructor(sources: ReadonlyMap<string, string> = new Map()) {
    this.#sources = sources;
  }

  at(span: SourceSpan): string | undefined {
    const text = this.#sources.get(span.file);
    if (text === undefined) return undefined;
    let lines = this.#lines.get(span.file);
    if (lines === undefined) {
      // The same line ends that TypeScript counts.
      lines = text.replace(/^\ufeff/, "").split(/\r\n|[\n\r\u2028\u2029]/);
      this.#lines.set(span.file, lines);
    }
    return lines[span.line - 1];
  }
}

/** The source line and a line of carets under the span; nothing when the text is not at hand. */
function codeFrame(span: SourceSpan, lines: Lines, margin: string, caretStyle: (text: string) => string): string[] {
  const line = lines.at(span);
  if (line === undefined) return [];
  const column = Math.min(span.column - 1, line.length);
  // A very long line is cut so that the place of the problem stays in sight.
  const from = column > LINE_WIDTH - 40 ? column - 40 : 0;
  const shown = line.slice(from, from + LINE_WIDTH);
  const start = column - from;
  const count = Math.max(1, Math.min(span.length, shown.length - start));
  const before = shownSource(shown.slice(0, start));
  const under = shownSource(shown.slice(start, start + count));
  const number = `${span.line}`;
  const padding = " ".repeat(number.length) + margin + before.replaceAll(/[^\t]/g, " ");
  return [
    `${number}${margin}${before}${under}${shownSource(shown.slice(start + count))}`.trimEnd(),
    `${padding}${caretStyle("^".repeat(Math.max(1, under.length)))}`,
  ];
}

const place = (span: SourceSpan): string => `${printable(span.file)}:${span.line}:${span.column}`;

/** One diagnostic as lines of text, without an empty line at the end. */
function renderOne(diagnostic: Diagnostic, lines: Lines, style: NonNullable<RenderOptions["style"]>): string {
  const { span, severity } = diagnostic;
  const color: StyleName = severity === "error" ? "red" : "yellow";
  const where = span === undefined ? "" : `${style("cyan", place(span))} - `;
  const out = [`${where}${style(color, severity)} ${style("gray", diagnostic.code)}: ${printable(diagnostic.message)}`];
  if (span !== undefined) out.push(...codeFrame(span, lines, " | ", (text) => style(color, text)));
  out.push(`  ${style("bold", "hint:")} ${printable(diagnostic.hint)}`);
  for (const { message, span: other } of diagnostic.related) {
    // A place that nobody can look at says nothing; a SchemaIr from JSON may have none.
    if (other === undefined) continue;
    out.push(`  ${style("cyan", place(other))} - ${printable(message)}`);
    out.push(...codeFrame(other, lines, " | ", (text) => style("cyan", text)).map((line) => `  ${line}`));
  }
  return out.join("\n");
}

/** Diagnostics as text for people, sorted, an empty line between two; ends in a newline unless there are none. */
export function renderText(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
  const lines = new Lines(options.sources);
  const style = options.style ?? ((_format: StyleName, text: string): string => text);
  const blocks = sortDiagnostics(diagnostics).map((diagnostic) => renderOne(diagnostic, lines, style));
  return blocks.length === 0 ? "" : `${blocks.join("\n\n")}\n`;
}

/** `"2 errors, 1 warning"`; empty when there are none. */
export function summarise(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(({ severity }) => severity === "error").length;
  const warnings = diagnostics.length - errors;
  const count = (n: number, word: string): string[] => (n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`]);
  return [...count(errors, "error"), ...count(warnings, "warning")].join(", ");
}

const jsonRow = ({ code, severity, message, hint, span, related }: Diagnostic): object => ({
  code,
  severity,
  message,
  hint,
  ...span,
  related: related.map((other) => Object.assign({ message: other.message }, other.span)),
});

/** Diagnostics as JSON: a sorted array of `{ code, severity, message, hint, file?, line?, column?, ..., related }`. */
export function renderJson(diagnostics: readonly Diagnostic[]): string {
  return `${printableJson(sortDiagnostics(diagnostics).map(jsonRow), 2)}\n`;
}

/** Text of a workflow command, which ends with its line. */
export function escapeData(text: string): string {
  return printable(text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A"));
}

/** A property of a workflow command. */
export function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/**
 * Diagnostics as workflow commands, one a line: GitHub shows them at the lines of a pull request.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
export function renderGithub(diagnostics: readonly Diagnostic[]): string {
  return sortDiagnostics(diagnostics)
    .map(({ code, severity, message, hint, span }) => {
      const at =
        span === undefined ? [] : [`file=${escapeProperty(span.file)}`, `line=${span.line}`, `col=${span.column}`];
      const properties = [...at, `title=${code}`].join(",");
      return `::${severity} ${properties}::${escapeData(`${message}\nhint: ${hint}`)}\n`;
    })
    .join("");
}
