/** `shmgen explain`: what a code of a diagnostic means, and how to mend what it complains of. */
import { codes, explainCode, listCodes } from "../diagnostics/codes.js";
import type { Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";

export function run({ terminal, positionals }: Invocation): Promise<number> {
  if (positionals.length === 0) {
    const lines = listCodes().map(
      (code) => `${code}  ${codes[code].severity.padEnd(7)}  ${firstSentence(codes[code].why)}\n`,
    );
    terminal.out(lines.join(""));
    return Promise.resolve(EXIT.clean);
  }
  const texts = positionals.map((code) => {
    const text = explainCode(code);
    if (text !== undefined) return text;
    throw usageFailure(
      `there is no code '${code}'`,
      /^ERR_SHM_/i.test(code)
        ? "ERR_SHM codes are those of the runtime, whose messages say what to do; this command explains SHM codes of schemas"
        : (didYouMean(code.toUpperCase(), listCodes()) ?? "shmgen explain lists all codes"),
    );
  });
  terminal.out(texts.join("\n"));
  return Promise.resolve(EXIT.clean);
}

function firstSentence(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return /^.*?[.](?= |$)/.exec(line)?.[0] ?? line;
}
