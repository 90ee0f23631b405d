/** A problem of the user's input: what, where, and what to do. Wording lives in codes.ts alone. */
import type { SourceSpan } from "../ir/ir.js";

export interface Diagnostic {
  /** `SHM` and four digits: 1xxx read, 2xxx IR, 3xxx layout, 4xxx emit. */
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  /** What to do instead. */
  readonly hint: string;
  readonly span: SourceSpan | undefined;
  /** Other places that take part, e.g. the first of two declarations. */
  readonly related: readonly { readonly message: string; readonly span: SourceSpan | undefined }[];
}
