/** Where commands print. `cli.ts` makes the real one; nothing else touches the streams of the process. */
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
