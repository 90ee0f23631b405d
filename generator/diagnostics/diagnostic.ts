/** A problem of the user's input: what, where, and what to do. Wording lives in the table of codes alone. */
import type { SourceSpan } from "../ir/ir.js";

/** A problem of the user's input, with its place and what to do. */
export interface Diagnostic {
  /** `SHM` and four digits: 1xxx read, 2xxx IR, 3xxx layout, 4xxx emit, 5xxx versions. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** What to do instead. */
  readonly hint: string;
  readonly span: SourceSpan | undefined;
  /** Other places that take part, e.g. the first of two declarations. */
  readonly related: readonly { readonly message: string; readonly span: SourceSpan | undefined }[];
}

const compare = <T extends string | number>(a: T, b: T): number => (a < b ? -1 : a > b ? 1 : 0);

/** By file, place, code and text, compared by code units; what has no place comes first. The input stays as it is. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return [...diagnostics].sort(
    (a, b) =>
      compare(a.span?.file ?? "", b.span?.file ?? "") ||
      compare(a.span?.line ?? 0, b.span?.line ?? 0) ||
      compare(a.span?.column ?? 0, b.span?.column ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

/** True when one of them is an error: no further pass may run. */
export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some(({ severity }) => severity === "error");
}

/** The same problem where it keeps nobody from going on. */
export function asWarning(diagnostic: Diagnostic): Diagnostic {
  return { ...diagnostic, severity: "warning" };
}
