/** What a command is: the options that it takes, what it is called with, and what it gives. */
import { usageFailure } from "../diagnostics/failure.js";
import type { Terminal } from "./terminal.js";

export interface OptionSpec {
  readonly name: string;
  readonly short?: string;
  /** Placeholder of its value in the help; an option without one is a flag. */
  readonly value?: string;
  /** The only values allowed. */
  readonly choices?: readonly string[];
  /** May be given several times, or once with commas. */
  readonly many?: boolean;
  readonly summary: string;
}

/** What a command was called with. */
export interface Invocation {
  readonly command: string;
  /** All that there are, for what speaks of them. */
  readonly commands: readonly CommandSpec[];
  readonly terminal: Terminal;
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** What follows the name in the usage line. */
  readonly usage: string;
  /** What a shell completes behind the name; nothing when it is left out. */
  readonly takes?: readonly string[] | "schemas" | "regions" | "codes" | "files";
  readonly description: readonly string[];
  readonly options: readonly OptionSpec[];
  readonly examples: readonly { readonly line: string; readonly what: string }[];
  /** Loads the code that runs it; help needs none of it. */
  load(): Promise<{ run(invocation: Invocation): Promise<number> }>;
}

export type OutputFormat = "text" | "json" | "github";

/** The last value given for an option. */
export function valueOf(invocation: Invocation, name: string): string | undefined {
  return invocation.values.get(name)?.at(-1);
}

/** The value of `--format`. */
export function formatOf(invocation: Pick<Invocation, "values">): OutputFormat {
  const format = invocation.values.get("format")?.at(-1);
  return format === "json" || format === "github" ? format : "text";
}

/** The port that an option names; undefined without the option. @throws CommandFailure (exit code 2) */
export function portOf(invocation: Invocation, option: string): number | undefined {
  const given = valueOf(invocation, option);
  const port = Number(given ?? 0);
  if (!/^\d+$/.test(given ?? "0") || port > 65_535) throw usageFailure(`--${option} takes a port, found '${given}'`);
  return given === undefined ? undefined : port;
}
