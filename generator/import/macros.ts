/** What clang prints with `-E -dD` -> the headers in the order in which they are entered, and the macros that those asked for define. */
import { resolve } from "node:path";

export interface Macro {
  readonly name: string;
  readonly body: string;
  readonly file: string;
}

export interface Preprocessed {
  /** The headers that were asked for, as the compiler found them. */
  readonly mainFiles: readonly string[];
  /** All files, in the order in which they were entered first. */
  readonly files: readonly string[];
  readonly macros: readonly Macro[];
}

/** Reads the output of the preprocessor. `input` is its name for the text that included the headers. */
export function readPreprocessed(text: string, cwd: string, input = "<stdin>"): Preprocessed {
  const stack: string[] = [];
  const files = new Set<string>();
  const mainFiles = new Set<string>();
  const macros = new Map<string, Macro>();
  for (const line of text.split(/\r?\n/)) {
    if (!line.startsWith("#")) continue;
    const marker = /^# \d+ "((?:[^"\\]|\\.)*)"((?: \d)*)/.exec(line);
    if (marker !== null) {
      const [, raw = "", flags = ""] = marker;
      const name = raw.replaceAll(/\\(.)/g, "$1");
      const file = name.startsWith("<") ? name : resolve(cwd, name);
      if (flags.includes(" 2")) stack.pop();
      else if (flags.includes(" 1")) {
        if (stack.length <= 1 && (stack[0] ?? input) === input && !file.startsWith("<")) mainFiles.add(file);
        stack.push(file);
      } else stack.splice(Math.max(0, stack.length - 1), 1, file);
      if (!file.startsWith("<")) files.add(file);
      continue;
    }
    const current = stack.at(-1) ?? "";
    const [, undefinedName] = /^#undef (\S+)/.exec(line) ?? [];
    if (undefinedName !== undefined) macros.delete(undefinedName);
    const [, name, body] = /^#define ([^\s(]+)(?: (.*))?$/.exec(line) ?? [];
    if (name === undefined || body === undefined) continue;
    macros.delete(name);
    if (mainFiles.has(current)) macros.set(name, { name, body: body.trim(), file: current });
  }
  return { mainFiles: [...mainFiles], files: [...files], macros: [...macros.values()] };
}
