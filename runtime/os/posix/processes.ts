/** Processes in words, and what a process says of itself. */
import { constants } from "node:os";
import { basename } from "node:path";
import { printable } from "../../../schema/printable.js";
import type { ProcessState } from "../contract.js";
import { fs } from "./node.js";

const STATE_WORDS: Partial<Record<ProcessState, string>> = {
  stopped: "stopped",
  traced: "stopped by a debugger",
  zombie: "a zombie",
  blocked: "in uninterruptible sleep",
};

/** `"node writer.js"`: program and script of a command line. */
export function shortCommand(line: readonly string[]): string {
  return programAndScript(line)
    .map((word) => basename(word))
    .join(" ");
}

/** Those that run a script, which may have a word before it: `deno run writer.ts`. Other programs have theirs at once, or none. */
const ENGINES: Readonly<Record<string, string>> = { node: "", nodejs: "", bun: "run", deno: "run" };
/** Options of engines with a value of their own: that is no script. */
const WITH_VALUE = /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--preload|--config|--env-file)$/;
/** Those after which there is no script. */
const CODE = /^(-|-e|--eval|-p|--print|-pe)$/;

/** `node --import tsx writer.ts` -> `node`, `writer.ts` */
function programAndScript([program = "", ...words]: readonly string[]): string[] {
  const command = ENGINES[basename(program)];
  if (command === undefined) return words[0]?.startsWith("-") === false ? [program, words[0]] : [program];
  for (let at = words[0] === command ? 1 : 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (CODE.test(word)) return [program];
    if (WITH_VALUE.test(word)) at += 1;
    else if (!word.startsWith("-")) return [program, word];
  }
  return [program];
}

/** `"node writer.js, stopped"`, for people: a process of another user may call itself anything. */
export function withState(command: string, state: ProcessState): string {
  const word = STATE_WORDS[state];
  return word === undefined ? printable(command) : `${printable(command)}, ${word}`;
}

/** Number of a signal: the exit status of who ended by it is 128 more. */
export function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}

/** One line on stderr. Nobody may listen there, or it may be full. */
export function writeError(line: string): void {
  try {
    fs.writeSync(2, line);
  } catch {
    // See above.
  }
}
