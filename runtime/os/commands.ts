/** What people call a process by: its program, and the script that this runs. */
import { basename } from "node:path";

/** `"node writer.js"`: program and script of a command line. */
export function shortCommand(line: readonly string[], nameOf = (word: string) => basename(word)): string {
  return programAndScript(line, nameOf).map(nameOf).join(" ");
}

/** Those that run a script, which may have a word before it: `deno run writer.ts`. Other programs have theirs at once, or none. */
const ENGINES: Readonly<Record<string, string>> = { node: "", nodejs: "", bun: "run", deno: "run" };
/** Options of engines with a value of their own: that is no script. */
const WITH_VALUE = /^(-r|--require|--import|--(experimental-)?loader|-C|--conditions|--preload|--config|--env-file)$/;
/** Those after which there is no script. */
const CODE = /^(-|-e|--eval|-p|--print|-pe)$/;

/** `node --import tsx writer.ts` -> `node`, `writer.ts` */
function programAndScript([program = "", ...words]: readonly string[], nameOf: (word: string) => string): string[] {
  const command = ENGINES[nameOf(program)];
  if (command === undefined) return words[0]?.startsWith("-") === false ? [program, words[0]] : [program];
  for (let at = words[0] === command ? 1 : 0; at < words.length; at += 1) {
    const word = words[at] ?? "";
    if (CODE.test(word)) return [program];
    if (WITH_VALUE.test(word)) at += 1;
    else if (!word.startsWith("-")) return [program, word];
  }
  return [program];
}
