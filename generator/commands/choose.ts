/** Command line -> the command that it names, and what stands behind that name. */
import { commandWord } from "./arguments.js";
import type { CommandSpec } from "./command.js";
import { type CommandFailure, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";
import { COMMANDS } from "./table.js";

/**
 * The command of that name.
 * @throws CommandFailure (exit code 2) when there is none
 */
export function commandNamed(name: string): CommandSpec {
  const command = COMMANDS.find((one) => one.name === name);
  if (command === undefined) throw unknownCommand(name);
  return command;
}

/**
 * The command that the first word names; words that look like files mean `generate`.
 * @throws CommandFailure (exit code 2) for a word that is neither
 */
export function chooseCommand(argv: readonly string[]): { command: CommandSpec; rest: readonly string[] } {
  const index = commandWord(
    argv,
    COMMANDS.flatMap((command) => command.options),
  );
  const word = index === undefined ? undefined : argv[index];
  if (index === undefined || word === undefined) return { command: commandNamed("generate"), rest: argv };
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return { command, rest: argv.filter((_, position) => position !== index) };
  if (/[./\\*{[!]/.test(word)) return { command: commandNamed("generate"), rest: argv };
  throw unknownCommand(word);
}

function unknownCommand(word: string): CommandFailure {
  const names = COMMANDS.map(({ name }) => name);
  const hint = didYouMean(word, names) ?? `commands are ${names.join(", ")}; a folder of schemas is written ./${word}`;
  return usageFailure(`unknown command '${word}'`, hint);
}
