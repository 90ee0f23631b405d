/** A command line -> its positional arguments, flags and values, by the options of one command. */
import { parseArgs } from "node:util";
import type { CommandSpec, OptionSpec } from "./command.js";
import { usageFailure } from "../diagnostics/failure.js";
import { didYouMean, orList } from "../diagnostics/suggest.js";

export interface ParsedArguments {
  readonly positionals: readonly string[];
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
}

/** Finds the word that names the command: the first positional one, unless it stands behind `--`. */
export function commandWord(argv: readonly string[], options: readonly OptionSpec[]): number | undefined {
  for (const token of tokensOf(argv, options)) {
    if (token.kind === "option-terminator") return undefined;
    if (token.kind === "positional") return token.index;
  }
  return undefined;
}

/**
 * Reads the arguments behind the command's name.
 * @throws CommandFailure (exit code 2) for an unknown option, a missing or superfluous value, or one that is not allowed.
 */
export function parseArguments(argv: readonly string[], command: CommandSpec): ParsedArguments {
  const positionals: string[] = [];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  for (const token of tokensOf(argv, command.options)) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const option = command.options.find(({ name }) => name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, command);
    if (option.value === undefined) {
      if (token.value !== undefined) throw usageFailure(`--${option.name} takes no value`, helpHint(command));
      flags.add(option.name);
    } else {
      const given = values.get(option.name) ?? [];
      given.push(...checkedValues(option, token.rawName, token.value, token.inlineValue === true, command));
      values.set(option.name, given);
    }
  }
  unifyFormats(flags, values);
  return { positionals, flags, values };
}

/** `--json` is `--format json`, and commands may ask for either. */
function unifyFormats(flags: Set<string>, values: Map<string, string[]>): void {
  const format = values.get("format")?.at(-1);
  if (flags.has("json") && format !== undefined && format !== "json")
    throw usageFailure(`--json and --format ${format} exclude each other`);
  if (flags.has("json")) values.set("format", ["json"]);
  else if (format === "json") flags.add("json");
}

/** The format that a command line asks for, before it is known to be one. */
export function formatAskedFor(argv: readonly string[]): "text" | "json" | "github" {
  const found = /(?:^|\n)(?:--(json)|--format[=\n](json|github))(?:\n|$)/.exec(argv.join("\n"));
  return (found?.[1] ?? found?.[2] ?? "text") as "text" | "json" | "github";
}

function tokensOf(argv: readonly string[], options: readonly OptionSpec[]) {
  const config: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const { name, short = config[name]?.short, value } of options) {
    // Of all commands together: what has a short form in one of them has it, whatever another one calls so.
    config[name] = { type: value === undefined ? "boolean" : "string", ...(short === undefined ? {} : { short }) };
  }
  return parseArgs({ args: [...argv], options: config, strict: false, tokens: true, allowPositionals: true }).tokens;
}

function checkedValues(
  option: OptionSpec,
  rawName: string,
  value: string | undefined,
  inline: boolean,
  command: CommandSpec,
): string[] {
  if (value === undefined || value === "")
    throw usageFailure(`${rawName} needs a value: ${option.value}`, helpHint(command));
  if (!inline && value.startsWith("-")) {
    throw usageFailure(
      `${rawName} needs a value: ${option.value}`,
      `'${value}' follows it; if that is the value, write ${rawName}=${value}`,
    );
  }
  const list = option.many === true ? value.split(",").filter((part) => part !== "") : [value];
  for (const part of list) {
    if (option.choices !== undefined && !option.choices.includes(part)) {
      throw usageFailure(
        `${rawName} does not know '${part}'`,
        didYouMean(part, option.choices) ?? `it takes ${orList(option.choices)}`,
      );
    }
  }
  return list;
}

function unknownOption(rawName: string, command: CommandSpec): Error {
  const names = command.options.flatMap(({ name, short }) => [
    `--${name}`,
    ...(short === undefined ? [] : [`-${short}`]),
  ]);
  return usageFailure(
    `unknown option '${rawName}' of shmgen ${command.name}`,
    // The program's own option stands alone, without a command.
    didYouMean(rawName, [...names, ...(rawName === "--version" ? [] : ["--version"])]) ?? helpHint(command),
  );
}

function helpHint(command: CommandSpec): string {
  return `shmgen ${command.name} --help lists what it takes`;
}
