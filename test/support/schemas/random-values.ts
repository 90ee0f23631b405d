/** Random values of fields as plain objects, and C statements that write or check the same values. */
import type { SchemaIr, TypeIr } from "../../../generator/dist/ir/ir.js";
import { shownValue } from "../../../schema/dist/enum-values.js";
import type { Random } from "../run/random.js";

/** What `snapshot` gives for a field. */
export type Plain =
  number | bigint | boolean | string | Uint8Array | readonly Plain[] | { readonly [field: string]: Plain };

const BITS: Readonly<Record<string, number>> = { 8: 8, 16: 16, 32: 32, 64: 64 };

/** The declarations that types name. */
export class Declarations {
  readonly #ir: SchemaIr;

  constructor(ir: SchemaIr) {
    this.#ir = ir;
  }

  struct(id: string): SchemaIr["structs"][number] {
    return this.#ir.structs.find((one) => one.id === id) as SchemaIr["structs"][number];
  }

  enum(id: string): SchemaIr["enums"][number] {
    return this.#ir.enums.find((one) => one.id === id) as SchemaIr["enums"][number];
  }

  bits(id: string): SchemaIr["bits"][number] {
    return this.#ir.bits.find((one) => one.id === id) as SchemaIr["bits"][number];
  }
}

/** A value that the type can hold; often one at the border of its range. */
export function randomValue(type: TypeIr, random: Random, all: Declarations): Plain {
  switch (type.kind) {
    case "scalar":
      return randomScalar(type.scalar, random);
    case "num": {
      const value = Number(random.big() >> 11n);
      return type.of === "i64" && random.chance(0.5) ? -value - 1 : value;
    }
    case "odd": {
      const bits = { u24: 24, i24: 24, u128: 128 }[type.integer];
      const raw = random.pick([(random.big() << 64n) | random.big(), 0n, (1n << 128n) - 1n, 1n << BigInt(bits - 1)]);
      const value = type.integer === "i24" ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
      return bits === 128 ? value : Number(value);
    }
    case "timestamp":
      // Whole units, which JavaScript and C both have exactly.
      return random.integer(type.of === "i64" ? -4_000_000 : 0, 4_000_000) * 1000;
    case "bool":
      return random.chance(0.5);
    case "enum":
      return memberOf(type.enum, random, all);
    case "flags": {
      const set = [0, 0].reduce((bits) => bits | BigInt(memberOf(type.enum, random, all)), 0n);
      return type.repr === "u64" ? set : Number(set);
    }
    case "bits":
      return Object.fromEntries(
        all
          .bits(type.bits)
          .fields.filter(({ pad }) => pad !== true)
          .map(({ name, width, signed }) => {
            const value = (signed === true ? BigInt.asIntN : BigInt.asUintN)(width, random.big());
            return [name, Number(value)];
          }),
      );
    case "struct": {
      const { union, fields } = all.struct(type.struct);
      const accessed = fields.filter((field) => field.type.kind !== "reserved");
      const given = union === true ? [random.pick(accessed)] : accessed;
      return Object.fromEntries(given.map((field) => [field.name, randomValue(field.type, random, all)]));
    }
    case "utf8":
      return randomText(type.size, random);
    case "latin1":
      return randomText(type.length, random, "latin1");
    case "utf16":
      return randomText(type.length * 2, random, "utf16");
    case "utf32":
      return randomText(type.length * 4, random, "utf32");
    case "bytes":
      return Uint8Array.from({ length: type.size }, () => random.integer(0, 255));
    case "array":
      return Array.from({ length: type.length }, () => randomValue(type.of, random, all));
    case "atomic":
    case "relaxed":
    case "endian":
    case "reserved":
    case "tail":
      return randomValue(type.of, random, all);
    case "container":
      throw new Error("random schemas have no containers: test/property/containers.test.ts has them");
  }
}

/** The value of some member, as JavaScript shows it. */
function memberOf(id: string, random: Random, all: Declarations): number | bigint {
  const { members, repr } = all.enum(id);
  return shownValue(random.pick(members).value, repr);
}

type Encoding = "utf8" | "latin1" | "utf16" | "utf32";
const UNIT = { utf8: 1, latin1: 1, utf16: 2, utf32: 4 };
/** Characters of windows-1252, each with its byte. */
const LATIN = { a: 0x61, Z: 0x5a, "?": 0x3f, '"': 0x22, é: 0xe9, "€": 0x80, "™": 0x99, "\u0081": 0x81, ÿ: 0xff };

/** The bytes of a text, by Node and by hand instead of by what is tried here. */
function encoded(text: string, encoding: Encoding): Buffer {
  switch (encoding) {
    case "utf8":
      return Buffer.from(text, "utf8");
    case "latin1":
      return Buffer.from([...text].map((one) => LATIN[one as keyof typeof LATIN]));
    case "utf16":
      return Buffer.from(text, "utf16le");
    case "utf32":
      return Buffer.from(Uint32Array.from(text, (one) => one.codePointAt(0) as number).buffer);
  }
}

function randomScalar(scalar: string, random: Random): number | bigint {
  if (scalar === "f32") return Math.fround((random.bits() / 2 ** 16 - 2 ** 15) * 10 ** random.integer(-20, 20));
  if (scalar === "f64") return (random.bits() - 2 ** 31) * 10 ** random.integer(-200, 200);
  const bits = BITS[scalar.slice(1)] as number;
  const signed = scalar.startsWith("i");
  const raw = random.pick([random.big(), random.big(), 0n, (1n << BigInt(bits)) - 1n, 1n << BigInt(bits - 1)]);
  const value = signed ? BigInt.asIntN(bits, raw) : BigInt.asUintN(bits, raw);
  return bits === 64 ? value : Number(value);
}

const CHARACTERS = ["a", "Z", "7", " ", "\\", '"', "?", "é", "€", "😀"];

/** Fills the space completely now and then, with characters of one to four bytes. */
function randomText(size: number, random: Random, encoding: Encoding = "utf8"): string {
  let text = "";
  let length = 0;
  const wanted = random.chance(0.3) ? size : random.integer(0, size);
  while (length < wanted) {
    const character = random.pick(encoding === "latin1" ? Object.keys(LATIN) : CHARACTERS);
    const bytes = encoded(character, encoding).length;
    if (length + bytes > wanted) break;
    text += character;
    length += bytes;
  }
  return text;
}

/** One value in C: how to write it and how to tell that it is there. */
export interface Leaf {
  readonly path: string;
  readonly write: string;
  readonly check: string;
}

/** The statements for a struct that C calls `self`, through what the generated header offers. */
export function structLeaves(name: string, values: Plain, all: Declarations, ir: SchemaIr): Leaf[] {
  const struct = ir.structs.find((one) => one.name === name) as SchemaIr["structs"][number];
  return fieldsLeaves(struct, values, { all, self: "self", path: name });
}

interface Place {
  readonly all: Declarations;
  /** Pointer to the struct. */
  readonly self: string;
  readonly path: string;
}

function fieldsLeaves(struct: SchemaIr["structs"][number], values: Plain, place: Place): Leaf[] {
  return struct.fields.flatMap(({ name, type }) => {
    if (type.kind === "reserved") return [];
    const value = (values as Readonly<Record<string, Plain>>)[name];
    if (value === undefined) return [];
    const field = { ...place, functions: `${struct.name}_${name}`, lvalue: `${place.self}->${name}`, indexes: [] };
    return typeLeaves(type, value, { ...field, path: `${place.path}.${name}` });
  });
}

interface FieldPlace extends Place {
  readonly functions: string;
  readonly lvalue: string;
  readonly indexes: readonly number[];
}

function typeLeaves(type: TypeIr, value: Plain, place: FieldPlace): Leaf[] {
  const { lvalue, path, functions, indexes, self, all } = place;
  const plain = (literal: string): Leaf[] => [
    { path, write: `${lvalue} = ${literal};`, check: `${lvalue} == ${literal}` },
  ];
  const call = (get: string, set: string, of: TypeIr): Leaf[] => {
    const places = [self, ...indexes].join(", ");
    const literal = cLiteral(of, value);
    const write = `${functions}_${set}(${places}, ${literal});`;
    return [{ path, write, check: `${functions}_${get}(${places}) == ${literal}` }];
  };
  const memory = (content: Uint8Array, size: number): Leaf[] => {
    const bytes = new Uint8Array(size);
    bytes.set(content);
    const text = `"${[...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}"`;
    const write = `memcpy(${lvalue}, ${text}, ${size});`;
    return [{ path, write, check: `memcmp(${lvalue}, ${text}, ${size}) == 0` }];
  };
  switch (type.kind) {
    case "array":
      return Array.from(value as readonly Plain[], (element, index) =>
        typeLeaves(type.of, element, {
          ...place,
          lvalue: `${lvalue}[${index}]`,
          path: `${path}[${index}]`,
          indexes: [...indexes, index],
        }),
      ).flat();
    case "struct":
      return fieldsLeaves(all.struct(type.struct), value, { all, self: `(&${lvalue})`, path });
    case "bits":
      return Object.entries(value as Readonly<Record<string, number>>).map(([name, bits]) => ({
        path: `${path}.${name}`,
        write: `${lvalue}.${name} = ${bitsLiteral(bits)};`,
        check: `${lvalue}.${name} == ${bitsLiteral(bits)}`,
      }));
    case "odd":
      return call("get", "set", type);
    case "atomic":
    case "relaxed":
      return call("load", "store", type.of);
    case "endian": {
      if (type.of.kind === "bits") {
        if (type.order === "little") return typeLeaves(type.of, value, place);
        return Object.entries(value as Readonly<Record<string, number>>).map(([name, bits]) => {
          const places = [self, ...indexes].join(", ");
          return {
            path: `${path}.${name}`,
            write: `${functions}_${name}_set(${places}, ${bitsLiteral(bits)});`,
            check: `${functions}_${name}_get(${places}) == ${bitsLiteral(bits)}`,
          };
        });
      }
      if (type.of.kind !== "utf16" && type.of.kind !== "utf32") return call("get", "set", type.of);
      const bytes = encoded(value as string, type.of.kind);
      const swapped = (): Buffer => (type.of.kind === "utf16" ? bytes.swap16() : bytes.swap32());
      return memory(type.order === "big" ? swapped() : bytes, type.of.length * UNIT[type.of.kind]);
    }
    case "utf8":
      return memory(encoded(value as string, "utf8"), type.size);
    case "latin1":
    case "utf16":
    case "utf32":
      return memory(encoded(value as string, type.kind), type.length * UNIT[type.kind]);
    case "bytes":
      return memory(value as Uint8Array, type.size);
    case "bool":
      return [{ path, write: `${lvalue} = ${value ? 1 : 0};`, check: `(${lvalue} != 0) == ${value ? 1 : 0}` }];
    default:
      return plain(cLiteral(type, value));
  }
}

/** Milliseconds, of whole seconds. */
function inUnits(unit: "s" | "ms" | "us" | "ns", ms: number): bigint {
  return BigInt(ms / 1000) * { s: 1n, ms: 1_000n, us: 1_000_000n, ns: 1_000_000_000n }[unit];
}

const bitsLiteral = (value: number): string => (value < 0 ? `INT64_C(${value})` : `UINT64_C(${value})`);

function cLiteral(type: TypeIr, value: Plain): string {
  if (typeof value === "boolean") return value ? "1" : "0";
  if (type.kind === "scalar" && type.scalar.startsWith("f")) {
    const text = String(value);
    return `${/[.e]/.test(text) ? text : `${text}.0`}${type.scalar === "f32" ? "f" : ""}`;
  }
  const integer = type.kind === "timestamp" ? inUnits(type.unit, value as number) : BigInt(value as number | bigint);
  if (integer === -(2n ** 63n)) return "INT64_MIN";
  if (integer > 2n ** 64n) {
    return `(((shmgen_u128)UINT64_C(${integer >> 64n}) << 64) | UINT64_C(${BigInt.asUintN(64, integer)}))`;
  }
  return integer < 0n ? `INT64_C(${integer})` : `UINT64_C(${integer})`;
}
