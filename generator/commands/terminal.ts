/** The output of the process as commands see it, and text of others made harmless before it is printed. */
import { printable } from "@shmgen/schema/printable";

/** Where commands print. `program.ts` makes the real one; nothing else touches the streams of the process. */
export interface Terminal {
  /** Results: written files, diffs, layouts, JSON. Goes to stdout. */
  out(text: string): void;
  /** Problems and notes. Goes to stderr. */
  err(text: string): void;
  /** Whether stdout shows colours: a TTY, and NO_COLOR is not set. */
  readonly colourOut: boolean;
  /** The same for stderr. */
  readonly colourErr: boolean;
  /** Of a stdout whose lines can be drawn again: a TTY that is not dumb. */
  readonly screen: { readonly rows: number; readonly columns: number } | undefined;
  /** True when the reader of stdout has gone away (EPIPE): nobody looks at further output. */
  readonly abandoned: boolean;
  /** Called once when stdout is abandoned or the user asks to stop; a long running command ends then. */
  onStop(stop: () => void): void;
}

/** Line breaks, tabs, and the marks that commands set on a TTY: colours, and those that draw a screen again. */
// eslint-disable-next-line no-control-regex
const OURS = /([\n\t]|\u001B\[(?:\d{1,2}m|2J|[HJK]))/;

/**
 * What is printed at last. Whatever comes from outside was made {@link printable} where it was put in, since only there can it be
 * told from our own line breaks and colours; this holds for what was forgotten. Without `marks` none of ours is expected.
 */
export function guarded(text: string, marks: boolean): string {
  if (/^[ -~\n]*$/.test(text)) return text;
  const parts = text.split(OURS);
  return parts
    .map((part, index) => (index % 2 === 1 && (marks || part.length === 1) ? part : printable(part)))
    .join("");
}
