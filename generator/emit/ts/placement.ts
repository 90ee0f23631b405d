/** How far structs are aligned wherever they are placed. */
import type { TypeIr } from "../../ir/ir.js";
import { isRoot } from "../../ir/roles.js";
import type { LayoutModel } from "../../layout/layout.js";

/**
 * The alignment that every accessor of a struct can rely on: the struct's own, or less when a packed struct somewhere
 * places it misaligned. Then its accessors go through DataView, which needs none. A packed root that has atomics is aligned for them.
 */
export function placements(model: LayoutModel): ReadonlyMap<string, number> {
  const placed = new Map(
    [...model.structs.values()].map(({ id, align, role, sharedAlign }) => [
      id,
      isRoot(role) ? Math.max(align, sharedAlign) : align,
    ]),
  );
  const nested = (type: TypeIr): string | undefined => {
    if (type.kind === "struct") return type.struct;
    return type.kind === "array" || type.kind === "tail" ? nested(type.of) : undefined;
  };
  // Structs form no cycle, so each round reaches one level deeper and the rounds end.
  for (let changed = true; changed;) {
    changed = false;
    for (const { id, fields } of model.structs.values()) {
      for (const { type, offset } of fields) {
        const inner = nested(type);
        const own = inner === undefined ? undefined : placed.get(inner);
        if (inner === undefined || own === undefined) continue;
        let align = Math.min(own, placed.get(id) ?? 1);
        while (offset % align !== 0) align /= 2;
        if (align < own) {
          placed.set(inner, align);
          changed = true;
        }
      }
    }
  }
  return placed;
}
