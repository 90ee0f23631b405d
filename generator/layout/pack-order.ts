/** A better order of fields. */
import type { StructLayout } from "./layout.js";
import { packOf } from "../ir/roles.js";
import { roundUp } from "./limits.js";

/**
 * Fields by falling alignment, which leaves no holes where sizes are multiples of alignments; undefined when that saves
 * nothing, or when the order is not free: packed, placed by `at`, with reserved bytes, or owned by another program.
 */
export function packOrder(struct: StructLayout): { size: number; order: string[] } | undefined {
  if (struct.union || packOf(struct) !== undefined || struct.role.kind === "foreign") return undefined;
  if (struct.fields.some(({ type }) => type.kind === "reserved")) return undefined;
  const fixed = struct.fields.filter(({ type }) => type.kind !== "tail");
  const placedBySchema = fixed.some(({ offset, align }, index) => {
    const before = fixed[index - 1];
    return offset !== roundUp(before === undefined ? 0 : before.offset + before.size, align);
  });
  if (placedBySchema) return undefined;
  const sorted = [...fixed].sort((a, b) => b.align - a.align);
  let end = 0;
  for (const { align, size } of sorted) end = roundUp(end, align) + size;
  const last = fixed.at(-1);
  const natural = roundUp(last === undefined ? 0 : last.offset + last.size, struct.align);
  const size = roundUp(end, struct.align);
  // A struct that is larger than its fields need was given its size on purpose.
  if (struct.size !== natural || size >= struct.size) return undefined;
  const tail = struct.tail === undefined ? [] : [struct.tail.field.name];
  return { size, order: [...sorted.map(({ name }) => name), ...tail] };
}
