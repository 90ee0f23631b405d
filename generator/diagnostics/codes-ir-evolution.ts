/** SHM2050 to SHM2059: what versions of a layout have to do with one another. */
import { error } from "./code-row.js";

export const irEvolutionCodes = {
  SHM2050: error({
    message: (f: { field: string; type: string; word: string }) =>
      `Field '${f.field}' is ${f.type}: ${f.word}<> keeps bytes for a field, so it cannot stand inside another word.`,
    hint: "write reserved<...> around the whole type, such as reserved<array<u32, 4>> or reserved<atomic<u32>>.",
    why: "Reserved bytes have no value, so there is nothing to share, swap or count. They have a size and an alignment only.",
    wrong: "export interface Car { spare: array<reserved<u32>, 4> }",
    right: "export interface Car { spare: reserved<array<u32, 4>> }",
  }),
  SHM2051: error({
    message: (f: { field: string; version: number }) =>
      `Field '${f.field}' is there since version ${f.version}; since<> takes a whole number from 2 to 4294967295.`,
    hint: (f) =>
      f.version === 1
        ? "drop since<>: every version has the field."
        : "write the version of the region that the field came with.",
    why: "Versions of a region are 1 to 2^32-1, and a field that version 1 has is never missing.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { speed: since<f32, 1> }",
    right: "export interface Car extends Region<{ type: 1; version: 2 }> { speed: since<f32, 2> }",
  }),
  SHM2052: error({
    message: (f: { field: string; since: number; struct: string; version: number }) =>
      `Field '${f.field}' is there since version ${f.since}, but '${f.struct}' is version ${f.version}.`,
    hint: (f) =>
      `raise the version of '${f.struct}' to ${f.since}, or ${f.version === 1 ? "drop since<>" : `write since<..., ${f.version}>`}.`,
    why: "A region has the fields of its own version. A field of a later one would be missing in every region that this code makes.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { gear: u8; speed: since<f32, 3> }",
    right: "export interface Car extends Region<{ type: 1; version: 3 }> { gear: u8; speed: since<f32, 3> }",
  }),
  SHM2053: error({
    message: (f: { field: string; value: string; type: string }) =>
      `Field '${f.field}' cannot have the default ${f.value}: it is ${f.type}.`,
    hint: (f) =>
      f.type === "f32" && Number.isFinite(Math.fround(Number(f.value)))
        ? `write ${Math.fround(Number(f.value))}, the nearest value of an f32; ${f.value} needs the precision of an f64.`
        : 'write a literal of the field\'s type and range: 3 for integers, 0.5 for floats, true for bool, Gear.Park, "text" for texts.',
    why: "The default stands for the field's value, so it is one that the field could have.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { gear: since<u8, 2, 256> }",
    right: "export interface Car extends Region<{ type: 1; version: 2 }> { gear: since<u8, 2, 255> }",
  }),
  SHM2054: error({
    message: (f: { field: string; type: string }) =>
      `Field '${f.field}' is ${f.type}, which no literal can be the default of.`,
    hint: "leave the default out: in an older region the field reads as undefined.",
    why: "Arrays, structs, bytes and bit fields have no literals.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { wheels: since<array<f32, 4>, 2, 0> }",
    right: "export interface Car extends Region<{ type: 1; version: 2 }> { wheels: since<array<f32, 4>, 2> }",
  }),
  SHM2055: error({
    message: (f: { field: string; what: "a tail" | "reserved" | "foreign"; struct: string }) =>
      f.what === "foreign"
        ? `Field '${f.field}' has since<>, but '${f.struct}' is foreign memory, which has no version of ours.`
        : `Field '${f.field}' is ${f.what}, so since<> means nothing for it.`,
    hint: (f) =>
      f.what === "a tail"
        ? "drop since<>; a region that gets a tail is a new layout with a new version."
        : f.what === "reserved"
          ? "drop since<> until the bytes become a field."
          : "drop since<>, and check the version of that memory with expect<>.",
    why: "since<> says what newer code reads where an older region of ours lacks a field. Words that would be ignored are refused.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2 }> { gear: u8; spare: since<reserved<u32>, 2> }",
    right: "export interface Car extends Region<{ type: 1; version: 2 }> { gear: u8; spare: reserved<u32> }",
  }),
  SHM2056: error({
    message: (f: { field: string; was: string; problem: "name" | "own" | "field" | "twice"; other: string }) =>
      f.problem === "name"
        ? f.was === ""
          ? `@was of field '${f.field}' names nothing.`
          : `Field '${f.field}' cannot have been '${f.was}', which is not the name of a field.`
        : f.problem === "own"
          ? `Field '${f.field}' has @was with its own name.`
          : f.problem === "field"
            ? `Field '${f.field}' cannot have been '${f.was}': that is another field.`
            : `Fields '${f.other}' and '${f.field}' cannot both have been '${f.was}'.`,
    hint: (f) =>
      f.problem === "name"
        ? "write @was and the name that the field had in older versions, nothing else."
        : f.problem === "own"
          ? "drop it: the field has not been renamed."
          : "drop it, or write the name that this field had in older versions.",
    why: "@was tells a renamed field from one that was removed and another that was added. A name leads to one field.",
    wrong: "export interface Car {\n  /** @was gear */\n  speed: f32;\n  gear: u8;\n}",
    right: "export interface Car {\n  /** @was velocity */\n  speed: f32;\n  gear: u8;\n}",
  }),
  SHM2057: error({
    message: (f: { struct: string }) =>
      `'${f.struct}' has name: "versioned", but the dotnet header goes with .NET's file names.`,
    hint: 'remove name, or write header: "standard".',
    why: "Programs on .NET look for the name that they were given. A file named after its version would be another one to them.",
    wrong:
      'export interface Car extends Region<{ type: 1; version: 2; header: "dotnet"; name: "versioned" }> { speed: f32 }',
    right: 'export interface Car extends Region<{ type: 1; version: 2; name: "versioned" }> { speed: f32 }',
  }),
};
