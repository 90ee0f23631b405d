/** The program: finds the command, runs it, and alone touches the streams and the exit code of the process; cli.ts starts it. */
import { printable, printableLines } from "@shmgen/schema/printable";
import { formatAskedFor, parseArguments } from "./commands/arguments.js";
import { chooseCommand, commandNamed } from "./commands/choose.js";
import { enableCompileCache } from "./commands/compile-cache.js";
import { CommandFailure, EXIT } from "./diagnostics/failure.js";
import { commandHelp } from "./commands/help.js";
import { COMMANDS } from "./commands/table.js";
import { guarded, type Terminal } from "./commands/terminal.js";

/** Runs one command. @returns the exit code */
export function runProgram(argv: readonly string[]): Promise<number> {
  return main(argv, processTerminal());
}

async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  // Known before the arguments are read, so that also a usage error comes in the format asked for.
  const format = formatAskedFor(argv);
  let name = "";
  try {
    if (argv[0] === "help" && argv[1] !== undefined) return help(argv[1], terminal);
    if (argv.length === 1 && ["--version", "-v", "-V"].includes(argv[0] ?? "")) {
      const { version } = await import("./version.js");
      terminal.out(`${version()}\n`);
      return EXIT.clean;
    }
    const { command, rest } = chooseCommand(argv);
    name = command.name;
    const parsed = parseArguments(rest, command);
    if (parsed.flags.has("help")) return help(name, terminal);
    enableCompileCache();
    const { run } = await command.load();
    return await run({ command: name, commands: COMMANDS, terminal, ...parsed });
  } catch (error) {
    return fail(error, terminal, format, name);
  }
}

function help(name: string, terminal: Terminal): number {
  terminal.out(commandHelp(commandNamed(name)));
  return EXIT.clean;
}

async function fail(error: unknown, terminal: Terminal, format: string, command: string): Promise<number> {
  if (error instanceof CommandFailure) {
    if (format === "text") {
      terminal.err(`shmgen: ${error.message}\n${error.hint === undefined ? "" : `  hint: ${error.hint}\n`}`);
    } else {
      const { failureText } = await import("./commands/report.js");
      terminal.out(failureText(error, format, command));
    }
    return error.exitCode;
  }
  terminal.err(
    `shmgen: this is a defect of shmgen, please report it with the schema that shows it:\n${traced(error)}\n`,
  );
  return EXIT.environment;
}

/** The error on one line, whatever it quotes, and where it was thrown. */
function traced(error: unknown): string {
  if (!(error instanceof Error)) return printable(String(error));
  const stack = error.stack ?? "";
  const head = `${error.name}: ${error.message}`;
  const frames = stack.startsWith(head) ? stack.slice(head.length) : "";
  return printable(head) + printableLines(frames);
}

function processTerminal(): Terminal {
  const stops: (() => void)[] = [];
  let abandoned = false;
  let stopped: number | undefined;
  const stop = (code: number): void => {
    // What runs until it is stopped ends by itself; anything else ends here, between two files.
    if (stops.length === 0 || stopped !== undefined) process.exit(code);
    stopped = code;
    process.once("exit", () => (process.exitCode = code));
    for (const listener of stops) listener();
  };
  process.on("SIGINT", () => stop(EXIT.interrupted));
  process.on("SIGTERM", () => stop(EXIT.terminated));
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      // Whoever read our output has seen enough. The work goes on, so that the exit code stays true.
      abandoned = true;
      for (const listener of stops) listener();
    });
  }
  const colours = (stream: NodeJS.WriteStream): boolean =>
    stream.isTTY === true && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb";
  return {
    out: (text) => void (abandoned || process.stdout.write(guarded(text, process.stdout.isTTY))),
    err: (text) => void process.stderr.write(guarded(text, process.stderr.isTTY)),
    get colourOut() {
      return colours(process.stdout);
    },
    get colourErr() {
      return colours(process.stderr);
    },
    get screen() {
      const { isTTY, rows, columns } = process.stdout;
      return isTTY === true && process.env["TERM"] !== "dumb" ? { rows, columns } : undefined;
    },
    get abandoned() {
      return abandoned;
    },
    onStop: (listener) => void stops.push(listener),
  };
}
