/** Processes in words, and what a process says of itself. */
import { constants } from "node:os";
import { printable } from "../../../schema/printable.js";
import type { ProcessState } from "../contract.js";
import { fs } from "./node.js";

const STATE_WORDS: Partial<Record<ProcessState, string>> = {
  stopped: "stopped",
  traced: "stopped by a debugger",
  zombie: "a zombie",
  blocked: "in uninterruptible sleep",
};

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
