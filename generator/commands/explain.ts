/** `shmgen explain`: what a code of a diagnostic means, and how to mend what it complains of. */
import { type Code, codeNamed, codes, explainCode, listCodes } from "../diagnostics/codes.js";
import type { Invocation } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";

export function run({ terminal, positionals, flags }: Invocation): Promise<number> {
  if (flags.has("json")) {
    const named = positionals.length === 0 ? listCodes() : positionals.map(knownCode);
    const rows = named.map((code) => {
      const { severity, why, wrong, right } = codes[code];
      return { code, severity, why, wrong, right };
    });
    terminal.out(`${JSON.stringify(rows, undefined, 2)}\n`);
    return Promise.resolve(EXIT.clean);
  }
  if (positionals.length === 0) {
    const lines = listCodes().map(
      (code) => `${code}  ${codes[code].severity.padEnd(7)}  ${firstSentence(codes[code].why)}\n`,
    );
    terminal.out(lines.join(""));
    return Promise.resolve(EXIT.clean);
  }
  terminal.out(positionals.map((code) => explainCode(knownCode(code))).join("\n"));
  return Promise.resolve(EXIT.clean);
}

function knownCode(text: string): Code {
  const code = codeNamed(text);
  if (code !== undefined) return code;
  throw usageFailure(
    `there is no code '${text}'`,
    /^ERR_SHM_/i.test(text)
      ? "ERR_SHM codes are those of the runtime, whose messages say what to do; this command explains SHM codes of schemas"
      : (didYouMean(text.toUpperCase(), listCodes()) ?? "shmgen explain lists all codes"),
  );
}

function firstSentence(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return /^.*?[.](?= |$)/.exec(line)?.[0] ?? line;
}
