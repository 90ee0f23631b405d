/** What a process does with itself, in the same way everywhere. */
import { constants } from "node:os";
import { fs } from "./node.js";

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
