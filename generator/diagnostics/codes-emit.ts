/** SHM4xxx: what a target cannot express. */
import { error } from "./code-row.js";

export const emitCodes = {
  SHM4001: error({
    message: (f: { name: string; problem: string }) =>
      `${JSON.stringify(f.name)} cannot be the name of a generated class or constant: ${f.problem}.`,
    hint: "choose another name.",
    why: "Each declaration becomes an export of a JavaScript module, under its own name.",
    wrong: "export interface prototype { count: u32 }",
    right: "export interface Prototype { count: u32 }",
  }),
  SHM4002: error({
    message: (f: { name: string; first: string; second: string }) =>
      `'${f.name}' would be generated twice, for '${f.first}' and for '${f.second}'.`,
    hint: "rename one of them: each struct X also gets a class XReader, for memory that is only read.",
    why: "A module exports each name once, and every struct and bits type gives two classes, X and XReader.",
    wrong: "export type Lamps = bits<{ low: 1; high: 1 }, u8>;\nexport interface LampsReader { lamps: Lamps }",
    right: "export type Lamps = bits<{ low: 1; high: 1 }, u8>;\nexport interface LampsSensor { lamps: Lamps }",
  }),
  SHM4003: error({
    message: (f: { owner: string; name: string; problem: string }) =>
      `${JSON.stringify(f.name)} cannot be a member of '${f.owner}': ${f.problem}.`,
    hint: "choose another name.",
    why: "Fields become properties of a class and members of an enum properties of a constant, beside those that every object has.",
    wrong: "export interface Part { prototype: u32 }",
    right: "export interface Part { firstModel: u32 }",
  }),
  SHM4004: error({
    message: (f: { target: string; template: string; problem: string }) =>
      `Target '${f.target}': template '${f.template}' does not compile: ${f.problem}`,
    hint: "mend the template; its helpers are if, unless, each, with, lookup and those of the documentation of custom targets.",
    why: "A target of your own is a folder of handlebars templates. They are compiled with the helpers of shmgen and no others.",
    wrong: "",
    right: "",
  }),
  SHM4005: error({
    message: (f: { target: string; template: string; file: string; problem: string }) =>
      `Target '${f.target}': template '${f.template}' failed on '${f.file}': ${f.problem}`,
    hint: "the model of the schema file has no such name; its names are those of the documentation of custom targets.",
    why: "Templates are strict: a name that the model does not have is an error, so that a misspelling cannot pass as an empty text.",
    wrong: "",
    right: "",
  }),
  SHM4006: error({
    message: (f: { target: string; dir: string }) => `Target '${f.target}': there is no module.hbs in '${f.dir}'.`,
    hint: "add module.hbs; it is rendered once for each schema file. Partials go into the folder partials/.",
    why: "A target of your own is a folder of handlebars templates, of which module.hbs is the first.",
    wrong: "",
    right: "",
  }),
  SHM4007: error({
    message: (f: { file: string; problem: string }) =>
      `No module can import the one generated from ${JSON.stringify(f.file)}: ${f.problem}.`,
    hint: "rename the file.",
    why: "Generated modules import each other by relative paths, which Node reads as URLs and TypeScript as file names; a name in which the two differ cannot be written.",
    wrong: "",
    right: "",
  }),
  SHM4010: error({
    message: (f: { file: string; output: string }) =>
      `'${f.file}' lies outside of this project, and its accessors would be written there, to '${f.output}'.`,
    hint: 'if it is yours, list it in `files` of the config; else have all output written into this project: out: "generated".',
    why: "Code that is generated for an import is written beside the schema, like all other. That is right in a repository or workspace, whose packages belong together (without one: in the folder that this project lies in), and wrong in folders of others and in node_modules, where nobody expects new files and an installation removes them.",
    wrong: "",
    right: "",
  }),
  SHM4101: error({
    message: (f: { file: string; other: string }) =>
      `Schema files '${f.file}' and '${f.other}' use each other's structs, and C headers cannot include each other.`,
    hint: "move what both of them use into a third schema file, or leave out the target c.",
    why: "C reads a header from top to bottom, so a struct has to stand before its users; two files can do that one way only.",
    wrong: "",
    right: "",
  }),
  SHM4102: error({
    message: (f: { name: string; file: string; first: string; other: string; identifier: string }) =>
      `In C, '${f.name}' of '${f.file}' and '${f.first}' of '${f.other}' would both be called '${f.identifier}'.`,
    hint: "rename one of the two, or leave out the target c.",
    why: "TypeScript modules have names of their own; C headers that meet share one namespace, in which names that C has taken get a trailing underscore.",
    wrong: "export interface index { a: u8 }\nexport interface index_ { b: u8 }",
    right: "export interface Index { a: u8 }\nexport interface index_ { b: u8 }",
  }),
  SHM4103: error({
    message: (f: { file: string; problem: string }) =>
      `C cannot include the header generated from ${JSON.stringify(f.file)}: its path has ${f.problem}.`,
    hint: "rename the file or folder, or leave out the target c.",
    why: "#include takes the path between two quotes as it is: nothing in it can be escaped.",
    wrong: "",
    right: "",
  }),
};
