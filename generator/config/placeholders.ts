/** Placeholders in the folder of the output. */
import { didYouMean } from "../diagnostics/suggest.js";

const KNOWN = ["dir"];

/** What is wrong with an `out`: a placeholder that is none, and what was meant; undefined when nothing is. */
export function placeholderProblem(out: string): string | undefined {
  for (const [text, name = ""] of out.matchAll(/\{([^{}/]*)\}/g)) {
    if (KNOWN.includes(name)) continue;
    // Short words are near to each other; a longer one that contains the name, or begins it, was meant to be it.
    const isNear = didYouMean(name, KNOWN) !== undefined || /^(?:d|di|dirs?|folder|path|directory)$/i.test(name);
    return `unknown placeholder ${text}${isNear ? "; did you mean '{dir}'?" : "; {dir} stands for the folder of the schema"}`;
  }
  return undefined;
}
