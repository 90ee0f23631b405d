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

/** Whether a schema declares a struct, and lowering has not made it. */
export function isDeclared({ role }: { readonly role: StructRole }): boolean {
  return role.kind !== "container";
}
