/** Numbers that bound a layout. */
import { DOTNET_HEADER_SIZE, HEADER_SIZE, LEAST_PAGE_SIZE } from "@shmgen/schema/region-format";
import type { StructRole } from "../ir/ir.js";

/** The largest struct in bytes, 1 TiB. Far below 2^53, so sums of two sizes or offsets are exact. */
export const STRUCT_SIZE_MAX = 2 ** 40;

/** A line of the processor's cache in bytes, as `shmgen layout` counts them. */
export const CACHE_LINE = 64;

/** Byte offset of the payload in the file or mapping. */
export function payloadOffset(role: StructRole): number {
  if (role.kind !== "region") return 0;
  return role.header === "standard" ? HEADER_SIZE : DOTNET_HEADER_SIZE;
}

/** The strictest alignment that the payload of such a region can have. */
export function payloadAlignMax(role: StructRole): number {
  return role.kind === "region" ? payloadOffset(role) : LEAST_PAGE_SIZE;
}

/** `value` rounded up to a multiple of `align`. Exact up to 2^53-1; takes no bit operations, which end at 2^32. */
export function roundUp(value: number, align: number): number {
  const rest = value % align;
  return rest === 0 ? value : value + (align - rest);
}
