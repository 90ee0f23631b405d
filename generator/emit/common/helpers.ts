/** The closed list of helpers that templates may use; everything else a template shows was decided by a model. */
import { printable } from "@shmgen/schema/printable";

interface BlockOptions {
  readonly fn: (context: unknown) => string;
  readonly inverse: (context: unknown) => string;
  readonly data: { readonly root: Readonly<Record<string, unknown>> };
}

/** An underscore inside a word is nothing but that. */
const MARKUP = /[&<>"'`|*[\]\\~#]|_(?![A-Za-z0-9])|(?<![A-Za-z0-9])_/g;
const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

export const HELPERS = {
  /** `{{#if (eq kind "number")}}` */
  eq: (a: unknown, b: unknown): boolean => a === b,
  or: (a: unknown, b: unknown): unknown => a || b,
  not: (a: unknown): boolean => !a,
  /** A value as a JSON literal: text in double quotes, escaped. */
  quote: (value: unknown): string => JSON.stringify(value),
  /** `{{join list ", "}}` */
  join: (list: readonly unknown[], separator: string): string => list.join(separator),
  /** `0x40` */
  hex: (value: number): string => `0x${value.toString(16).toUpperCase()}`,
  /** Padded with blanks to a width, for columns. */
  pad: (value: unknown, width: number): string => String(value).padEnd(width),
  /** Any text as one line of Markdown that shows it as it is: nothing in it is HTML, a mark-up, or the border of a cell. */
  markdown: (value: unknown): string =>
    String(value)
      .split("\n")
      .map((line) => printable(line).replaceAll(MARKUP, (one) => ENTITIES[one] ?? `&#${one.charCodeAt(0)};`))
      .join("<br>"),
  /** `{{#ts}}: number{{/ts}}`: what stands in TypeScript only and is left out of JavaScript (`types` of the model). */
  ts(this: unknown, options: BlockOptions): string {
    return options.data.root["types"] === true ? options.fn(this) : options.inverse(this);
  },
  /** `{{exported}}class`: what a module exports where it is declared, and CommonJS at its end (`commonjs` of the model). */
  exported: (options: Pick<BlockOptions, "data">): string => (options.data.root["commonjs"] === true ? "" : "export "),
} as const;

/** How every template is compiled, ours at build time and a user's own at run time. */
export const COMPILE_OPTIONS = {
  strict: true,
  noEscape: true,
  knownHelpersOnly: true,
  knownHelpers: Object.fromEntries(Object.keys(HELPERS).map((name) => [name, true])),
} as const;
