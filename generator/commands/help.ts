/** The help of the program and of each command, from the data of table.ts. */
import type { CommandSpec, OptionSpec } from "./command.js";

/** The help of one command: usage, what it does, options, examples. */
export function commandHelp(command: CommandSpec): string {
  const rows = command.options.map((option): [string, string] => [optionLabel(option), optionSummary(option)]);
  return [
    `Usage: shmgen ${command.name} ${command.usage}`.trimEnd(),
    "",
    ...command.description,
    "",
    "Options:",
    ...table(rows),
    "",
    "Examples:",
    ...table(command.examples.map(({ line, what }): [string, string] => [line, what])),
    "",
  ].join("\n");
}

/** The help of the program: what it is, its commands, where to go on. */
export function programHelp(commands: readonly CommandSpec[]): string {
  return [
    "Usage: shmgen [command] [options]",
    "",
    "Reads *.shm.ts schemas and writes typed accessors (TypeScript, JavaScript) and C headers for shared memory.",
    "Without a command it generates; 'codegen' is the same program by another name.",
    "",
    "Commands:",
    ...table(commands.map(({ name, summary }): [string, string] => [name, summary])),
    "",
    "Options:",
    ...table([
      ["-h, --help", "show this help, or the help of a command"],
      ["-v, --version", "print the version"],
    ]),
    "",
    "Examples:",
    ...table([
      ["npx shmgen init", "start: a schema, a config and scripts"],
      ["npx shmgen generate", "generate everything below this package"],
      ["npx shmgen check", "in CI: fail when generated files are stale"],
      ["npx shmgen generate --help", "all options of a command"],
    ]),
    "",
    "Exit codes: 0 clean, 1 findings, 2 usage or config, 3 environment, 130 interrupted.",
    "",
  ].join("\n");
}

function optionLabel({ name, short, value }: OptionSpec): string {
  const long = value === undefined ? `--${name}` : `--${name} ${value}`;
  return short === undefined ? `    ${long}` : `-${short}, ${long}`;
}

function optionSummary({ summary, choices }: OptionSpec): string {
  return choices === undefined ? summary : `${summary}: ${choices.join(", ")}`;
}

function table(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(0, ...rows.map(([label]) => label.length));
  return rows.map(([label, text]) => `  ${label.padEnd(width)}  ${text}`);
}
