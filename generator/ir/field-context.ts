import type { FieldIr, StructIr } from "./ir.js";
import type { ResolvedIr } from "./resolve.js";

/** What a field is checked with. */
export interface FieldContext {
  readonly resolved: ResolvedIr;
  readonly struct: StructIr;
  readonly field: FieldIr;
}
