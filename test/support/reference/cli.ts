/** docs/cli.md: every command, from the table that its help is made of. */
import type { CommandSpec, OptionSpec } from "../../../generator/dist/commands/command.js";

/** What stands between the marks of the document. */
export function cliReference(commands: readonly CommandSpec[]): string {
  const list = commands.map(({ name, summary }) => `| [\`${name}\`](#${name}) | ${plain(summary)} |`);
  return ["| command | does |", "| - | - |", ...list, "", ...commands.flatMap(section)].join("\n");
}

function section({ name, usage, summary, description, options, examples }: CommandSpec): string[] {
  const rows = options.map((option) => `| ${label(option)} | ${meaning(option)} |`);
  const lines = examples.map(({ line, what }) => [line, what] as const);
  const width = Math.max(...lines.map(([line]) => line.length));
  return [
    `## ${name}`,
    "",
    `${plain(`${summary[0]?.toUpperCase()}${summary.slice(1)}`)}.`,
    "",
    "```text",
    `shmgen ${name} ${usage}`,
    "```",
    "",
    plain(description.join(" ")),
    "",
    "| option | |",
    "| - | - |",
    ...rows,
    "",
    "```sh",
    ...lines.map(([line, what]) => `${line.padEnd(width)}  # ${what}`),
    "```",
    "",
  ];
}

function label({ name, short, value }: OptionSpec): string {
  const long = `\`--${name}${value === undefined ? "" : ` ${value}`}\``;
  return short === undefined ? long : `\`-${short}\`, ${long}`;
}

function meaning({ summary, choices }: OptionSpec): string {
  return plain(choices === undefined ? summary : `${summary}: ${choices.join(", ")}`);
}

/** Text of a terminal as Markdown: what it says in quotes is code, and nothing in it is a mark-up. */
function plain(text: string): string {
  return text
    .split(/(?<!\w)'([^' ][^']*)'(?!\w)/)
    .map((part, index) =>
      index % 2 === 1 ? `\`${part.replaceAll("|", "\\|")}\`` : part.replaceAll(/[*_<>|[\]`]/g, "\\$&"),
    )
    .join("");
}
