/**
 * The table of codes: all wording of the generator. Rows stand in one file per pass; this one joins them and builds
 * diagnostics from them.
 */
import type { SourceSpan } from "../ir/ir.js";
import type { CodeRow, Facts } from "./code-row.js";
import { emitCodes } from "./codes-emit.js";
import { evolutionCodes } from "./codes-evolution.js";
import { irCodes } from "./codes-ir.js";
import { layoutCodes } from "./codes-layout.js";
import { readCodes } from "./codes-read.js";
import type { Diagnostic } from "./diagnostic.js";

/** Every code with its wording. */
export const codes = { ...readCodes, ...irCodes, ...layoutCodes, ...emitCodes, ...evolutionCodes } as const;

/** `"SHM1001"` and its like. */
export type Code = keyof typeof codes;

/** The facts that the message of a code is made of. */
export type FactsOf<C extends Code> = Parameters<(typeof codes)[C]["message"]>[0];

/** Where a problem is, and which other places take part. */
export interface Where {
  readonly span?: SourceSpan | undefined;
  readonly related?: Diagnostic["related"];
}

/** Builds the diagnostic of `code` from its facts: `report("SHM2003", { cycle: "A -> A" }, { span })`. */
export function report<C extends Code>(code: C, facts: FactsOf<C>, where: Where = {}): Diagnostic {
  // Each row takes its own facts; `FactsOf` has checked them against this row.
  const row = codes[code] as unknown as CodeRow<Facts>;
  return {
    code,
    severity: row.severity,
    message: row.message(facts),
    hint: typeof row.hint === "string" ? row.hint : row.hint(facts),
    span: where.span,
    related: where.related ?? [],
  };
}

/** All codes in ascending order. */
export function listCodes(): readonly Code[] {
  return (Object.keys(codes) as Code[]).sort((a, b) => (a < b ? -1 : 1));
}

const indent = (text: string): string => text.replaceAll(/^(?=.)/gm, "    ");

/** The code that a text names: `shm1010` and `1010` do, too. */
export function codeNamed(text: string): Code | undefined {
  const known = text
    .trim()
    .toUpperCase()
    .replace(/^(?=\d{4}$)/, "SHM");
  return Object.hasOwn(codes, known) ? (known as Code) : undefined;
}

/** The text of `shmgen explain CODE`, ending in a newline; undefined when there is no such code. */
export function explainCode(code: string): string | undefined {
  const known = codeNamed(code);
  if (known === undefined) return undefined;
  const row = codes[known];
  const parts = [`${known} (${row.severity})`, "", row.why.trim(), ""];
  if (row.wrong !== "") parts.push("Wrong:", "", indent(row.wrong.trim()), "");
  if (row.right !== "") parts.push("Right:", "", indent(row.right.trim()), "");
  return parts.join("\n");
}
