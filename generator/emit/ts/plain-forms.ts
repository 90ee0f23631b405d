/**
 * Straight-line code that copies a struct's fields out of an accessor and into one, for containers whose elements are copied: loops over
 * names take six times as long, because V8 looks each getter up anew.
 */
import { accessedType, isNumber, isText } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "../../ir/ir.js";
import type { LayoutModel } from "../../layout/layout.js";

/** `{ load: (slot) => ({ id: slot.id }) }`; undefined where some field is more than a value. `stores`: with the way back. */
export function plainForm(of: TypeIr, model: LayoutModel, stores: boolean): string | undefined {
  const struct = of.kind === "struct" ? model.structs.get(of.struct) : undefined;
  const fields = struct?.fields.filter(({ type }) => type.kind !== "reserved") ?? [];
  if (fields.length === 0 || !fields.every(({ type }) => isValue(type))) return undefined;
  const load = `load: (slot) => ({ ${fields.map(({ name }) => `${name}: slot.${name}`).join(", ")} })`;
  if (!stores) return `{ ${load} }`;
  const copies = fields.map(
    ({ name }) => `if (value.${name} !== undefined) { slot.${name} = value.${name}; given += 1; }`,
  );
  return `{ ${load}, store: (slot, value) => { let given = 0; ${copies.join(" ")} return given; } }`;
}

/** Whether a field shows a value, and no object over memory. */
function isValue(type: TypeIr): boolean {
  const inner = accessedType(type);
  return isNumber(inner) || inner.kind === "odd" || isText(inner);
}
