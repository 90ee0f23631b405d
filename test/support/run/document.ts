/** Documents as tests read them: the files, commands and outputs that they show. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";

const root = join(import.meta.dirname, "../../..");

export class Document {
  readonly #name: string;
  readonly text: string;

  /** `name` is a path from the root of the repository, `docs/tour.md`. */
  constructor(name: string) {
    this.#name = name;
    this.text = readFileSync(join(root, name), "utf8");
  }

  /** The file of this name that the document shows: a block whose first line is a comment with the name, as a reader copies it. */
  file(name: string): string {
    const block = new RegExp(`\`\`\`\\w+\\n((?://|#) ${name.replaceAll(".", "\\.")}\\n[\\s\\S]*?)\`\`\``).exec(
      this.text,
    );
    if (block?.[1] === undefined) throw new Error(`${this.#name} shows no ${name}`);
    return block[1];
  }

  /** The first block of a language, "" for one without, behind the first place that has `after`. */
  block(language: string, after: string): string {
    const at = this.text.indexOf(after);
    if (at < 0) throw new Error(`${this.#name} does not say: ${after}`);
    for (const { index, 1: kind, 2: text = "" } of this.text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)) {
      if (index > at && kind === language) return text;
    }
    throw new Error(`${this.#name} shows no block of ${language === "" ? "output" : language} behind: ${after}`);
  }

  /** A file changed by the diffs that stand between two places of the document. */
  patched(file: string, after: string, before: string): string {
    const part = this.text.slice(this.text.indexOf(after), this.text.indexOf(before));
    let changed = file;
    for (const [, diff = ""] of part.matchAll(/^```diff\n([\s\S]*?)^```$/gm)) {
      const side = (mark: string): string =>
        diff
          .split("\n")
          .filter((line) => line !== "" && (line.startsWith(" ") || line.startsWith(mark)))
          .map((line) => `${line.slice(1)}\n`)
          .join("");
      if (!changed.includes(side("-"))) throw new Error(`${this.#name} changes what is not there:\n${diff}`);
      changed = changed.replace(side("-"), () => side("+"));
    }
    return changed;
  }

  /**
   * That a program printed what the document shows behind `after`. Lines may be broken elsewhere, `...` stands for anything, and
   * numbers of one moment (times, process ids, counts of a program that runs) may be others.
   */
  shows(after: string, printed: string): void {
    contains(printed, this.block("", after), `${this.#name}, behind: ${after}`, comparable);
  }

  /** The commands of a block of a terminal, each behind `$ `, with what it shows of their output. */
  session(after: string): { readonly command: string; shows(printed: string): void }[] {
    return this.block("", after)
      .split(/^\$ /m)
      .filter((part) => part.trim() !== "")
      .map((part) => {
        const [command = "", ...lines] = part.split("\n");
        const shows = (printed: string): void => contains(printed, lines.join("\n"), command, withoutNumbers);
        return { command, shows };
      });
  }
}

function contains(printed: string, shown: string, where: string, normal: (text: string) => string): void {
  let rest = normal(printed);
  for (const piece of normal(shown).split(/\s?\.\.\.\s?/)) {
    const at = rest.indexOf(piece);
    if (at < 0) expect(rest, where).toContain(piece);
    rest = rest.slice(at + piece.length);
  }
}

/** Without what differs from run to run and from terminal to terminal. */
function comparable(text: string): string {
  return text
    .replaceAll(/\b\d+(?:\.\d+)? ms\b/g, "N ms")
    .replaceAll(/\b(pid|creator) \d+/g, "$1 N")
    .replaceAll(/\b\d+(?= node writer\.js)/g, "N")
    .replaceAll(/sample \d+: gear (\w+), \d+ rpm/g, "sample N: gear $1, N rpm")
    .replaceAll(/\b(samples|rpm) = \d+/g, "$1 = N")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME")
    .replaceAll(/\/[\w/.-]*\/shmgen-(?:\d+|test-\w+)/g, "DIRECTORY")
    .replaceAll(/\s+/g, " ")
    .trim();
}

/** As {@link comparable}, for what shows a region whose values change all the time: numbers and bytes are any. */
function withoutNumbers(text: string): string {
  return comparable(text)
    .replaceAll(/\b[0-9a-f]{2}(?: [0-9a-f]{2})*(?= \|)/g, "BYTES")
    .replaceAll(/\b\d+\b/g, "N");
}
