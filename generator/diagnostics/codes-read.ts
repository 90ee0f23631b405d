/** SHM1xxx: what a schema file says that cannot be read as a schema. */
import { error, warning } from "./code-row.js";
import { nameAdvice } from "./name-advice.js";
import { readTypeCodes } from "./codes-read-types.js";
import { readWordCodes } from "./codes-read-words.js";

const didYouMean = (suggestion: string | undefined, otherwise: string): string =>
  suggestion === undefined ? otherwise : `did you mean '${suggestion}'?`;

/** Files, imports, declarations; the types and words of fields stand in their own files. */
export const readCodes = {
  SHM1001: error({
    message: (f: { text: string }) => f.text,
    hint: "mend the syntax; the rest of this file is read once it parses.",
    why: "A schema is a TypeScript file. This one does not parse; the message is the TypeScript compiler's own.",
    wrong: "export interface Car { speed: f32; : u32 }",
    right: "export interface Car { speed: f32; gear: u32 }",
  }),
  SHM1069: error({
    message: (f: { text: string; value: number | undefined }) =>
      `A literal number is needed here, not '${f.text}': TypeScript does not compute in types.`,
    hint: (f) => `write ${f.value ?? "the number itself, or an alias of one: type Count = 16"}.`,
    why: "A schema is a TypeScript file, and its types have no arithmetic; editors would refuse it as well.",
    wrong: "export interface Car { name: utf8<4 * 8> }",
    right: "export interface Car { name: utf8<32> }",
  }),
  SHM1002: error({
    message: (f: { file: string }) => `Cannot read '${f.file}'.`,
    hint: "check the path and the permissions; paths are relative to the project's root.",
    why: "A file that was named as a schema does not exist or cannot be read.",
    wrong: "",
    right: "",
  }),
  SHM1003: error({
    message: (f: { specifier: string; path: string; suggestion: string | undefined }) =>
      `Cannot find '${f.specifier}': there is no file '${f.path}'.`,
    hint: (f) => didYouMean(f.suggestion, "imports are relative to the file that contains them."),
    why: "Another schema file that this one imports does not exist.",
    wrong: 'import type { Wheel } from "./no-such-file.shm.js";\nexport interface Car { wheels: array<Wheel, 4> }',
    right: "export interface Wheel { rpm: f32 }\nexport interface Car { wheels: array<Wheel, 4> }",
  }),
  SHM1004: error({
    message: (f: { specifier: string; isSought: boolean }) =>
      f.isSought
        ? `'${f.specifier}' leads to no schema: TypeScript finds no file of a package by that name from here.`
        : `'${f.specifier}' is not a schema, so nothing can be imported from it here.`,
    hint: (f) =>
      f.isSought
        ? 'install or link the package, look at "exports" of its package.json, or import the file by a relative path.'
        : 'import from "@shmgen/schema" or from another schema file, such as "./wheel.shm.js".',
    why: "A schema is read and never executed; only the vocabulary and other *.shm.ts files mean something in it.",
    wrong: 'import type { Wheel } from "./parts.js";\nexport interface Car { speed: f32 }',
    right: "export interface Car { speed: f32 }",
  }),
  SHM1005: error({
    message: (f: { form: string }) => `${f.form} cannot be read in a schema.`,
    hint: 'write import type { u32 } from "@shmgen/schema", with the names you need; export { Name } passes a type on.',
    why: "Schemas have no default export and no effects, so only named imports and `import type * as name` mean something.",
    wrong: 'import schema from "@shmgen/schema";\nexport interface Car { speed: schema }',
    right: 'import type { u32 } from "@shmgen/schema";\nexport interface Car { speed: u32 }',
  }),
  SHM1006: error({
    message: (f: { name: string; file: string; declared: boolean; suggestion: string | undefined }) =>
      f.declared
        ? `'${f.file}' declares '${f.name}' but does not export it.`
        : `'${f.file}' exports nothing named '${f.name}'.`,
    hint: (f) =>
      f.declared ? `write export before '${f.name}' there.` : didYouMean(f.suggestion, "check the name there."),
    why: "A name that is imported from another schema file has to be exported by it.",
    wrong: 'import type { Wheal } from "./wheel.shm.js";\nexport interface Car { wheel: Wheal }',
    right: "export interface Wheel { rpm: f32 }\nexport interface Car { wheel: Wheel }",
  }),
  SHM1007: error({
    message: (f: { word: string; suggestion: string | undefined }) => `'@shmgen/schema' has no word '${f.word}'.`,
    hint: (f) =>
      didYouMean(
        f.suggestion,
        nameAdvice(f.word)?.text ??
          "its words: i8 to u64, f32, f64, bool, num, atomic, array, utf8, bytes, bits, flags, enumOf ...",
      ),
    why: "The vocabulary of schemas is a closed list of types.",
    wrong: 'import type { unit32 } from "@shmgen/schema";\nexport interface Car { speed: unit32 }',
    right: 'import type { u32 } from "@shmgen/schema";\nexport interface Car { speed: u32 }',
  }),
  SHM1008: error({
    message: (f: { word: string }) => `'${f.word}' is a word of '@shmgen/schema', but this file does not import it.`,
    hint: (f) => `add ${f.word} to the import: import type { ${f.word} } from "@shmgen/schema".`,
    why: "Names mean what they are imported or declared as, in a schema as in any other TypeScript file.",
    wrong: 'import type { f32 } from "@shmgen/schema";\nexport interface Car { speed: f32; gear: u8 }',
    right: 'import type { f32, u8 } from "@shmgen/schema";\nexport interface Car { speed: f32; gear: u8 }',
  }),
  SHM1009: error({
    message: (f: { name: string; suggestion: string | undefined }) =>
      `Nothing named '${f.name}' is declared or imported here.`,
    hint: (f) =>
      didYouMean(
        f.suggestion,
        nameAdvice(f.name)?.text ?? "declare it in this file or import it from another schema file.",
      ),
    why: "A type that a field names has to be declared in this file or imported.",
    wrong: "export interface Wheel { rpm: f32 }\nexport interface Car { wheel: Whel }",
    right: "export interface Wheel { rpm: f32 }\nexport interface Car { wheel: Wheel }",
  }),
  SHM1029: error({
    message: (f: { name: string }) => `'${f.name}' is a class, and a schema has none.`,
    hint: (f) => `write export interface ${f.name} { ... }; the accessor class is generated from it.`,
    why: "A schema describes memory. Classes come out of the generator, they do not go into it.",
    wrong: "export class Car { speed: f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1030: error({
    message: (f: { name: string }) =>
      `'${f.name}' is a const enum, which leaves nothing behind to generate from or import.`,
    hint: (f) => `write export enum ${f.name}, without const.`,
    why: "Const enums are inlined by the TypeScript compiler and break under isolatedModules; generated code has a const object.",
    wrong: "export const enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
    right: "export enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
  }),
  SHM1031: error({
    message: (f: { what: string }) => `A schema cannot have ${f.what}.`,
    hint: "declare interfaces, enums and type aliases at the top of the file, each with export.",
    why: "One declaration is one symbol of the output. Namespaces, ambient declarations and modules have no place there.",
    wrong: "export declare enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
    right: "export enum Gear { Park, Drive }\nexport interface Car { gear: Gear }",
  }),
  SHM1032: error({
    message: (f: { what: string }) => `A schema is read, never executed, so ${f.what} means nothing in it.`,
    hint: "remove it; a number that several fields share is written type Count = 4.",
    why: "Only types decide about memory. A value, function or statement would be ignored, so it is refused instead.",
    wrong: "export const COUNT = 4;\nexport interface Car { wheels: array<f32, 4> }",
    right: "export type Count = 4;\nexport interface Car { wheels: array<f32, Count> }",
  }),
  SHM1033: error({
    message: () => "A schema has no default export.",
    hint: "export the declaration by its name, without default.",
    why: "Every declaration becomes a symbol of the output under its own name, in C too.",
    wrong: "export default interface Car { speed: f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM1034: error({
    message: (f: { name: string }) => `'${f.name}' is not exported.`,
    hint: (f) => `write export before '${f.name}': every declaration becomes a symbol of the output.`,
    why: "The generated module exports a symbol for each declaration, so the schema has to say so too. Aliases need no export.",
    wrong: "interface Wheel { rpm: f32 }\nexport interface Car { wheels: array<Wheel, 4> }",
    right: "export interface Wheel { rpm: f32 }\nexport interface Car { wheels: array<Wheel, 4> }",
  }),
  SHM1035: error({
    message: (f: { name: string; parameter: string }) =>
      `'${f.name}' has the type parameter '${f.parameter}'; a schema has no generics of its own.`,
    hint: "write one declaration for each type that you need.",
    why: "Each declaration has one layout, one class and one C struct.",
    wrong: "export interface Pair<T> { first: T; second: T }",
    right: "export interface PairOfFloats { first: f32; second: f32 }",
  }),
  SHM1041: error({
    message: (f: { name: string; base: string }) =>
      `'${f.name}' extends '${f.base}', but a struct inherits from nothing.`,
    hint: (f) =>
      `make it a field, such as base: ${f.base}; extends takes Region<...>, Foreign, Packed, Aligned<N> and Sized<N> only.`,
    why: "C has no inheritance of structs. A field says where the bytes are.",
    wrong: "export interface Base { id: u32 }\nexport interface Car extends Base { speed: f32 }",
    right: "export interface Base { id: u32 }\nexport interface Car { base: Base; speed: f32 }",
  }),
  SHM1042: error({
    message: (f: { name: string; first: string; second: string }) =>
      f.first === f.second
        ? `'${f.name}' extends ${f.first} twice.`
        : `'${f.name}' extends both ${f.first} and ${f.second}.`,
    hint: (f) =>
      f.first === f.second
        ? "keep one of them."
        : "keep Region for memory of ours, Foreign for memory that another program owns.",
    why: "A region is either created and validated by shmgen, or it belongs to another program.",
    wrong: "export interface Car extends Region<{ type: 1; version: 1 }>, Foreign { speed: f32 }",
    right: "export interface Car extends Region<{ type: 1; version: 1 }> { speed: f32 }",
  }),
  SHM1062: error({
    message: (f: { name: string }) => `'${f.name}' is declared twice in this file.`,
    hint: "rename one of them; declarations are not merged.",
    why: "TypeScript would merge two interfaces of one name. A layout has to be readable in one place.",
    wrong: "export interface Car { speed: f32 }\nexport interface Car { gear: u8 }",
    right: "export interface Car { speed: f32; gear: u8 }",
  }),
  SHM1063: warning({
    message: () => "This file declares nothing.",
    hint: "declare a struct, such as export interface Car { speed: f32 }.",
    why: "A schema file without interfaces, enums or aliases gives no output.",
    wrong: "",
    right: "export interface Car { speed: f32 }",
  }),
  ...readTypeCodes,
  ...readWordCodes,
};
