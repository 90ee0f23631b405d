/** Our own mistakes, which no schema may cause, or lies of somebody else's description. Every rule holds for every model that {@link verifyLayout} lets through. */
import type { LayoutModel, StructLayout } from "./layout.js";
import { payloadAlignMax, STRUCT_SIZE_MAX } from "./limits.js";
import { packedAlign, packOf } from "../ir/roles.js";
import { holdsAtomics, sharedAlign } from "./metrics.js";

/**
 * Proves offsets, sizes and alignments of every struct.
 * @throws what `mistake` makes of the struct and of what is wrong with it; by default an Error that asks for a report.
 */
export function verifyLayout(model: LayoutModel, mistake: Mistake = ourMistake): void {
  for (const struct of model.structs.values()) verifyStruct(struct, model, mistake);
}

type Mistake = (struct: StructLayout, what: string) => Error;

const ourMistake: Mistake = ({ id }, what) => new Error(`shmgen laid out ${id} wrongly: ${what}; please report it`);

function verifyStruct(struct: StructLayout, model: LayoutModel, mistake: Mistake): void {
  const must = (holds: boolean, what: string): void => {
    if (!holds) throw mistake(struct, what);
  };
  must(Number.isInteger(Math.log2(struct.align)), `alignment ${struct.align}`);
  must(struct.size % struct.align === 0, `size ${struct.size} is no multiple of alignment ${struct.align}`);
  must(struct.size >= 0 && struct.size <= STRUCT_SIZE_MAX, `size ${struct.size}`);
  must(struct.align <= payloadAlignMax(struct.role), `alignment ${struct.align} of a region`);
  let end = 0;
  for (const [index, field] of struct.fields.entries()) {
    const metrics = model.metrics(field.type);
    const where = `field ${field.name} at ${field.offset}, size ${field.size}`;
    must(struct.union ? field.offset === 0 : field.offset >= end, `${where} overlaps the bytes before ${end}`);
    must(field.offset % field.align === 0, `${where} is no multiple of ${field.align}`);
    must(struct.align >= field.align, `${where} is aligned to ${field.align}, the struct to ${struct.align}`);
    must(field.size === metrics.size, `${where}, but its type has ${metrics.size} bytes`);
    const least = packedAlign(struct, metrics.align);
    const isKept = packOf(struct) === undefined ? field.align >= least : field.align === least;
    must(isKept, `${where} is aligned to ${field.align}`);
    end = Math.max(end, field.offset + field.size);
    if (field.type.kind === "tail") {
      must(index === struct.fields.length - 1, `${where} is a tail, but not the last field`);
      must(struct.tail?.offset === field.offset, `${where} is a tail that the struct does not know`);
      must(field.offset === struct.size, `${where} is a tail, but the struct ends at ${struct.size}`);
    }
    const shared = holdsAtomics(field.type, model.structs);
    must(!shared || struct.hasAtomics, `${where} holds atomics`);
    // Roots begin at pages: with this, every atomic in one is aligned.
    const atomic = sharedAlign(field.type, model);
    must(field.offset % atomic === 0 && metrics.stride % atomic === 0, `${where} holds atomics of ${atomic} bytes`);
    must(struct.sharedAlign >= atomic, `${where} holds atomics that the struct does not know`);
  }
  must(end <= struct.size, `fields end at ${end}, the struct at ${struct.size}`);
}
