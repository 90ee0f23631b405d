/**
 * The pass between check and layout: words of the language that stand for several fields become structs of such fields.
 *
 * In: a SchemaIr that checkIr found nothing wrong with, as its author wrote it; diagnostics speak of that one. Out: a SchemaIr of
 * the kinds of types that layout, emit and inspect know. Structs that are made here have ids of their own, and stand before the
 * struct that uses them. Containers are all that stands for several fields: each file has one struct for all that are alike in it, and
 * a region whose containers have owners gets the table of its participants as its first field.
 */
import { PARTICIPANTS, PARTICIPANTS_DEFAULT } from "@shmgen/schema/containers";
import { containerIn } from "@shmgen/schema/type-kinds";
import type { FieldIr, SchemaIr, StructIr } from "../ir/ir.js";
import { ResolvedIr } from "../ir/resolve.js";
import { ContainerStructs } from "./container-structs.js";

/** The name of the table of participants. No schema can say it. */
const PARTICIPANTS_FIELD = "$participants";

/** The same declarations in terms of structs and plain types. Pure: `ir` stays as it is. */
export function lower(ir: SchemaIr): SchemaIr {
  const hasContainers = ir.structs.some(({ fields }) => fields.some(({ type }) => containerIn(type) !== undefined));
  if (!hasContainers) return ir;
  const resolved = new ResolvedIr(ir);
  const made = new ContainerStructs(ir.structs.map(({ id }) => id));
  return { ...ir, structs: ir.structs.flatMap((struct) => lowerStruct(struct, resolved, made)) };
}

function lowerStruct(struct: StructIr, resolved: ResolvedIr, made: ContainerStructs): StructIr[] {
  const own = struct.fields.map((field): FieldIr => ({ ...field, type: made.lowered(field.type, struct.file) }));
  const fields = [...participantsOf(struct, resolved, made), ...own];
  return [...made.take(), { ...struct, fields }];
}

function participantsOf(struct: StructIr, resolved: ResolvedIr, made: ContainerStructs): FieldIr[] {
  const { role, file } = struct;
  if (role.kind !== "region" || !resolved.hasOwners(struct)) return [];
  const type = made.structOf(PARTICIPANTS, { length: role.participants ?? PARTICIPANTS_DEFAULT }, file);
  return [{ name: PARTICIPANTS_FIELD, docs: "Who takes part: see docs/PROTOCOL.md.", type }];
}
