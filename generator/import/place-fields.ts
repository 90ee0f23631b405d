/**
 * Where fields lie in C -> the words that put them there in a schema: `Packed<N>` and `Aligned<N>` of the struct, `at<T, offset>` of a field
 * that the natural layout would put elsewhere, and bits in the units that hold them.
 */
import { MemberNames } from "./names.js";

/** A field with a type of the schema. `size`, `align` and `offset` are bytes; `align` is what the schema gives the type by itself. */
export interface Field {
  readonly name: string;
  readonly docs: readonly string[];
  readonly type: string;
  readonly size: number;
  readonly align: number;
  readonly offset: number;
  /** What C calls it where it asks for its offset. */
  readonly member?: string | undefined;
}

/** A bit-field, as C has it. */
export interface BitField {
  readonly name: string;
  readonly docs: readonly string[];
  readonly offsetBits: number;
  readonly width: number;
  readonly isSigned: boolean;
  /** Bytes of its declared type. */
  readonly unit: number;
}

/** Bits in one unit, named by the first of them. */
export interface BitUnit {
  readonly offset: number;
  readonly size: number;
  readonly fields: readonly BitField[];
}

export type Part = { readonly field: Field } | { readonly bits: readonly BitField[] };

export type PlacedField = Field & { readonly at: boolean };

export interface Placement {
  /** The largest alignment of a field, or undefined where nothing limits it. */
  readonly packed: number | undefined;
  /** The alignment that has to be asked for, or undefined. */
  readonly aligned: number | undefined;
  /** The alignment that the struct has then: that of C, but for packed structs whose alignment C raises, where it is lower. */
  readonly align: number;
  readonly fields: readonly (PlacedField | (BitUnit & { readonly at: boolean }))[];
  /** Bit-fields that no unit holds, which are left as bytes. */
  readonly loose: readonly BitField[];
}

/** What `Packed<N>` may say, most natural first. */
const PACKS = [undefined, 8, 4, 2, 1] as const;

/** A bit-field reads as a number, which is exact up to 53 bits. */
export const WIDTH_MAX = 53;

const roundUp = (value: number, to: number): number => Math.ceil(value / to) * to;
const capped = (align: number, pack: number | undefined): number => Math.min(align, pack ?? align);

/** Finds the words for a struct of `size` bytes that is aligned to `align`, which it may ask for or not. */
export function placeFields(parts: readonly Part[], size: number, align: number, mayAsk = true): Placement {
  let best: { readonly placement: Placement; readonly cost: number } | undefined;
  for (const pack of PACKS) {
    const found = place(parts, size, align, pack, mayAsk);
    if (found !== undefined && (best === undefined || found.cost < best.cost)) best = found;
    if (best?.cost === 0) break;
  }
  // With the alignment 1 a field may lie anywhere.
  if (best === undefined) throw new Error("fields overlap");
  return best.placement;
}

function place(
  parts: readonly Part[],
  size: number,
  align: number,
  pack: number | undefined,
  mayAsk: boolean,
): { placement: Placement; cost: number } | undefined {
  const fields: (PlacedField | (BitUnit & { at: boolean }))[] = [];
  const loose: BitField[] = [];
  let end = 0;
  let natural = 1;
  let ats = 0;
  const put = (one: Field | BitUnit, own: number): boolean => {
    const step = capped(own, pack);
    if (one.offset % step !== 0 || one.offset < end) return false;
    const at = one.offset !== roundUp(end, step);
    if (at) ats += 1;
    fields.push({ ...one, at } as PlacedField);
    end = one.offset + one.size;
    natural = Math.max(natural, step);
    return true;
  };
  for (const [index, part] of parts.entries()) {
    if ("field" in part) {
      if (!put(part.field, part.field.align)) return undefined;
      continue;
    }
    const next = parts[index + 1];
    const limit = next !== undefined && "field" in next ? next.field.offset : size;
    for (const unit of unitsOf(part.bits, { from: end, to: limit, pack })) {
      if (unit.fields.length === 0) return undefined;
      if (unit.size > 8 || ![1, 2, 4, 8].includes(unit.size) || unit.isLoose) {
        loose.push(...unit.fields);
        if (!put(bytesOf(unit), 1)) return undefined;
      } else if (!put(unit, unit.size)) return undefined;
    }
  }
  if (natural > align || size < end) return undefined;
  // A schema raises no alignment of a packed struct. Its offset and size are said all the same, by the struct that it lies in.
  const aligned = align > natural && pack === undefined && mayAsk ? align : undefined;
  const words = (pack === undefined ? 0 : 6) + (align > natural ? 1 : 0);
  const placement = { packed: pack, aligned, align: aligned ?? natural, fields, loose };
  return { placement, cost: loose.length * 100 + ats * 2 + words };
}

function bytesOf({ offset, size, fields }: BitUnit): Field {
  const docs = fields.map(
    ({ name, offsetBits, width }) =>
      `Bits ${offsetBits - offset * 8} to ${offsetBits - offset * 8 + width - 1}: ${name}.`,
  );
  return { name: fields[0]?.name ?? "bits", docs, type: `bytes<${size}>`, size, align: 1, offset };
}

type Unit = BitUnit & { readonly isLoose?: boolean };

/** Bit-fields in a row -> units that hold them, as few as there can be, the declared ones first. */
function unitsOf(bits: readonly BitField[], room: { from: number; to: number; pack: number | undefined }): Unit[] {
  const known = new Map<string, { units: Unit[]; cost: number }>();
  const best = (index: number, from: number): { units: Unit[]; cost: number } => {
    const first = bits[index];
    if (first === undefined) return { units: [], cost: 0 };
    const key = `${index} ${from}`;
    const done = known.get(key);
    if (done !== undefined) return done;
    const rest = bits.slice(index);
    let found = looseAt(rest);
    const after = best(index + found.fields.length, found.offset + found.size);
    let answer = { units: [found, ...after.units], cost: after.cost + 1000 };
    for (const size of [first.unit, 4, 8, 2, 1]) {
      const firstByte = first.offsetBits >> 3;
      const step = capped(size, room.pack);
      for (
        let offset = Math.floor(firstByte / step) * step;
        offset >= from && offset + size * 1 > firstByte;
        offset -= step
      ) {
        if (offset + size > room.to) continue;
        const end = (offset + size) * 8;
        const held = rest.filter(({ offsetBits }) => offsetBits < end);
        const isWhole = held.length === 1 && first.width === size * 8;
        if (!isWhole && held.some(({ width }) => width > WIDTH_MAX)) continue;
        if (held.length === 0 || held.some(({ offsetBits, width }) => offsetBits + width > end)) continue;
        const next = best(index + held.length, offset + size);
        const cost = next.cost + 10 + (size === first.unit ? 0 : 1) + (first.offsetBits === offset * 8 ? 0 : 1);
        found = { offset, size, fields: held };
        if (cost < answer.cost) answer = { units: [found, ...next.units], cost };
      }
    }
    known.set(key, answer);
    return answer;
  };
  return best(0, room.from).units;
}

/** Bytes that hold the first bit-field, and all others that share one of them. */
function looseAt(bits: readonly BitField[]): Unit {
  const offset = (bits[0]?.offsetBits ?? 0) >> 3;
  let end = offset;
  const fields: BitField[] = [];
  for (const one of bits) {
    if (fields.length > 0 && one.offsetBits >= end * 8) break;
    fields.push(one);
    end = Math.max(end, Math.ceil((one.offsetBits + one.width) / 8));
  }
  return { offset, size: end - offset, fields, isLoose: true };
}

/** `ready: 1; _1: pad<3>; level: signed<4>`: the members of bits, from the first bit of the unit on. */
export function bitMembers({ offset, fields }: BitUnit): { name: string; width: string; docs: readonly string[] }[] {
  const names = new MemberNames();
  const own = fields.map((field) => ({ field, name: names.give(field.name) }));
  let at = offset * 8;
  let count = 0;
  return own.flatMap(({ field: { docs, offsetBits, width, isSigned }, name }) => {
    const gap = offsetBits - at;
    at = offsetBits + width;
    const member = { name, width: isSigned ? `signed<${width}>` : `${width}`, docs };
    if (gap <= 0) return [member];
    count += 1;
    return [{ name: names.give(`_${count}`), width: `pad<${gap}>`, docs: [] }, member];
  });
}
