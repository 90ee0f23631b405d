/** Random schemas that are valid by construction, and a second opinion on where their bytes are. */
import type { BitsIr, EnumIr, FieldIr, SchemaIr, StructIr, TypeIr } from "../../../generator/dist/ir/ir.js";
import { enumValue, rangeOf } from "../../../schema/dist/enum-values.js";
import { BITS_REPR_NAMES, ODD_NAMES, ODD_SIZE } from "../../../schema/dist/scalar-sizes.js";
import { LEAST_PAGE_SIZE } from "../../../schema/dist/region-format.js";
import type { Random } from "../run/random.js";

export interface RandomIrOptions {
  readonly structs: number;
  /** Names of structs, enums and bits begin with it, so that several schemas fit into one program. */
  readonly prefix?: string;
  readonly file?: string;
  /** Names of fields; default `f0`, `f1` ... */
  readonly fieldName?: (index: number, random: Random) => string;
  /** No struct has more bytes than this; default 4096. */
  readonly sizeMax?: number;
  /** Whether some structs are unions; default false. */
  readonly unions?: boolean;
}

const SCALARS = ["i8", "u8", "i16", "u16", "i32", "u32", "i64", "u64", "f32", "f64"] as const;
const REPRS = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"] as const;
const BYTES: Readonly<Record<string, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
};

interface Extent {
  readonly size: number;
  readonly align: number;
  /** The alignment that its atomics need; 0 without any. */
  readonly shared: number;
  /** It asks for an alignment of its own, so that it fits into no packed struct. */
  readonly raised: boolean;
}

const up = (value: number, align: number): number => Math.ceil(value / align) * align;

/** Makes schemas; keeps the extents of what it has made, so that `at` and `Sized` can be chosen to fit. */
class Maker {
  readonly ir: SchemaIr = { irVersion: 1, structs: [], enums: [], bits: [] };
  readonly #extents = new Map<string, Extent>();
  readonly #random: Random;
  readonly #options: Required<RandomIrOptions>;

  constructor(random: Random, options: RandomIrOptions) {
    this.#random = random;
    this.#options = {
      prefix: "S",
      file: "random.shm.ts",
      fieldName: (index) => `f${index}`,
      sizeMax: 4096,
      unions: false,
      ...options,
    };
    for (let index = 0; index < Math.max(2, options.structs / 10); index += 1) {
      this.ir.enums.push(this.#enum(index));
      this.ir.bits.push(this.#bits(index));
    }
    for (let index = 0; index < options.structs; index += 1) this.ir.structs.push(this.#struct(index));
  }

  #declaration(name: string): { id: string; name: string; file: string } {
    const { file } = this.#options;
    return { id: `${file}#${name}`, name, file };
  }

  #enum(index: number): EnumIr {
    const random = this.#random;
    const repr = random.pick(REPRS);
    const [least, most] = rangeOf(repr);
    const near = Number(most < 1n << 30n ? most : 1n << 30n);
    const values = new Set([
      0n,
      least,
      most,
      ...Array.from({ length: random.integer(1, 5) }, () => {
        return BigInt(random.integer(repr.startsWith("i") ? -near : 0, near));
      }),
    ]);
    const members = [...values].map((value, at) => ({ name: `M${at}`, value: enumValue(value) }));
    return { ...this.#declaration(`${this.#options.prefix}Enum${index}`), repr, members };
  }

  #bits(index: number): BitsIr {
    const random = this.#random;
    const repr = random.pick(["u8", "u16", "u32", "u64"] as const);
    const fields: BitsIr["fields"] = [];
    let left = 8 * (BYTES[repr] as number);
    while (left > 0 && fields.length < 8 && (fields.length === 0 || random.chance(0.8))) {
      // A bit field reads as a number, so it has at most 53 bits.
      const pad = random.chance(0.15);
      const width = random.integer(1, Math.min(left, pad ? 64 : random.chance(0.2) ? 53 : 9));
      const said = pad ? { pad: true as const } : random.chance(0.3) ? { signed: true as const } : {};
      fields.push({ name: `b${fields.length}`, width, ...said });
      left -= width;
    }
    // Pads alone are no bit fields.
    if (fields.every(({ pad }) => pad === true)) fields.splice(0, fields.length, { name: "b0", width: 3 });
    return { ...this.#declaration(`${this.#options.prefix}Bits${index}`), repr, fields };
  }

  extent(type: TypeIr): Extent {
    const plain = (size: number): Extent => ({ size, align: size, shared: 0, raised: false });
    switch (type.kind) {
      case "scalar":
        return plain(BYTES[type.scalar] as number);
      case "num":
      case "timestamp":
        return plain(8);
      case "odd":
        return { ...plain(ODD_SIZE[type.integer]), align: 1 };
      case "bool":
        return plain(1);
      case "enum":
        return plain(BYTES[this.ir.enums.find(({ id }) => id === type.enum)?.repr ?? ""] as number);
      case "flags":
        return plain(BYTES[type.repr] as number);
      case "bits":
        return plain(BYTES[this.ir.bits.find(({ id }) => id === type.bits)?.repr ?? ""] as number);
      case "utf8":
      case "bytes":
        return { size: type.size, align: 1, shared: 0, raised: false };
      case "latin1":
        return { ...plain(1), size: type.length };
      case "utf16":
        return { ...plain(2), size: 2 * type.length };
      case "utf32":
        return { ...plain(4), size: 4 * type.length };
      case "struct":
        return this.#extents.get(type.struct) as Extent;
      case "array": {
        const inner = this.extent(type.of);
        return { ...inner, size: inner.size * type.length };
      }
      case "tail":
        return { ...this.extent(type.of), size: 0 };
      case "atomic":
      case "relaxed":
        return { ...this.extent(type.of), shared: this.extent(type.of).align };
      case "endian":
        return this.extent(type.of);
      case "reserved":
        return { ...this.extent(type.of), shared: 0 };
      case "container":
        throw new Error("random schemas have no containers: test/property/containers.test.ts has them");
    }
  }

  #value(): TypeIr {
    const random = this.#random;
    const enumId = random.pick(this.ir.enums).id;
    return random.pick<() => TypeIr>([
      () => ({ kind: "scalar", scalar: random.pick(SCALARS) }),
      () => ({ kind: "scalar", scalar: random.pick(SCALARS) }),
      () => ({ kind: "scalar", scalar: random.pick(SCALARS) }),
      () => ({ kind: "num", of: random.pick(["u64", "i64"]) }),
      () => ({ kind: "timestamp", unit: random.pick(["s", "ms", "us", "ns"]), of: random.pick(["u64", "i64"]) }),
      () => ({ kind: "bool" }),
      () => ({ kind: "enum", enum: enumId }),
      () => this.#flags(enumId),
    ])();
  }

  /** Flags have no sign; what an enum of one is to be is the enum itself. */
  #flags(enumId: string): TypeIr {
    const repr = this.ir.enums.find(({ id }) => id === enumId)?.repr;
    const fits = BITS_REPR_NAMES.find((one) => one === repr);
    return fits === undefined ? { kind: "enum", enum: enumId } : { kind: "flags", enum: enumId, repr: fits };
  }

  /** `pack`: the alignment that fields have at most. */
  #type(pack: number): TypeIr {
    const random = this.#random;
    const fits = ({ align, shared, raised }: Extent): boolean => shared <= pack && !(raised && align > pack);
    const structs = this.ir.structs.filter(({ id }) => fits(this.#extents.get(id) as Extent)).slice(-40);
    const text = (): TypeIr => ({ kind: random.pick(["latin1", "utf16", "utf32"]), length: random.integer(1, 20) });
    const swappable = (): TypeIr => {
      if (random.chance(0.2)) return { kind: random.pick(["utf16", "utf32"]), length: random.integer(1, 20) };
      const value = this.#value();
      return value.kind === "bool" ||
        (value.kind === "scalar" && BYTES[value.scalar] === 1) ||
        this.extent(value).size === 1
        ? { kind: "scalar", scalar: "u32" }
        : value;
    };
    const choices: (() => TypeIr)[] = [
      () => this.#value(),
      () => this.#value(),
      () => this.#value(),
      () => ({ kind: "utf8", size: random.integer(1, 40) }),
      text,
      () => ({ kind: "bytes", size: random.integer(1, 40) }),
      () => ({ kind: "bits", bits: random.pick(this.ir.bits).id }),
      () => ({ kind: "odd", integer: random.pick(ODD_NAMES) }),
      () => ({
        kind: "endian",
        order: random.pick(["big", "little"]),
        of: random.pick<() => TypeIr>([
          () => ({ kind: "odd", integer: random.pick(ODD_NAMES) }),
          () => {
            const wide = this.ir.bits.filter(({ repr }) => repr !== "u8");
            if (wide.length === 0) return { kind: "odd", integer: "u24" };
            return { kind: "bits", bits: random.pick(wide).id };
          },
        ])(),
      }),
      () => ({ kind: "array", of: { kind: "odd", integer: random.pick(ODD_NAMES) }, length: random.integer(1, 4) }),
      () => ({ kind: "endian", order: random.pick(["big", "little"]), of: swappable() }),
      () => ({ kind: "array", of: this.#type(pack), length: random.integer(1, 5) }),
      () => ({ kind: "array", of: this.#value(), length: random.integer(1, 9) }),
    ];
    if (structs.length > 0) {
      choices.push(
        () => ({ kind: "struct", struct: random.pick(structs).id }),
        () => ({ kind: "struct", struct: random.pick(structs).id }),
      );
    }
    const small = (value: TypeIr): TypeIr => (this.extent(value).align > pack ? { kind: "bool" } : value);
    choices.push(
      () => ({ kind: "atomic", of: small(this.#value()) }),
      () => ({ kind: "atomic", of: small(this.#value()) }),
      () => ({
        kind: "relaxed",
        of: {
          kind: "scalar",
          scalar: random.pick(
            (["i8", "u8", "i16", "u16", "i32", "u32"] as const).filter((name) => (BYTES[name] ?? 0) <= pack),
          ),
        },
      }),
    );
    return random.pick(choices)();
  }

  #struct(index: number): StructIr {
    const random = this.#random;
    const { fieldName, prefix, sizeMax, unions } = this.#options;
    const union = unions && random.chance(0.15);
    const pack = random.chance(0.3) ? random.pick([1, 1, 2, 4, 8] as const) : undefined;
    const packed = pack !== undefined;
    const fields: FieldIr[] = [];
    const names = new Set<string>();
    let end = 0;
    let align = 1;
    /** Alignment without reserved fields, which are bytes in C. */
    let spoken = 1;
    let shared = 0;
    let asks = false;
    for (let count = random.integer(1, 12); count > 0; count -= 1) {
      const value = this.#type(pack ?? Infinity);
      const type: TypeIr = !union && random.chance(0.06) ? { kind: "reserved", of: value } : value;
      const extent = this.extent(type);
      if (end + extent.size > sizeMax) continue;
      const name = fieldName(fields.length, random);
      if (names.has(name)) continue;
      names.add(name);
      // Structs in structs hand it on, and no schema may ask for more than a page.
      const raised =
        !packed && !union && random.chance(0.08)
          ? Math.min(LEAST_PAGE_SIZE, extent.align << random.integer(0, 3))
          : undefined;
      const fieldAlign = raised ?? Math.min(extent.align, pack ?? extent.align);
      const gap = !union && random.chance(0.1) ? random.integer(0, 3) * fieldAlign : undefined;
      const offset = union ? 0 : up(end, fieldAlign) + (gap ?? 0);
      fields.push({
        name,
        type,
        ...(raised === undefined ? {} : { align: raised }),
        ...(gap === undefined ? {} : { at: offset }),
      });
      end = Math.max(end, offset + extent.size);
      align = Math.max(align, fieldAlign);
      if (type.kind !== "reserved") spoken = Math.max(spoken, fieldAlign);
      shared = Math.max(shared, extent.shared);
      asks ||= raised !== undefined || extent.raised;
    }
    if (fields.length === 0) fields.push({ name: fieldName(0, random), type: { kind: "scalar", scalar: "u8" } });
    end = Math.max(end, 1);
    const aligned = !packed && !union && random.chance(0.1) ? Math.min(64, align << random.integer(0, 3)) : undefined;
    align = Math.max(align, aligned ?? 1);
    const sized = !union && random.chance(0.1) ? up(end, align) + random.integer(0, 4) * align : undefined;
    const struct: StructIr = {
      ...this.#declaration(`${prefix}${index}`),
      role: { kind: "plain" },
      ...(union ? { union } : {}),
      packed: pack === 1,
      ...(pack === undefined || pack === 1 ? {} : { pack }),
      ...(aligned === undefined || aligned < align ? {} : { align: aligned }),
      ...(sized === undefined ? {} : { size: sized }),
      fields,
    };
    this.#extents.set(struct.id, {
      size: sized ?? up(end, align),
      align,
      shared,
      raised: asks || struct.align !== undefined || spoken < align,
    });
    return struct;
  }
}

/** A schema of random structs, each of which may hold earlier ones. The same random numbers give the same schema. */
export function randomIr(random: Random, options: RandomIrOptions): SchemaIr {
  return new Maker(random, options).ir;
}
