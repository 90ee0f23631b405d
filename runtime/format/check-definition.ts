/**
 * Generated code against the description that it carries. Both are made together; where they differ, somebody has edited the code,
 * or a merge has mixed two versions of it, and it would read the wrong bytes of every region.
 */
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { type ShmError, refusal } from "../errors.js";
import { describedLayout } from "./descriptor.js";

/** Once per definition, when it is first used. @throws ShmError ERR_SHM_LAYOUT naming the first contradiction */
export function checkDefinition(
  { accessor, reader, typeId, version, readableFrom }: RegionDefinition<Flyweight, Flyweight>,
  descriptor: Uint8Array,
): void {
  const { layout } = accessor;
  const { name } = layout;
  const described = describedLayout(descriptor);
  const root = described?.layout.structs[0];
  if (described === undefined || root === undefined) throw contradiction(name, "descriptor", "damaged", "whole");
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["type", typeId, described.region?.typeId],
    ["version", version, described.region?.version],
    ["readableFrom", readableFrom, described.region?.readableFrom],
    ["name", name, root.name],
    ["size", layout.size, root.size],
    ["tailStride", layout.tailStride ?? 0, root.tailStride ?? 0],
    ["reader", layout.fingerprint, reader.layout.fingerprint],
  ];
  for (const [field, code, told] of facts) if (code !== told) throw contradiction(name, field, code, told);
  const fields = root.fields.filter(({ type }) => type.kind !== "reserved");
  for (let index = 0; index < Math.max(fields.length, layout.fields.length); index += 1) {
    const [code, told] = [placeOf(layout.fields[index]), placeOf(fields[index])];
    if (code !== told) throw contradiction(name, `${name}.${layout.fields[index]?.name ?? ""}`, code, told);
  }
}

function placeOf(field: { readonly name: string; readonly offset: number; readonly size: number } | undefined): string {
  return field === undefined ? "nothing" : `${field.name} at ${field.offset}, ${field.size} bytes`;
}

function contradiction(struct: string, field: string, code: unknown, told: unknown): ShmError {
  const remedy = "generate the code again (npx codegen), and check it in as it is";
  const what = "the generated code contradicts the layout that it was generated from";
  return refusal("ERR_SHM_LAYOUT", what, { field, expected: told, found: code }, remedy, { struct });
}
