/**
 * The pass between check and layout: words of the language that stand for several fields become structs of such fields.
 *
 * In: a SchemaIr that checkIr found nothing wrong with, as its author wrote it; diagnostics speak of that one. Out: a SchemaIr of
 * the kinds of types that layout, emit and inspect know. Structs that are made here have ids of their own, and stand before the
 * struct that uses them. No word stands for several fields so far, and all of them go through as they are.
 */
import type { SchemaIr } from "../ir/ir.js";

/** The same declarations in terms of structs and plain types. Pure: `ir` stays as it is. */
export function lower(ir: SchemaIr): SchemaIr {
  return ir;
}
