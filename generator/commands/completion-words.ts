/** What may stand at each place of a command line: the command table as shells ask it. */
import { TARGET_NAMES } from "../emit/registry.js";
import { listCodes } from "../diagnostics/codes.js";
import type { CommandSpec, OptionSpec } from "./command.js";

/** What is completed: these words, or what is found on the machine. */
export type Candidates = readonly string[] | "folders" | "files" | "schemas" | "regions" | "nothing";

/** The value of an option. */
export function valueCandidates({ name, value, choices }: OptionSpec): Candidates {
  if (choices !== undefined) return choices;
  if (name === "target" && value === "TARGET") return TARGET_NAMES;
  if (value === "DIR") return "folders";
  if (value === "FILE") return "files";
  return "nothing";
}

/** What follows the name of a command, beside options. */
export function argumentCandidates({ takes }: CommandSpec): Candidates {
  return takes === "codes" ? listCodes() : (takes ?? "nothing");
}

/** `--out`, `-o` */
export function spellings({ name, short }: OptionSpec): readonly string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

/** A text in quotes of a shell; bash and zsh know no escape within them. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
