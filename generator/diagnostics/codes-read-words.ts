/** SHM1044 to SHM1060, SHM1065 to SHM1068: the words of the vocabulary and what stands between their angle brackets. */
import { error } from "./code-row.js";

export const readWordCodes = {
  SHM1044: error({
    message: (f: { found: string }) => `Region<...> takes an object type, not ${f.found}.`,
    hint: "write Region<{ type: 1; version: 1 }>.",
    why: "The options of a region are read where it is declared.",
    wrong: "export interface Car extends Region<u32> { speed: f32 }",
    right: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }",
  }),
  SHM1045: error({
    message: (f: { key: string; problem: "missing" | "unknown" | "twice" }) =>
      f.problem === "missing"
        ? `Region<...> needs '${f.key}'.`
        : f.problem === "unknown"
          ? `Region<...> has no option '${f.key}'.`
          : `Region<...> has the option '${f.key}' twice.`,
    hint: "write Region<{ type: 1; version: 1 }>; readableFrom, header and name may follow.",
    why: "type tells kinds of regions apart, version tells layouts of one kind apart. Both lie in the region's header.",
    wrong: "export interface Car extends Region<{ type: 1 }> { speed: f32 }",
    right: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }",
  }),
  SHM1046: error({
    message: (f: { key: string; expected: string }) => `The option '${f.key}' takes ${f.expected}.`,
    hint: (f) =>
      f.key === "name"
        ? 'drop it, because a region gets its name when it is opened; or write name: "versioned", a file for each version.'
        : `write ${f.key}: followed by ${f.expected}.`,
    why: "The options of a region are literals, because a schema is read and never executed.",
    wrong: 'export interface Car extends Region<{ type: 1; version: 1; header: "java" }> { speed: f32 }',
    right: 'export interface Car extends Region<{ type: 1; version: 1; header: "dotnet" }> { speed: f32 }',
  }),
  SHM1047: error({
    message: (f: { member: string }) => `The enum member '${f.member}' is a string; memory holds its number.`,
    hint: (f) =>
      `write ${f.member} without a value, or with a whole number; its name is known to the generated code anyway.`,
    why: "An enum takes 1, 2 or 4 bytes, whatever its names are.",
    wrong: 'export enum Gear { Park = "park" }\nexport interface Car { gear: Gear }',
    right: "export enum Gear { Park = 0 }\nexport interface Car { gear: Gear }",
  }),
  SHM1048: error({
    message: (f: { member: string }) => `The value of '${f.member}' cannot be computed without running the file.`,
    hint: "write a number, an expression of numbers such as 1 << 3, or members declared before it.",
    why: "A schema is read and never executed.",
    wrong: "export enum Gear { Park = Math.PI }\nexport interface Car { gear: Gear }",
    right: "export enum Gear { Park = 3 }\nexport interface Car { gear: Gear }",
  }),
  SHM1049: error({
    message: (f: { member: string; value: number }) =>
      `The value of '${f.member}' is ${f.value}, not a whole number that is stored exactly.`,
    hint: "write a whole number of at most 9007199254740991; greater ones are bigints of enumOf<{ A: 0xffff_ffff_ffff_ffffn }, u64>.",
    why: "An enum lies in memory as an integer, and JavaScript rounds numbers beyond 2^53.",
    wrong: "export enum Gear { Park = 0.5 }\nexport interface Car { gear: Gear }",
    right: "export enum Gear { Park = 1 }\nexport interface Car { gear: Gear }",
  }),
  SHM1050: error({
    message: (f: { found: string }) =>
      f.found === "" ? "@repr names no type." : `An enum cannot be stored as '${f.found}'.`,
    hint: "write @repr u8, or one of u16, u32, u64, i8, i16, i32, i64.",
    why: "Enums are integers of up to 64 bits, so that JavaScript, C and Atomics agree on them.",
    wrong: "/** @repr f32 */\nexport enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
    right: "/** @repr u8 */\nexport enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
  }),
  SHM1051: error({
    message: (f: { where: string }) => `@repr belongs into the JSDoc comment of an enum; ${f.where} it has no effect.`,
    hint: "move it into the /** comment */ right before the enum; enumOf, flags and bits take their integer between the angle brackets.",
    why: "Words that would be accepted and then ignored are refused.",
    wrong: "/** @repr u8 */\nexport interface Car { speed: f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1080: error({
    message: (f: { pack: number }) => `Packed<${f.pack}> is no packing; it is 1, 2, 4 or 8.`,
    hint: (f) =>
      f.pack > 8
        ? "drop it: no type is aligned to more than 8 bytes by itself."
        : "write the N of the header's #pragma pack(N).",
    why: "Packed<N> aligns fields to at most N bytes, as compilers do by #pragma pack(N).",
    wrong: "export interface Page extends Packed<3> { tag: u8; value: f64 }",
    right: "export interface Page extends Packed<4> { tag: u8; value: f64 }",
  }),
  SHM1081: error({
    message: (f: { found: string }) =>
      f.found === ""
        ? "@case names no value."
        : `@case names '${f.found}', which is no number and no member of an enum.`,
    hint: "write @case 1, @case 1, 2, @case true, or @case Kind.Move with an enum that this file declares or imports.",
    why: "The values of a tag are numbers, or the members of an enum that stand for some.",
    wrong:
      'export interface Event { kind: u32; data: union<{\n  /** @case count */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
    right:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
  }),
  SHM1082: error({
    message: (f: { where: string }) =>
      `@case belongs into the JSDoc comment of a member of a union with a tag; ${f.where} it has no effect.`,
    hint: 'name the tag, union<{...}, "kind">, or drop the @case.',
    why: "Words that would be accepted and then ignored are refused.",
    wrong: "export interface Event { data: union<{\n  /** @case 0 */ count: u32;\n  ratio: f32;\n}> }",
    right: "export interface Event { data: union<{ count: u32; ratio: f32 }> }",
  }),
  SHM1083: error({
    message: (f: { tag: string; outer: string }) =>
      `A union whose tag is the field '${f.tag}' cannot stand inside ${f.outer}<...>.`,
    hint: "put tag and union into an interface, and that into the list; or leave the tag out.",
    why: "A field has one tag; elements of a list would need one each.",
    wrong:
      'export interface Log { kind: u32; lines: array<union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind">, 4> }',
    right:
      'export interface Line { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }\nexport interface Log { lines: array<Line, 4> }',
  }),
  SHM1084: error({
    message: (f: { found: string }) => `The tag of a union is the name of a field in quotes, not ${f.found}.`,
    hint: 'write union<{...}, "kind">, with an integer, enum or bool of that name before the union in the same struct.',
    why: "The tag is another field of the struct that has the union.",
    wrong: "export interface Event { kind: u32; data: union<{ count: u32; ratio: f32 }, u32> }",
    right:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
  }),
  SHM1085: error({
    message: (f: { found: string }) => `union takes an object type of names and types, not ${f.found}.`,
    hint: "write union<{ asInt: u32; asFloat: f32 }>; a member may be an interface, such as { move: Move; stop: Stop }.",
    why: "The names become the members of the union, in TypeScript and in C.",
    wrong: "export interface Event { data: union<u32> }",
    right: "export interface Event { data: union<{ count: u32; ratio: f32 }> }",
  }),
  SHM1086: error({
    message: (f: { found: string }) => `The count of a tail is the name of a field in quotes, not ${f.found}.`,
    hint: 'write tail<T, "count">, with an integer of that name before it; or array<T, N> where N is a number.',
    why: "The count of a tail in foreign memory is read from another field at every access.",
    wrong: "export interface Log extends Foreign { count: u32; lines: tail<u32, 16> }",
    right: 'export interface Log extends Foreign { count: u32; lines: tail<u32, "count"> }',
  }),
  SHM1087: error({
    message: (f: { field: string; of: string }) => `The length of an array cannot be the field '${f.field}'.`,
    hint: (f) =>
      `write the greatest number that it can have; or in foreign memory, as the last field, tail<${f.of}, "${f.field}">, which has as many elements as '${f.field}' says.`,
    why: "A layout is fixed when the code is generated, so the length of an array stands in the schema.",
    wrong: "export interface Log extends Foreign { count: u32; lines: array<u32, count> }",
    right: 'export interface Log extends Foreign { count: u32; lines: tail<u32, "count"> }',
  }),
  SHM1052: error({
    message: (f: { word: string; what: string; found: string }) =>
      `${f.what} of ${f.word} must be a number literal, not ${f.found}.`,
    hint: "write the number itself, such as 16 or 0x10, or an alias of one: type Count = 16.",
    why: "A layout is fixed when the code is generated, so its numbers have to stand in the schema.",
    wrong: "export interface Car { wheels: array<f32, u8> }",
    right: "export interface Car { wheels: array<f32, 4> }",
  }),
  SHM1053: error({
    message: (f: { text: string; what: string; exact: boolean }) =>
      `${f.what} is ${f.text}, which is not a whole number that is stored exactly.`,
    hint: (f) =>
      f.exact && /^-?(?:0[xob])?[\da-f_]+$/i.test(f.text)
        ? `write it as a bigint: ${f.text}n, in a u64 or i64.`
        : "write a whole number of at most 9007199254740991.",
    why: "Bytes and elements cannot be cut, and JavaScript rounds numbers beyond 2^53.",
    wrong: "export interface Car { wheels: array<f32, 2.5> }",
    right: "export interface Car { wheels: array<f32, 3> }",
  }),
  SHM1054: error({
    message: (f: { word: string; found: string }) =>
      `${f.word} takes an object type of names and whole numbers, not ${f.found}.`,
    hint: (f) =>
      f.word === "bits" ? "write bits<{ ready: 1; mode: 3 }, u32>." : "write enumOf<{ Park: 0; Reverse: 1 }, u8>.",
    why: "The names become members of the output; the numbers are widths in bits, or values.",
    wrong: "export interface Car { status: bits<u8, u32> }",
    right: "export interface Car { status: bits<{ ready: 1; mode: 3 }, u32> }",
  }),
  SHM1055: error({
    message: (f: { word: string; found: string; allowed: string }) => `${f.word} cannot be stored as ${f.found}.`,
    hint: (f) => `write one of ${f.allowed} as its last argument.`,
    why: "Enums are kept in an integer, flags and bit fields in an unsigned one.",
    wrong: "export interface Car { gear: enumOf<{ Park: 0; Drive: 1 }, f32> }",
    right: "export interface Car { gear: enumOf<{ Park: 0; Drive: 1 }, u8> }",
  }),
  SHM1056: error({
    message: (f: { found: string }) => `flags takes an enum, not ${f.found}.`,
    hint: "declare export enum Name { A = 1 << 0, B = 1 << 1 } and write flags<Name, u32>.",
    why: "The members of the enum name the bits.",
    wrong: "export interface Car { warnings: flags<u32, u32> }",
    right: "export enum Warning { Oil = 1, Fuel = 2 }\nexport interface Car { warnings: flags<Warning, u32> }",
  }),
  SHM1057: error({
    message: (f: { found: string }) => `num takes u64 or i64, not ${f.found}.`,
    hint: "write num<u64> or num<i64>; smaller integers and floats are numbers already.",
    why: "num makes a 64-bit integer a number instead of a bigint.",
    wrong: "export interface Car { samples: num<u32> }",
    right: "export interface Car { samples: num<u64> }",
  }),
  SHM1058: error({
    message: (f: { word: string; outer: string }) =>
      `${f.word}<...> is about the field, so it cannot stand inside ${f.outer}<...>.`,
    hint: (f) => `write ${f.word}<${f.outer}<...>, ...>, with ${f.word} outside.`,
    why: "align, at, expect and since say where a field lies, what it must hold and since when; elements follow their array.",
    wrong: "export interface Car { speed: atomic<align<u32, 64>> }",
    right: "export interface Car { speed: align<atomic<u32>, 64> }",
  }),
  SHM1059: error({
    message: (f: { word: string }) => `A field has ${f.word}<...> twice.`,
    hint: "keep one of them.",
    why: "A field lies at one place, with one alignment and one list of expected values, since one version.",
    wrong: "export interface Car { speed: align<align<u32, 8>, 64> }",
    right: "export interface Car { speed: align<u32, 64> }",
  }),
  SHM1060: error({
    message: (f: { found: string }) => `expect takes a literal or a union of literals, not ${f.found}.`,
    hint: "write expect<u32, 3007000> or expect<u8, 1 | 2>; beyond 2^53 with n, such as 18446744073709551615n.",
    why: "The value is compared with the memory when it is attached, so it has to stand in the schema.",
    wrong: "export interface Header extends Foreign { version: expect<u32, u32> }",
    right: "export interface Header extends Foreign { version: expect<u32, 3> }",
  }),
  SHM1065: error({
    message: (f: { found: string }) => `The default of since is a literal, not ${f.found}.`,
    hint: 'write since<u32, 2, 5>, since<bool, 2, true> or since<utf8<8>, 2, "idle">; beyond 2^53 with n.',
    why: "The default is what newer code reads where an older region lacks the field, so it has to stand in the schema.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { speed: since<u32, 2, u8> }",
    right: "export interface Car extends Region<{ type: 1; version: 2 }> { speed: since<u32, 2, 5> }",
  }),
  SHM1066: error({
    message: (f: { where: string }) =>
      `@was belongs into the JSDoc comment of a field, once; ${f.where} it has no effect.`,
    hint: "move it into the /** comment */ right before the field that has been renamed.",
    why: "Words that would be accepted and then ignored are refused.",
    wrong: "/** @was Auto */\nexport interface Car { speed: f32 }",
    right: "export interface Car {\n  /** @was velocity */\n  speed: f32;\n}",
  }),
  SHM1067: error({
    message: (f: { found: string }) => `timestamp takes a unit, not ${f.found}.`,
    hint: 'write timestamp<"ms">, or "s", "us" or "ns"; it counts since 1970 in an i64, or as timestamp<"ms", u64> says.',
    why: "How many of them are a second is part of the layout: programs of all languages have to agree on it.",
    wrong: "export interface Car { startedAt: timestamp<u64> }",
    right: 'export interface Car { startedAt: timestamp<"ms", u64> }',
  }),
  SHM1068: error({
    message: (f: { found: string }) => `timestamp counts in a u64 or i64, not in ${f.found}.`,
    hint: 'write timestamp<"ms"> or timestamp<"ms", u64>.',
    why: "32 bits of seconds end in 2038.",
    wrong: 'export interface Car { startedAt: timestamp<"s", u32> }',
    right: 'export interface Car { startedAt: timestamp<"s"> }',
  }),
};
