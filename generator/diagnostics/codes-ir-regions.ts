/** SHM2020 to SHM2037: regions, tails and what foreign memory is expected to hold. */
import { error } from "./code-row.js";

/** What is compared with `bytes<N>`, of another literal. */
function bytesHint(type: string, value: string): string | undefined {
  const size = Number(/^bytes<(\d+)>$/.exec(type)?.[1]);
  if (Number.isNaN(size)) return undefined;
  const form = `the ${size === 1 ? "byte" : `${size} bytes`} as ${2 * size} hexadecimal digits`;
  if (!value.startsWith('"')) return `write ${form}, in quotes.`;
  const text = JSON.parse(value) as string;
  const pairs = /^(?:[0-9a-f]{2} *)+$/i.test(text) ? (text.match(/[0-9a-f]{2}/gi)?.length ?? 0) : undefined;
  if (pairs !== undefined) return `write ${form}: these are ${pairs}; or declare bytes<${pairs}>.`;
  const bytes = new TextEncoder().encode(text);
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return bytes.length === size
    ? `write ${form}: "${digits}" is this text; or declare utf8<${size}>, which is compared with text.`
    : `write ${form}, with or without spaces between bytes; or declare utf8<${bytes.length}>, which is compared with text.`;
}

export const irRegionCodes = {
  SHM2020: error({
    message: (f: { field: string; next: string }) => `The tail '${f.field}' is followed by '${f.next}'.`,
    hint: "move the tail to the end; a region has at most one.",
    why: "A tail is the rest of the region, so nothing can lie behind it.",
    wrong: "export interface Log extends Region<{ type: 1; version: 1 }> { lines: tail<u8>; count: u32 }",
    right: "export interface Log extends Region<{ type: 1; version: 1 }> { count: u32; lines: tail<u8> }",
  }),
  SHM2021: error({
    message: (f: { field: string; struct: string }) =>
      `Field '${f.field}' is a tail, but '${f.struct}' is not the root of a region or of foreign memory.`,
    hint: "write array<T, N>, or make the struct a region: extends Region<{ type: 1; version: 1 }>; or extends Foreign, if it is the memory of another program.",
    why: "A tail is all that follows, which only the root of a region, or of foreign memory, has behind it.",
    wrong: "export interface Log { count: u32; lines: tail<u8> }",
    right: "export interface Log extends Region<{ type: 1; version: 1 }> { count: u32; lines: tail<u8> }",
  }),
  SHM2085: error({
    message: (f: { field: string; struct: string; count: string; problem: "region" | "missing" | "kind" }) =>
      ({
        region: `The tail '${f.field}' of the region '${f.struct}' has the count '${f.count}', but the region's header says how long it is.`,
        missing: `The count of the tail '${f.field}' is '${f.count}', which is no field of '${f.struct}'.`,
        kind: `The count of the tail '${f.field}' is '${f.count}', which is no integer.`,
      })[f.problem],
    hint: (f) =>
      f.problem === "region"
        ? `write tail<T>; '${f.field}.length' is its length.`
        : "name an integer of the same struct, such as u32; or leave it out, and the tail goes to the end of the memory.",
    why: "How many elements another program has is read from its own count, which has to be a number.",
    wrong: 'export interface Log extends Foreign { count: f32; lines: tail<u32, "count"> }',
    right: 'export interface Log extends Foreign { count: u32; lines: tail<u32, "count"> }',
  }),
  SHM2022: error({
    message: (f: { field: string; struct: string }) =>
      `Field '${f.field}' is a tail, but the dotnet header of '${f.struct}' has no room for its length.`,
    hint: 'write array<T, N>, or header: "standard".',
    why: "The 8 bytes of .NET's header hold a type and a version, nothing else.",
    wrong:
      'export interface Log extends Region<{ type: 1; version: 1; header: "dotnet" }> { count: u32; lines: tail<u8> }',
    right: "export interface Log extends Region<{ type: 1; version: 1 }> { count: u32; lines: tail<u8> }",
  }),
  SHM2023: error({
    message: (f: { field: string; type: string }) =>
      `Field '${f.field}' is ${f.type}: a tail cannot stand inside another word.`,
    hint: (f) =>
      f.type.startsWith("reserved<")
        ? "remove the field: behind the last one there is nothing to keep free."
        : "write tail<T> as the type of the last field, with the other words inside, such as tail<atomic<u32>>.",
    why: "A tail is the rest of the region, so nothing can be around it.",
    wrong: "export interface Log extends Region<{ type: 1; version: 1 }> { lines: array<tail<u8>, 2> }",
    right: "export interface Log extends Region<{ type: 1; version: 1 }> { lines: tail<array<u8, 2>> }",
  }),
  SHM2025: error({
    message: (f: { struct: string; first: string; typeId: number }) =>
      `The regions '${f.first}' and '${f.struct}' both have type ${f.typeId} (0x${f.typeId.toString(16)}).`,
    hint: "give each kind of region a type number of its own; versions of one kind share it in different releases, not in one schema.",
    why: "The type number in the header tells kinds of regions apart before anything else is looked at.",
    wrong:
      "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }\nexport interface Bus extends Region<{ type: 1; version: 2 }> { speed: f32 }",
    right:
      "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }\nexport interface Bus extends Region<{ type: 2; version: 1 }> { speed: f32 }",
  }),
  SHM2026: error({
    message: (f: { struct: string; option: string; value: number; min: number; max: number; header: string }) =>
      `The ${f.option} of '${f.struct}' is ${f.value}; with the ${f.header} header it is ${f.min} to ${f.max}.`,
    hint: (f) => `write a whole number from ${f.min} to ${f.max}.`,
    why: "The header keeps type and version in 32 bits each, .NET's header in 8. Version 0 would look like memory nobody has written.",
    wrong: "export interface Car extends Region<{ type: 1; version: 0 }> { speed: f32 }",
    right: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }",
  }),
  SHM2028: error({
    message: (f: { struct: string; readableFrom: number; version: number }) =>
      `'${f.struct}' is readable from version ${f.readableFrom}, but its version is ${f.version}.`,
    hint: (f) => `write readableFrom: 1 to ${f.version}, or leave it out.`,
    why: "readableFrom is the oldest version of the code that can still read this layout, so it is never newer than it.",
    wrong: "export interface Car extends Region<{ type: 1; version: 2; readableFrom: 3 }> { speed: f32 }",
    right: "export interface Car extends Region<{ type: 1; version: 3; readableFrom: 2 }> { speed: f32 }",
  }),
  SHM2027: error({
    message: (f: { struct: string }) => `'${f.struct}' has readableFrom, but the dotnet header has no room for it.`,
    hint: 'remove readableFrom, or write header: "standard".',
    why: "The 8 bytes of .NET's header hold a type and a version, nothing else; its readers accept exactly their own version.",
    wrong:
      'export interface Car extends Region<{ type: 1; version: 2; readableFrom: 1; header: "dotnet" }> { speed: f32 }',
    right: 'export interface Car extends Region<{ type: 1; version: 2; header: "dotnet" }> { speed: f32 }',
  }),
  SHM2029: error({
    message: (f: { field: string; struct: string; role: "region" | "foreign" }) =>
      `Field '${f.field}' contains '${f.struct}', which is ${f.role === "region" ? "a region" : "foreign memory"} of its own.`,
    hint: (f) =>
      `move the fields of '${f.struct}' into a struct without ${f.role === "region" ? "Region" : "Foreign"} and nest that one in both.`,
    why: "A region has a header of its own in front of it; inside another struct there is none.",
    wrong:
      "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }\nexport interface Fleet extends Region<{ type: 2; version: 1 }> { cars: array<Car, 8> }",
    right:
      "export interface CarState { speed: f32 }\nexport interface Fleet extends Region<{ type: 2; version: 1 }> { cars: array<CarState, 8> }",
  }),
  SHM2035: error({
    message: (f: { field: string; struct: string; region: string }) =>
      f.region === ""
        ? `Field '${f.field}' has expect<>, but '${f.struct}' is not part of any Foreign struct, or only of one in a union, so nobody would check it.`
        : `Field '${f.field}' has expect<>, but '${f.struct}' is ${f.region === f.struct ? "a region" : `part of the region '${f.region}'`}, where nobody would check it.`,
    hint: "drop expect<>; regions of ours are validated by their header. Memory of another program is declared with extends Foreign.",
    why: "Expected values are checked when foreign memory is attached. Words that would be ignored are refused.",
    wrong: "export interface Header { version: expect<u32, 3> }",
    right: "export interface Header extends Foreign { version: expect<u32, 3> }",
  }),
  SHM2036: error({
    message: (f: { field: string; value: string; type: string }) =>
      `Field '${f.field}' can never be ${f.value}: it is ${f.type}.`,
    hint: (f) =>
      f.type === "f32" && Number.isFinite(Math.fround(Number(f.value)))
        ? `write ${Math.fround(Number(f.value))}, the nearest value of an f32; ${f.value} needs the precision of an f64.`
        : (bytesHint(f.type, f.value) ??
          'write a literal of the field\'s type and range: 3 for integers, 0.5 for floats, true for bool, "text" for texts.'),
    why: "A value that the field cannot hold would refuse every memory.",
    wrong: "export interface Header extends Foreign { version: expect<u8, 256> }",
    right: "export interface Header extends Foreign { version: expect<u16, 256> }",
  }),
  SHM2037: error({
    message: (f: { field: string; type: string }) =>
      `Field '${f.field}' is ${f.type}, which no literal can be compared with.`,
    hint: "put expect<> on a number, bool, enum, flags, text or bytes; to check a field of a nested struct, put it there.",
    why: "Arrays, structs and bit fields have no literals.",
    wrong: "export interface Header extends Foreign { versions: expect<array<u32, 2>, 3> }",
    right: "export interface Header extends Foreign { first: expect<u32, 3>; second: u32 }",
  }),
  SHM2038: error({
    message: (f: { field: string }) => `Field '${f.field}' expects a value, but lists none.`,
    hint: "list at least one value, or leave `expect` out.",
    why: "An empty list of values would refuse every memory. Only a SchemaIr from JSON can say it.",
    wrong: "",
    right: "",
  }),
};
