/** Processes in words, and what a process says of itself. */
import { printable } from "../../../schema/printable.js";
import type { ProcessState } from "../contract.js";

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
