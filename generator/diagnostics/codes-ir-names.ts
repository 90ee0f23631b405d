/** SHM2001, SHM2002, SHM2040 and following: names, and the consistency of a SchemaIr from JSON. */
import { error } from "./code-row.js";

const IDENTIFIER = "a letter or underscore, then letters, digits and underscores, at most 63 in all";

export const irNameCodes = {
  SHM2001: error({
    message: (f: { name: string; file: string }) =>
      f.file === ""
        ? `'${f.name}' is declared twice.`
        : `'${f.name}' is also declared in '${f.file}', and one file uses both.`,
    hint: "rename one of them; in-place enumOf and bits are named after struct and field, so give those an alias of their own.",
    why: "The names of all declarations that are included together share one scope in C.",
    wrong: "export interface Car { status: bits<{ ready: 1 }, u8> }\nexport interface CarStatusBits { speed: f32 }",
    right: "export interface Car { status: bits<{ ready: 1 }, u8> }\nexport interface CarSpeed { speed: f32 }",
  }),
  SHM2002: error({
    message: (f: { owner: string; name: string; kind: "field" | "bit field" | "member" }) =>
      `'${f.owner}' has the ${f.kind} '${f.name}' twice.`,
    hint: "rename one of them.",
    why: "Names within one declaration are unique in every target.",
    wrong: "export interface Car { speed: f32; speed: f64 }",
    right: "export interface Car { speed: f32; topSpeed: f64 }",
  }),
  SHM2040: error({
    message: (f: { name: string; what: string }) =>
      `'${f.name}' cannot be the name of ${f.what}: every JavaScript object has it already.`,
    hint: (f) => `write another name, such as ${f.name.replaceAll("_", "")}Value.`,
    why: "A property of this name would hide what JavaScript itself calls on every object, or change its prototype.",
    wrong: "export interface Car { constructor: u32 }",
    right: "export interface Car { builder: u32 }",
  }),
  SHM2041: error({
    message: (f: { name: string }) =>
      `A type named '${f.name}' would hide the global '${f.name}' in the generated code.`,
    hint: (f) => `write another name, such as ${f.name}Data.`,
    why: "The generated module uses the globals of JavaScript and the utility types of TypeScript.",
    wrong: "export interface Map { width: u32 }",
    right: "export interface GameMap { width: u32 }",
  }),
  SHM2042: error({
    message: (f: { name: string }) =>
      `'${f.name}' is a reserved word of TypeScript, so no type can have it as its name.`,
    hint: "write another name, beginning with a capital letter.",
    why: "The declaration becomes a class or a constant of that name.",
    wrong: "export interface symbol { width: u32 }",
    right: "export interface Token { width: u32 }",
  }),
  SHM2043: error({
    message: (f: { name: string; what: string }) => `'${f.name}' cannot be the name of ${f.what} in every target.`,
    hint: (f) =>
      f.name.startsWith("$") && f.what !== "a type"
        ? "names that begin with $ are the generated handles ($speed.add()); drop the $."
        : `write ${IDENTIFIER}.`,
    why: "The name is used in TypeScript, JavaScript and C. C has ASCII identifiers, of which 63 characters count.",
    wrong: "export interface Car { $speed: f32 }",
    right: "export interface Car { speed: f32 }",
  }),
  SHM2044: error({
    message: (f: { name: string; struct: string }) =>
      `'${f.name}' is also the name of the reader that is generated for '${f.struct}'.`,
    hint: "rename one of them.",
    why: "Each struct X has two classes: X with setters, and XReader without.",
    wrong: "export interface Car { speed: f32 }\nexport interface CarReader { speed: f32 }",
    right: "export interface Car { speed: f32 }\nexport interface CarConsumer { speed: f32 }",
  }),
  SHM2046: error({
    message: (f: { owner: string; kind: string; id: string }) =>
      `'${f.owner}' refers to the ${f.kind} '${f.id}', which this SchemaIr does not have.`,
    hint: "ids are written <file>#<name>; add the declaration or mend the id.",
    why: "Every reference of a SchemaIr has to lead to one of its declarations.",
    wrong: "",
    right: "",
  }),
  SHM2047: error({
    message: (f: { id: string; expected: string }) => `The declaration '${f.id}' has to have the id '${f.expected}'.`,
    hint: "write <file>#<name>, with the file relative to the project's root and forward slashes.",
    why: "Ids are made of file and name, so that the same schema always gives the same SchemaIr.",
    wrong: "",
    right: "",
  }),
  SHM2048: error({
    message: (f: { file: string }) => `'${f.file}' is not the path of a schema file relative to the project's root.`,
    hint: "write a relative path with forward slashes that ends in .shm.ts, without control characters.",
    why: "Output paths and comments are made from it.",
    wrong: "",
    right: "",
  }),
};
