/** Structs that arguments name. */
import { usageFailure } from "../diagnostics/failure.js";
import { didYouMean } from "../diagnostics/suggest.js";
import type { LayoutModel } from "../layout/layout.js";

/** Ids of the structs of that name, which may stand in several files, or of the one with that `file#Name`. @throws CommandFailure where there is none */
export function structsNamed(model: LayoutModel, name: string): string[] {
  const structs = [...model.structs.values()];
  const found = structs.filter((struct) => struct.name === name || struct.id === name);
  if (found.length > 0) return found.map(({ id }) => id);
  // Nobody has declared those of containers.
  const declared = structs.filter(({ role }) => role.kind !== "container");
  const names = [...new Set(declared.map((struct) => struct.name))];
  throw usageFailure(
    `there is no struct '${name}'`,
    didYouMean(name, names) ?? `the schemas declare ${structNames(names)}`,
  );
}

/** A list of names for a message, which says by three dots that there are more. */
export function structNames(names: readonly string[]): string {
  return `${names.slice(0, 10).join(", ")}${names.length > 10 ? ", ..." : ""}`;
}
