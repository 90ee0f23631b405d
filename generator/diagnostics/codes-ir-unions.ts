/** SHM2080 to SHM2084: unions, and the fields that say which member holds. */
import { error } from "./code-row.js";

export const irUnionCodes = {
  SHM2080: error({
    message: (f: {
      field: string;
      struct: string;
      tag: string;
      problem: "missing" | "later" | "kind" | "none" | "inside";
    }) =>
      ({
        missing: `The tag of '${f.field}' is '${f.tag}', which is no field of '${f.struct}'.`,
        later: `The tag of '${f.field}' is '${f.tag}', which stands behind it.`,
        kind: `The tag of '${f.field}' is '${f.tag}', which is no integer, enum or bool.`,
        none: `Field '${f.field}' of '${f.struct}' has the tag '${f.tag}', but is no union.`,
        inside: `The tag of '${f.field}' is '${f.tag}', a member of the same union '${f.struct}'.`,
      })[f.problem],
    hint: (f) =>
      f.problem === "later"
        ? `move '${f.tag}' before '${f.field}', or place them with at<T, offset> and leave the tag out.`
        : "name an integer, enum or bool that stands before the union in the same struct; or leave the tag out, and all members are shown.",
    why: "Who reads the struct has read the tag before it comes to the union, and looks for it beside the union.",
    wrong:
      'export interface Event { kind: f32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
    right:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
  }),
  SHM2081: error({
    message: (f: { union: string; member: string; tag: string }) =>
      `Member '${f.member}' of the union '${f.union}' does not say with which value of '${f.tag}' it holds.`,
    hint: () => "write /** @case 1 */ before it; several values as @case 1, 2, members of an enum as @case Kind.Move.",
    why: "A union with a tag shows the one member that the tag names; without a case it would never be shown.",
    wrong:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  ratio: f32;\n}, "kind"> }',
    right:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
  }),
  SHM2082: error({
    message: (f: { union: string; member: string; first: string; value: number | string }) =>
      f.member === f.first
        ? `Member '${f.member}' of the union '${f.union}' has the case ${f.value} twice.`
        : `Members '${f.first}' and '${f.member}' of the union '${f.union}' both have the case ${f.value}.`,
    hint: (f) =>
      f.member === f.first
        ? "write it once."
        : "give each value of the tag to one member; a struct holds several fields together.",
    why: "With each value of the tag at most one member holds.",
    wrong:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 0, 1 */ ratio: f32;\n}, "kind"> }',
    right:
      'export interface Event { kind: u32; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 1 */ ratio: f32;\n}, "kind"> }',
  }),
  SHM2083: error({
    message: (f: { union: string; member: string; found: "a tail" | "reserved bytes" | "a container" }) =>
      `Member '${f.member}' of the union '${f.union}' is ${f.found}.`,
    hint: (f) =>
      f.found === "reserved bytes"
        ? "write bytes<N> where the union has to be as large as that."
        : "put it behind the union, or into a struct of its own.",
    why: "What lies over the same bytes is read by who knows which member holds; a tail has no end there, and a container's words have to be there always.",
    wrong: "export interface Event { data: union<{ count: u32; door: mutex }> }",
    right: "export interface Event { data: union<{ count: u32; ratio: f32 }>; door: mutex }",
  }),
  SHM2084: error({
    message: (f: { union: string; member: string; tag: string; value: number | string; type: string }) =>
      `Member '${f.member}' of the union '${f.union}' has the case ${f.value}, which '${f.tag}' can never be: it is ${f.type}.`,
    hint: "write a value that the tag can have, or a larger integer as the tag.",
    why: "A member with such a case would never be shown.",
    wrong:
      'export interface Event { kind: u8; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 256 */ ratio: f32;\n}, "kind"> }',
    right:
      'export interface Event { kind: u16; data: union<{\n  /** @case 0 */ count: u32;\n  /** @case 256 */ ratio: f32;\n}, "kind"> }',
  }),
};
