/** SHM2xxx: rules that a schema breaks, whoever wrote it: a schema file or a SchemaIr from JSON. */
import { error } from "./code-row.js";
import { irContainerCodes } from "./codes-ir-containers.js";
import { irEvolutionCodes } from "./codes-ir-evolution.js";
import { irNameCodes } from "./codes-ir-names.js";
import { irRegionCodes } from "./codes-ir-regions.js";
import { irUnionCodes } from "./codes-ir-unions.js";

/** Types of fields; names and regions stand in their own files. */
export const irCodes = {
  SHM2003: error({
    message: (f: { cycle: string }) => `A struct cannot contain itself: ${f.cycle}.`,
    hint: "keep the structs in an array<T, N> and store the index of the next one as u32.",
    why: "Structs are nested by value, so one that contains itself would be infinitely long.",
    wrong: "export interface Node { value: u32; next: Node }",
    right: "export interface Node { value: u32; next: u32 }\nexport interface List { nodes: array<Node, 64> }",
  }),
  SHM2004: error({
    message: (f: { field: string; type: string; found: string }) =>
      `Field '${f.field}' is ${f.type}, but an atomic holds 1, 2, 4 or 8 bytes of a number, bool, enum or flags, not ${f.found}.`,
    hint: "drop atomic<>; or write seqlock<T>, which publishes a value of any size as a whole.",
    why: "Processors read and write at most 8 bytes in one piece, and only JavaScript's integers have Atomics.",
    wrong: "export interface Car { name: atomic<utf8<32>> }",
    right: "export interface Car { name: seqlock<utf8<32>> }",
  }),
  SHM2005: error({
    message: (f: { field: string; type: string }) => `Field '${f.field}' is ${f.type}: access is stated twice.`,
    hint: "keep one of atomic<> and relaxed<>.",
    why: "A field is either atomic or relaxed. Atomic twice is no more atomic than once.",
    wrong: "export interface Car { speed: atomic<atomic<u32>> }",
    right: "export interface Car { speed: atomic<u32> }",
  }),
  SHM2006: error({
    message: (f: { field: string; type: string; found: string }) =>
      `Field '${f.field}' is ${f.type}, but relaxed holds f32, f64 and integers of up to 32 bits, not ${f.found}.`,
    hint: "write atomic<T> where readers need whole values, or T alone.",
    why: "The JavaScript memory model keeps aligned integers of up to 32 bits whole in plain accesses, and engines keep floats so; of 64-bit integers nobody says it.",
    wrong: "export interface Car { samples: relaxed<u64> }",
    right: "export interface Car { samples: atomic<u64> }",
  }),
  SHM2007: error({
    message: (f: { field: string; struct: string; through: string; pack: number; align: number }) => {
      const what = f.through === "" ? "is shared" : `contains the shared field ${f.through}`;
      const how =
        f.pack === 1 ? "but packed fields are not aligned" : `but fields there are aligned to ${f.pack} at most`;
      const need = f.align === Infinity ? "" : `; it needs ${f.align} bytes`;
      return `Field '${f.field}' of the packed struct '${f.struct}' ${what}, ${how}${need}.`;
    },
    hint: (f) =>
      f.align === Infinity
        ? "drop Packed: containers choose their own alignment."
        : `if the layout is yours, write Packed<${f.align}>${f.align === 8 ? " or drop Packed" : ""}; if it is another program's, no aligned access is certain there: declare the field without atomic<> or relaxed<>, and read it plain.`,
    why: "Atomics and relaxed fields need natural alignment; without it values are torn, or the processor traps. A root begins aligned, so there the offset alone counts.",
    wrong: "export interface Car extends Packed { gear: u8; samples: atomic<u64> }",
    right: "export interface Car extends Packed<8> { gear: u8; samples: atomic<u64> }",
  }),
  SHM2008: error({
    message: (f: { field: string; type: string; found: string }) =>
      `Field '${f.field}' is ${f.type}, but byte order means nothing for ${f.found}.`,
    hint: (f) =>
      f.found.endsWith("one byte")
        ? "drop be<> or le<>: one byte has no order."
        : "put be<> or le<> around each number of two or more bytes, such as array<be<u32>, 4>; never around an atomic.",
    why: "Byte order belongs to single numbers of 2 to 8 bytes. Atomics work on the host's order only.",
    wrong: "export interface Car { salts: be<array<u32, 2>> }",
    right: "export interface Car { salts: array<be<u32>, 2> }",
  }),
  SHM2009: error({
    message: (f: { bits: string; field: string; width: number; max: number; size: number }) =>
      `Bit field '${f.field}' of '${f.bits}' is ${f.width} bits wide; a width is 1 to ${f.max} there.`,
    hint: (f) =>
      f.width > f.max && f.width <= f.size
        ? `write the number of bits that the value needs; bits that nobody reads are ${f.field}: pad<${f.width}>.`
        : "write the number of bits that the value needs.",
    why: "A bit field lies within its integer. Beyond 53 bits it could not be read as a number without rounding.",
    wrong: "export interface Car { status: bits<{ ready: 0; mode: 3 }, u8> }",
    right: "export interface Car { status: bits<{ ready: 1; mode: 3 }, u8> }",
  }),
  SHM2010: error({
    message: (f: { bits: string; sum: number; repr: string; max: number }) =>
      `The bit fields of '${f.bits}' take ${f.sum} bits, but ${f.repr} has ${f.max}.`,
    hint: (f) =>
      f.sum <= 64
        ? `write ${f.sum <= 16 ? "u16" : f.sum <= 32 ? "u32" : "u64"} as the last argument, or make fields narrower.`
        : "split them over two fields.",
    why: "All bit fields of one bits<...> lie in one integer, which is as large as it is declared. C puts what follows into bits that its own bit-fields leave; write a smaller integer, or several, where it did.",
    wrong: "export interface Car { status: bits<{ low: 5; high: 5 }, u8> }",
    right: "export interface Car { status: bits<{ low: 5; high: 5 }, u16> }",
  }),
  SHM2012: error({
    message: (f: { name: string; kind: "enum" | "bits" | "struct" | "union" }) =>
      f.kind === "enum" || f.kind === "union"
        ? `The ${f.kind} '${f.name}' has no members.`
        : f.kind === "bits"
          ? `'${f.name}' has no bit fields.`
          : `The struct '${f.name}' has no fields.`,
    hint: "add at least one.",
    why: "C knows no empty structs and enums, and nothing could be read or written.",
    wrong: "export interface Car {}",
    right: "export interface Car { speed: f32 }",
  }),
  SHM2013: error({
    message: (f: {
      enum: string;
      member: string;
      value: bigint;
      repr: string;
      min: bigint;
      max: bigint;
      /** Integers that hold all members. */
      fits: string;
    }) => `'${f.enum}.${f.member}' is ${f.value}, but ${f.repr} holds ${f.min} to ${f.max}.`,
    hint: (f) =>
      f.value === -2147483648n && !f.repr.startsWith("i")
        ? "1 << 31 is negative in JavaScript; write 0x80000000 or 2 ** 31."
        : f.fits === ""
          ? "no integer of 64 bits holds all members of this enum: write smaller values."
          : `write @repr ${f.fits.replace(/,.*/, "")} in the comment before the enum, or this as the last argument of enumOf; its members fit ${f.fits}.`,
    why: "Every value of the enum must fit the integer that stores it.",
    wrong: "/** @repr u8 */\nexport enum Gear { Park = 256 }\nexport interface Car { gear: Gear }",
    right: "/** @repr u16 */\nexport enum Gear { Park = 256 }\nexport interface Car { gear: Gear }",
  }),
  SHM2014: error({
    message: (f: { enum: string; member: string; first: string; value: bigint; region: string | undefined }) =>
      `'${f.enum}.${f.member}' has the value ${f.value} of '${f.first}'.`,
    hint: (f) =>
      f.region === undefined
        ? "give each member a value of its own; two names of one value may be in enums that only structs which extend Foreign use."
        : `give each member a value of its own, because '${f.region}' is a region of ours; only enums of Foreign structs may have two names of one value.`,
    why: "A value that is read has to have one name. What other programs have named twice is shown by its first name.",
    wrong: "export enum Gear { Park = 1, Drive = 1 }\nexport interface Car { gear: Gear }",
    right: "export enum Gear { Park = 1, Drive = 2 }\nexport interface Car { gear: Gear }",
  }),
  SHM2016: error({
    message: (f: { field: string; enum: string; member: string; value: bigint; repr: string }) =>
      `Field '${f.field}' keeps flags of '${f.enum}' in ${f.repr}, but '${f.member}' is ${f.value}.`,
    hint: (f) =>
      f.value < 0n
        ? "flags are bits, which have no sign: write a value from 0."
        : `write flags<${f.enum}, ${f.value < 2n ** 16n ? "u16" : f.value < 2n ** 32n ? "u32" : "u64"}>, or a smaller value.`,
    why: "Every flag has to fit the integer that stores the set.",
    wrong: "export enum Warning { Oil = 1, Fuel = 256 }\nexport interface Car { warnings: flags<Warning, u8> }",
    right: "export enum Warning { Oil = 1, Fuel = 256 }\nexport interface Car { warnings: flags<Warning, u16> }",
  }),
  SHM2075: error({
    message: (f: { field: string; enum: string; held: string; repr: string }) =>
      `Field '${f.field}' keeps flags of '${f.enum}' in ${f.repr}, but ${f.held} holds that enum, so that its members are bigints.`,
    hint: (f) => `write flags<${f.enum}, u64>, or hold the enum in u32.`,
    why: "Flags of up to 32 bits are a number in JavaScript, which no bigint can be combined with.",
    wrong:
      "export type Warning = enumOf<{ Oil: 1n; Fuel: 2n }, u64>;\nexport interface Car { warnings: flags<Warning, u32> }",
    right:
      "export type Warning = enumOf<{ Oil: 1n; Fuel: 2n }, u64>;\nexport interface Car { warnings: flags<Warning, u64> }",
  }),
  SHM2017: error({
    message: (f: { field: string; word: string; length: number; max: number }) =>
      f.length < 1
        ? `Field '${f.field}' has ${f.word} of length ${f.length}.`
        : `Field '${f.field}' has ${f.word} of length ${f.length}; the most is ${f.max}.`,
    hint: (f) =>
      f.length < 1
        ? "write a length of at least 1, or remove the field."
        : "use a smaller length, or split the data over several regions.",
    why: "C has no arrays of length 0, and lengths are counted in 32 bits.",
    wrong: "export interface Car { wheels: array<f32, 0> }",
    right: "export interface Car { wheels: array<f32, 4> }",
  }),
  SHM2032: error({
    message: (f: { what: string; align: number; max: number }) =>
      `${f.what} is ${f.align}; an alignment is a power of two, 1 to ${f.max}.`,
    hint: "write 8, 16, 32 or 64; 64 bytes are a cache line on most machines.",
    why: "Processors, compilers and pages align to powers of two.",
    wrong: "export interface Car extends Aligned<48> { speed: f32 }",
    right: "export interface Car extends Aligned<64> { speed: f32 }",
  }),
  SHM2033: error({
    message: (f: { what: string; align: number; natural: number }) =>
      `${f.what} is aligned to ${f.align}, less than the ${f.natural} bytes that its type needs.`,
    hint: (f) =>
      `remove the alignment, or write at least ${f.natural}; a struct whose fields are all aligned to at most ${f.align} is declared with extends Packed<${Math.min(8, f.align)}>.`,
    why: "align raises an alignment. Lowered alignment would tear values, and C refuses it as well.",
    wrong: "export interface Car { speed: align<f64, 4> }",
    right: "export interface Car { speed: align<f64, 64> }",
  }),
  SHM2031: error({
    message: (f: { struct: string; what: string }) => `'${f.struct}' is packed, so ${f.what} has no effect.`,
    hint: "drop Packed, or place the field with at<T, offset>.",
    why: "A packed struct lowers alignments, and compilers differ where others raise them. Words that would be ignored are refused.",
    wrong: "export interface Car extends Packed, Aligned<64> { speed: f32 }",
    right: "export interface Car extends Aligned<64> { speed: f32 }",
  }),
  SHM2034: error({
    message: (f: { field: string; at: number }) => `Field '${f.field}' is at offset ${f.at}.`,
    hint: "write an offset in bytes from the start of the struct, 0 or more.",
    why: "A field lies within its struct.",
    wrong: "export interface Car { speed: at<f32, -4> }",
    right: "export interface Car { speed: at<f32, 4> }",
  }),
  SHM2045: error({
    message: (f: { struct: string; size: number }) => `'${f.struct}' is declared to be ${f.size} bytes long.`,
    hint: "write the size of the struct in bytes, 1 or more.",
    why: "Sized<N> fixes the size of a struct; what its fields leave free is padding.",
    wrong: "export interface Car extends Sized<0> { speed: f32 }",
    right: "export interface Car extends Sized<16> { speed: f32 }",
  }),
  ...irEvolutionCodes,
  ...irContainerCodes,
  ...irNameCodes,
  ...irRegionCodes,
  ...irUnionCodes,
};
