/** What a struct is, asked by those who treat roots and containers apart. */
import type { StructRole } from "./ir.js";

/** The role of memory that is opened as a whole. */
export type RootRole = Extract<StructRole, { readonly kind: "region" | "foreign" }>;
/** The role of what lowering makes. */
export type ContainerRole = Extract<StructRole, { readonly kind: "container" }>;

/** Whether a struct is the root of a region of ours, or of foreign memory. */
export function isRoot(role: StructRole): role is RootRole {
  return role.kind === "region" || role.kind === "foreign";
}

/** Bytes that the fields of a struct are aligned to at most; undefined where it is not packed. */
export function packOf({
  packed,
  pack,
}: {
  readonly packed: boolean;
  readonly pack?: 2 | 4 | 8 | undefined;
}): number | undefined {
  return packed ? 1 : pack;
}

/** A natural alignment, in a struct that may be packed. */
export function packedAlign(struct: Parameters<typeof packOf>[0], natural: number): number {
  return Math.min(natural, packOf(struct) ?? natural);
}

/** `"packed"`, `"packed to 4"`; undefined where it is not packed. */
export function packText(struct: Parameters<typeof packOf>[0]): string | undefined {
  const pack = packOf(struct);
  return pack === undefined ? undefined : pack === 1 ? "packed" : `packed to ${pack}`;
}

/** Whether a schema declares a struct, and lowering has not made it. */
export function isDeclared({ role }: { readonly role: StructRole }): boolean {
  return role.kind !== "container";
}
