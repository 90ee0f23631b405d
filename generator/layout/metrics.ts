/** What a model's declarations say about a type: its bytes, and whether somebody accesses it with atomics. */
import { type TypeScope, innermostType, isShared, scalarOf, structIn, typeMetrics } from "@shmgen/schema/type-kinds";
import type { BitsIr, EnumIr, TypeIr } from "../ir/ir.js";
import type { LayoutModel, StructLayout } from "./layout.js";

/** Where a type's names are looked up. */
export interface MetricsScope {
  readonly structs: ReadonlyMap<string, Pick<StructLayout, "size" | "align">>;
  readonly enums: ReadonlyMap<string, EnumIr>;
  readonly bits: ReadonlyMap<string, BitsIr>;
}

/** What {@link LayoutModel} says of types. The functions throw an Error for a name that is unknown: the IR was not checked. */
export function typesIn({ structs, enums, bits }: MetricsScope): Pick<LayoutModel, "metrics" | "scalarOf"> {
  const lists = { enums, bits } as const;
  const scope: TypeScope = {
    struct: (id) => known(structs.get(id), id),
    repr: (list, id) => known<EnumIr | BitsIr>(lists[list].get(id), id).repr,
  };
  return { metrics: (type) => typeMetrics(type, scope), scalarOf: (type) => scalarOf(type, scope) };
}

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new Error(`layout of an unchecked IR: "${id}" is not declared`);
  return found;
}

/** True when somebody accesses the type with atomics: not for reserved bytes, whatever they are kept for. */
export function holdsAtomics(type: TypeIr, structs: ReadonlyMap<string, { readonly hasAtomics: boolean }>): boolean {
  if (type.kind === "reserved") return false;
  return isShared(type) || structs.get(structIn(type) ?? "")?.hasAtomics === true;
}

/** The alignment that atomic and relaxed values in a type need; 1 where there are none. */
export function sharedAlign(
  type: TypeIr,
  {
    structs,
    metrics,
  }: { readonly structs: ReadonlyMap<string, { readonly sharedAlign: number }> } & Pick<LayoutModel, "metrics">,
): number {
  if (type.kind === "reserved") return 1;
  const inner = structs.get(structIn(type) ?? "");
  if (inner !== undefined) return inner.sharedAlign;
  return isShared(type) ? metrics(innermostType(type)).align : 1;
}
