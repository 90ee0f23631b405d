/** What is handed from the comparison of declarations, compare.ts, to that of types, compare-types.ts. */
import type { CanonicalLayout } from "./canonical.js";
import type { RuleCode } from "./rules.js";

/** Reports one change. */
export type Report = (rule: RuleCode, path: string, before: string | undefined, after: string | undefined) => void;

/** Two layouts under comparison, and what was found. */
export interface Comparison {
  readonly older: CanonicalLayout;
  readonly newer: CanonicalLayout;
  readonly report: Report;
  /** Compares two structs, once, when all that is ahead has been compared. */
  structs(older: string, newer: string): void;
  /** Compares two enums, as such or as names of bits. */
  enums(older: string, newer: string, use: "enum" | "flags"): void;
  bits(older: string, newer: string): void;
}
