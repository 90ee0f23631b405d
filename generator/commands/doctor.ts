/** `shmgen doctor`: what the environment allows, as the runtime finds it. */
import { resolve } from "node:path";
import type { Check } from "@shmgen/runtime/doctor";
import { printableJson } from "@shmgen/schema/printable";
import { type Invocation, valueOf } from "./command.js";
import { EXIT, usageFailure } from "../diagnostics/failure.js";
import { loadDoctor } from "./regions.js";
import { coloured, countOf } from "./report.js";

/** Columns of a line. Paths and numbers that are longer are not broken. */
const WIDTH = 80;
const ID_WIDTH = 17;
const LABEL_WIDTH = 10;

const MARKS = {
  ok: ["ok", "green"],
  warning: ["warning", "yellow"],
  problem: ["PROBLEM", "red"],
  skipped: ["skipped", "gray"],
} as const;

export async function run(invocation: Invocation): Promise<number> {
  const { terminal, positionals, flags } = invocation;
  if (positionals.length > 0) throw usageFailure(`shmgen doctor takes no arguments, found '${positionals[0]}'`);
  const doctor = await loadDoctor();
  const directory = valueOf(invocation, "directory");
  const checks = await doctor.checkEnvironment(directory === undefined ? {} : { directory: resolve(directory) });
  if (flags.has("json")) terminal.out(`${printableJson(checks, 2)}\n`);
  else terminal.out(textOf(checks, terminal.colourOut));
  return checks.some(({ status }) => status === "problem") ? EXIT.findings : EXIT.clean;
}

/** One line for each check; what is wrong, and what to do, below. */
function textOf(checks: readonly Check[], colours: boolean): string {
  const lines = checks.flatMap(({ id, status, found }) => {
    const [word, colour] = MARKS[status];
    const mark = word.padEnd(LABEL_WIDTH - 2);
    const label = `${id.padEnd(ID_WIDTH)}  `;
    const [first = "", ...rest] = wrapped(found, WIDTH - LABEL_WIDTH - label.length + 2);
    const indent = " ".repeat(mark.length + label.length);
    return [`${colours ? coloured(colour, mark) : mark}${label}${first}`, ...rest.map((line) => indent + line)];
  });
  const counts = Object.keys(MARKS)
    .map((status) => [status, checks.filter((check) => check.status === status).length] as const)
    .filter(([, count]) => count > 0)
    .map(([status, count]) =>
      status === "ok" || status === "skipped" ? `${count} ${status}` : countOf(count, status),
    );
  lines.push("", `${countOf(checks.length, "check")}: ${counts.join(", ")}`);
  for (const check of checks) if (check.expected !== undefined) lines.push("", ...explanation(check, colours));
  return `${lines.join("\n")}\n`;
}

function explanation({ id, title, status, found, expected, remedy }: Check, colours: boolean): string[] {
  const heading = `${status} ${id}: ${title}`;
  const rows = [
    ["found", found],
    ["expected", expected ?? ""],
    ["remedy", remedy ?? ""],
  ] as const;
  return [
    colours ? coloured(MARKS[status][1], heading) : heading,
    ...rows.flatMap(([label, text]) =>
      wrapped(text, WIDTH - 2 - LABEL_WIDTH).map(
        (line, index) => `  ${(index === 0 ? label : "").padEnd(LABEL_WIDTH)}${line}`,
      ),
    ),
  ];
}

/** Lines of at most `width` columns, broken at blanks. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
