/**
 * Generated code against the description that it carries. Both are made together; where they differ, somebody has edited the code,
 * or a merge has mixed two versions of it, and it would read the wrong bytes of every region.
 */
import { isParticipants, participantsOf } from "../../schema/evolution/canonical.js";
import type { RegionDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import { describedLayout } from "./descriptor.js";
import { codeContradictsItself } from "./refusals.js";

/** Once per definition, when it is first used. @throws ShmError ERR_SHM_LAYOUT naming the first contradiction */
export function checkDefinition(
  { accessor, reader, typeId, version, readableFrom, containers }: RegionDefinition<Flyweight, Flyweight>,
  descriptor: Uint8Array,
): void {
  const { layout } = accessor;
  const { name } = layout;
  const described = describedLayout(descriptor);
  const root = described?.layout.structs[0];
  if (described === undefined || root === undefined) {
    throw codeContradictsItself(name, "descriptor", "whole", "damaged");
  }
  const facts: readonly (readonly [string, unknown, unknown])[] = [
    ["type", typeId, described.region?.typeId],
    ["version", version, described.region?.version],
    ["readableFrom", readableFrom, described.region?.readableFrom],
    ["name", name, root.name],
    ["size", layout.size, root.size],
    ["tailStride", layout.tailStride ?? 0, root.tailStride ?? 0],
    ["reader", layout.fingerprint, reader.layout.fingerprint],
    ["participants", containers?.participants ?? 0, participantsOf(described.layout)],
  ];
  for (const [field, code, told] of facts) if (code !== told) throw codeContradictsItself(name, field, told, code);
  // What accessors do not show: bytes kept for later, and what the runtime keeps there.
  const fields = root.fields.filter(
    (field) => field.type.kind !== "reserved" && !isParticipants(field, described.layout),
  );
  for (let index = 0; index < Math.max(fields.length, layout.fields.length); index += 1) {
    const [code, told] = [placeOf(layout.fields[index]), placeOf(fields[index])];
    if (code !== told) throw codeContradictsItself(name, `${name}.${layout.fields[index]?.name ?? ""}`, told, code);
  }
}

function placeOf(field: { readonly name: string; readonly offset: number; readonly size: number } | undefined): string {
  return field === undefined ? "nothing" : `${field.name} at ${field.offset}, ${field.size} bytes`;
}
