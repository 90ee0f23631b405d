/** SHM1010 to SHM1043: TypeScript that means nothing, or something else, in a schema. */
import { error } from "./code-row.js";

export const readTypeCodes = {
  SHM1010: error({
    message: () => "'number' does not say how many bytes it takes.",
    hint: "write f64 or f32 for measurements, u32, i32, u16, u8 ... for whole numbers.",
    why: "A region is bytes, so every field needs a size and a representation. f64 is what JavaScript's number is.",
    wrong: "export interface Car { speed: number }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1011: error({
    message: () => "'string' has no fixed size.",
    hint: "write utf8<N>, text of at most N bytes.",
    why: "Memory that is shared has a fixed layout; text takes N bytes there, padded with NUL.",
    wrong: "export interface Car { driver: string }",
    right: "export interface Car { driver: utf8<32> }",
  }),
  SHM1012: error({
    message: () => "'boolean' is written bool here.",
    hint: "write bool, one byte; or bits<{ ready: 1 }, u8> for several of them in one integer.",
    why: "The words of a schema are types of memory, not of JavaScript.",
    wrong: "export interface Car { running: boolean }",
    right: "export interface Car { running: bool }",
  }),
  SHM1013: error({
    message: () => "'bigint' has no fixed size.",
    hint: "write u64 or i64; they read and write as bigint. num<u64> reads and writes as number.",
    why: "A 64-bit integer is the largest that a processor reads at once.",
    wrong: "export interface Car { distance: bigint }",
    right: "export interface Car { distance: u64 }",
  }),
  SHM1014: error({
    message: (f: { type: string }) => `'${f.type}' lives in JavaScript's heap, so it cannot lie in shared memory.`,
    hint: (f) =>
      f.type === "Date"
        ? "write num<i64> or f64 and store date.getTime()."
        : "declare an interface with fields of fixed size.",
    why: "Processes share bytes, not objects. A date travels as the number of milliseconds since 1970.",
    wrong: "export interface Car { startedAt: Date }",
    right: "export interface Car { startedAt: num<i64> }",
  }),
  SHM1015: error({
    message: (f: { type: string }) => `'${f.type}' does not say how long it is.`,
    hint: (f) =>
      `write ${f.type.startsWith("Float") || f.type.startsWith("Big") || /16|32/.test(f.type) ? "array<T, N> of the element's word" : "bytes<N>"}.`,
    why: "The bytes lie in the region itself, so their number belongs to the layout.",
    wrong: "export interface Car { picture: Uint8Array }",
    right: "export interface Car { picture: bytes<4096> }",
  }),
  SHM1016: error({
    message: (f: { type: string }) => `'${f.type}' does not say how many elements it has.`,
    hint: "write array<T, N>; the last field of a region may be tail<T>, whose length is chosen at creation.",
    why: "An array in shared memory cannot grow: what follows it would have to move.",
    wrong: "export interface Car { wheels: f32[] }",
    right: "export interface Car { wheels: array<f32, 4> }",
  }),
  SHM1017: error({
    message: () => "A tuple is not a layout.",
    hint: "write array<T, N> when the elements are alike, or declare an interface with a field for each.",
    why: "A struct names its parts; C has no tuples.",
    wrong: "export interface Car { position: [f64, f64] }",
    right: "export interface Car { position: array<f64, 2> }",
  }),
  SHM1018: error({
    message: (f: { field: string }) => `Field '${f.field}' is optional, but memory is always there.`,
    hint: "remove the '?'; add a bool field that says whether the value counts.",
    why: "A field takes its bytes whether somebody wrote it or not.",
    wrong: "export interface Car { speed?: f32 }",
    right: "export interface Car { speed: f32; hasSpeed: bool }",
  }),
  SHM1019: error({
    message: () => "A union does not say which of its types the bytes hold.",
    hint: (f: { members: string }) =>
      `write union<{ ${f.members} }>, whose members lie over the same bytes; with union<{...}, "kind"> a field says which one holds.`,
    why: "Nothing in memory tells the types apart, so each needs a name under which it is read.",
    wrong: "export interface Car { value: u32 | f32 }",
    right: "export interface Car { value: union<{ integer: u32; float: f32 }> }",
  }),
  SHM1020: error({
    message: () => "A union of literals does not say how it is stored.",
    hint: (f: { members: string }) => `write enumOf<{ ${f.members} }, u8>, or declare an enum.`,
    why: "An enum gives every name a number, and the numbers are what lies in memory.",
    wrong: 'export interface Car { gear: "park" | "drive" }',
    right: "export interface Car { gear: enumOf<{ park: 0; drive: 1 }, u8> }",
  }),
  SHM1021: error({
    message: () => "An intersection is not a layout.",
    hint: "declare an interface with a field for each part.",
    why: "The order of the parts in memory would be a guess.",
    wrong: "export interface Id { id: u32 }\nexport interface Car { both: Id & Id }",
    right: "export interface Id { id: u32 }\nexport interface Car { first: Id; second: Id }",
  }),
  SHM1022: error({
    message: (f: { type: string }) => `'${f.type}' takes no bytes.`,
    hint: "remove the field, or add a bool field that says whether a value is there.",
    why: "Memory always holds some bytes; absence has to be a value of its own.",
    wrong: "export interface Car { driver: null }",
    right: "export interface Car { hasDriver: bool }",
  }),
  SHM1023: error({
    message: (f: { type: string }) => `'${f.type}' does not say what the bytes mean.`,
    hint: "write the word of a number, or bytes<N> for bytes that only you understand.",
    why: "Every field has one type with one size.",
    wrong: "export interface Car { payload: unknown }",
    right: "export interface Car { payload: bytes<64> }",
  }),
  SHM1024: error({
    message: (f: { what: string }) => `${f.what} cannot lie in shared memory.`,
    hint: "remove it; write a function that takes the generated accessor as its argument.",
    why: "Processes share bytes. Code stays in each of them.",
    wrong: "export interface Car { speed: f32; stop(): void }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1025: error({
    message: (f: { what: string }) => `${f.what} has no fixed set of keys in memory.`,
    hint: "declare an interface for the entries and write array<Entry, N>.",
    why: "A layout lists its fields once and for all.",
    wrong: "export interface Car { [key: string]: f32 }",
    right: "export interface Entry { key: u32; value: f32 }\nexport interface Car { entries: array<Entry, 16> }",
  }),
  SHM1026: error({
    message: (f: { name: string }) => `${f.name} is not a name that every target can use.`,
    hint: "write a plain identifier: a letter, then letters, digits and underscores.",
    why: "The name becomes a property, a member of a C struct and a part of constants.",
    wrong: 'export interface Car { "top-speed": f32 }',
    right: "export interface Car { topSpeed: f32 }",
  }),
  SHM1027: error({
    message: (f: { name: string }) => `'${f.name}' is a getter or setter; a schema has fields.`,
    hint: (f) => `write ${f.name}: T; getters and setters are generated.`,
    why: "The generated class has a getter and a setter for every field.",
    wrong: "export interface Car { get speed(): f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1028: error({
    message: (f: { modifier: string }) => `'${f.modifier}' has no effect on memory.`,
    hint: "remove it; openReadOnly() gives a reader whose memory cannot be written at all.",
    why: "Words that would be accepted and then ignored are refused.",
    wrong: "export interface Car { readonly speed: f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1036: error({
    message: (f: { name: string; form: string; found: number }) =>
      `'${f.name}' is written ${f.form}; it has ${f.found} type argument${f.found === 1 ? "" : "s"} here.`,
    hint: (f) => `write ${f.form}.`,
    why: "Each word of the vocabulary takes a certain number of type arguments; your own types take none.",
    wrong: "export interface Car { wheels: array<f32> }",
    right: "export interface Car { wheels: array<f32, 4> }",
  }),
  SHM1037: error({
    message: (f: { alias: string | undefined }) =>
      f.alias === undefined
        ? "An object type in place has no name, and every struct needs one."
        : `'${f.alias}' is an alias of an object type; a struct is an interface.`,
    hint: (f) =>
      f.alias === undefined
        ? "declare it as export interface Name { ... } and write Name here."
        : `write export interface ${f.alias} { ... }.`,
    why: "One declaration is one symbol of the output: a class in TypeScript and a struct in C.",
    wrong: "export interface Car { engine: { rpm: f32 } }",
    right: "export interface Engine { rpm: f32 }\nexport interface Car { engine: Engine }",
  }),
  SHM1038: error({
    message: (f: { text: string }) => `The literal ${f.text} does not say how it is stored.`,
    hint: "write the word that stores it; a value that foreign memory must have is expect<u32, 5>.",
    why: "A literal type has a value, but no size.",
    wrong: "export interface Car { version: 5 }",
    right: "export interface Car { version: u32 }",
  }),
  SHM1039: error({
    message: (f: { what: string }) => `${f.what} cannot be read in a schema.`,
    hint: 'write the words of "@shmgen/schema" and the names of your own declarations.',
    why: "A schema is read as it stands; no type is computed.",
    wrong: "export interface Car { speed: typeof speed }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1040: error({
    message: (f: { field: string }) => `Field '${f.field}' has no type.`,
    hint: (f) => `write ${f.field}: u32, or whatever it holds.`,
    why: "Every field needs a size.",
    wrong: "export interface Car { speed }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1043: error({
    message: (f: { word: string; place: string }) => `'${f.word}' cannot be used as ${f.place}.`,
    hint: (f) =>
      f.place === "a type"
        ? `write it after extends: interface Car extends ${f.word}.`
        : f.word === "signed"
          ? "signed<N> is the width of a bit field: bits<{ level: signed<4> }, u32>; write i8, i16, i32 or i64 for a field."
          : "extends takes Region<...>, Foreign, Packed, Aligned<N> and Sized<N>.",
    why: "Some words describe a whole struct and stand after extends; the others describe a field.",
    wrong: "export interface Car { speed: Packed }",
    right: "export interface Car extends Packed { speed: f32 }",
  }),
  SHM1061: error({
    message: (f: { cycle: string }) => `A type alias cannot refer to itself: ${f.cycle}.`,
    hint: "write the type that it shall stand for.",
    why: "An alias is replaced by what it stands for, which here never ends.",
    wrong: "export type A = B;\nexport type B = array<A, 2>;\nexport interface Car { a: A }",
    right: "export type A = array<f32, 2>;\nexport interface Car { a: A }",
  }),
  SHM1064: error({
    message: () => "These types are nested too deeply.",
    hint: "give the inner ones names of their own: at most 32 words may stand inside one another.",
    why: "A limit, so that no input can exhaust the generator's stack.",
    wrong: `export interface Car { deep: ${"array<".repeat(40)}u8${", 1>".repeat(40)} }`,
    right: "export interface Car { flat: array<array<u8, 2>, 2> }",
  }),
};
