/** SHM2xxx: rules that a schema breaks, whoever wrote it: a schema file or a SchemaIr from JSON. */
import { error } from "./code-row.js";

export const irCodes = {
  SHM2003: error({
    message: (f: { cycle: string }) => `A struct cannot contain itself: ${f.cycle}.`,
    hint: "refer to the other one by its index: keep them in an array<T, N> and store a u32.",
    why: "Structs are nested by value, so one that contains itself would be infinitely long.",
    wrong: "export interface Node { value: u32; next: Node }",
    right: "export interface Node { value: u32; next: u32 }\nexport interface List { nodes: array<Node, 64> }",
  }),
};
