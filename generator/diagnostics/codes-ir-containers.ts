/** SHM2060 to SHM2068: where containers may stand, and what they may hold. */
import { error } from "./code-row.js";

/** What the length of a container may be. */
function lengthText(most: number, powerOfTwo: boolean, multipleOf: number | undefined): string {
  if (multipleOf !== undefined) return `a number of bytes from ${multipleOf} to ${most}, a multiple of ${multipleOf}`;
  return `${powerOfTwo ? "a power of two " : ""}from 1 to ${most}`;
}

const REGION = "extends Region<{ type: 1; version: 1 }>";

export const irContainerCodes = {
  SHM2060: error({
    message: (f: { field: string; type: string; struct: string; root: string; why: "foreign" | "dotnet" }) =>
      f.why === "foreign"
        ? `Field '${f.field}' of '${f.struct}' is ${f.type}, but '${f.root}' is foreign memory, whose owner knows nothing of it.`
        : `Field '${f.field}' of '${f.struct}' is ${f.type}, but '${f.root}' has the dotnet header, whose other side knows nothing of it.`,
    hint: "keep it in a region of its own, with the standard header.",
    why: "A container is what all sides do with its words. A side that only writes bytes would break it.",
    wrong: "export interface Car extends Foreign { door: mutex }",
    right: `export interface Car ${REGION} { door: mutex }`,
  }),
  SHM2061: error({
    message: (f: { field: string; type: string; found: string; place: "tail" | "slot" }) =>
      `Field '${f.field}' is ${f.type}: ${f.found} cannot stand in a ${f.place}.`,
    hint: (f) =>
      f.place === "tail"
        ? "write array<T, N> with the most that there can be."
        : "keep it beside the pool; what a slot holds may have atomic<> fields.",
    why: "What a dead owner had in a container is looked for in all of them: a tail may grow meanwhile, and a slot be given to others.",
    wrong: `export interface Bank ${REGION} { doors: tail<mutex> }`,
    right: `export interface Bank ${REGION} { doors: array<mutex, 64> }`,
  }),
  SHM2062: error({
    message: (f: { field: string; type: string; through: string }) =>
      `Field '${f.field}' is ${f.type}, whose elements are copied, but ${f.through === "" ? "they are" : `${f.through} is`} shared.`,
    hint: (f) =>
      `drop atomic<>, relaxed<> or the container in what it holds: '${f.type}' keeps its elements whole by itself.`,
    why: "A copy of an atomic field is no atomic field, and the copy of a lock locks nothing.",
    wrong: `export interface Order { id: atomic<u32> }\nexport interface Floor ${REGION} { orders: ring<Order, 64> }`,
    right: `export interface Order { id: u32 }\nexport interface Floor ${REGION} { orders: ring<Order, 64> }`,
  }),
  SHM2063: error({
    message: (f: {
      field: string;
      type: string;
      length: number;
      most: number;
      powerOfTwo: boolean;
      multipleOf?: number | undefined;
    }) =>
      `Field '${f.field}' is ${f.type}, but its length is ${lengthText(f.most, f.powerOfTwo, f.multipleOf)}, not ${f.length}.`,
    hint: (f) => {
      const step = f.multipleOf ?? 1;
      if (step > 1 && f.length <= f.most) return `write ${Math.max(1, Math.ceil(f.length / step)) * step}.`;
      if (f.length < 1 || f.length > f.most) return `write a number from ${step} to ${f.most}.`;
      const above = 2 ** Math.ceil(Math.log2(f.length));
      return `write ${above / 2} or ${above}.`;
    },
    why: "Elements are counted modulo 2^32, and a slot is found by the low bits of the count. Bytes come in whole cache lines.",
    wrong: `export interface Floor ${REGION} { orders: ring<u32, 1000> }`,
    right: `export interface Floor ${REGION} { orders: ring<u32, 1024> }`,
  }),
  SHM2064: error({
    message: (f: { struct: string; found: number; most: number }) =>
      `'${f.struct}' has ${f.found} participants; it is 1 to ${f.most}.`,
    hint: "write how many threads of all processes use its containers at a time; without it, it is 63.",
    why: "A participant's number stands in 16 bits of a word, and its entry takes 64 bytes of the region.",
    wrong: "export interface Car extends Region<{ type: 1; version: 1; participants: 0 }> { door: mutex }",
    right: "export interface Car extends Region<{ type: 1; version: 1; participants: 255 }> { door: mutex }",
  }),
  SHM2065: error({
    message: (f: { struct: string }) => `'${f.struct}' has participants, but no container with owners.`,
    hint: "remove participants, or add a container that has owners: every one but event.",
    why: "Words that would be accepted and then ignored are refused.",
    wrong: "export interface Car extends Region<{ type: 1; version: 1; participants: 255 }> { speed: f32 }",
    right: `export interface Car ${REGION} { speed: f32 }`,
  }),
  SHM2066: error({
    message: (f: { field: string; container: string; problem: string }) =>
      `Field '${f.field}' is a container '${f.container}', ${f.problem}.`,
    hint: "write the IR as shmgen does: `key`, `of` and `length` where the container takes them, and only there.",
    why: "Only a SchemaIr from JSON can say this; schemas are read by the table of containers.",
    wrong: "",
    right: "",
  }),
  SHM2067: error({
    message: (f: { field: string; type: string; found: string }) =>
      `Field '${f.field}' is ${f.type}, whose keys would be ${f.found}; they are integers, enums, utf8<N> or bytes<N>.`,
    hint: "use one of these as the key; several values make one as bytes<N>, or as utf8<N> with a separator.",
    why: "Keys are found by their bytes: floats have two zeros and many NaN, and structs have padding that nobody writes.",
    wrong: `export interface Floor ${REGION} { sessions: map<f64, u32, 100> }`,
    right: `export interface Floor ${REGION} { sessions: map<u64, u32, 100> }`,
  }),
  SHM2068: error({
    message: (f: { field: string; type: string; most: number }) =>
      `Field '${f.field}' has keys of ${f.type}; texts and bytes that are keys have 1 to ${f.most} bytes.`,
    hint: (f) => `write a number from 1 to ${f.most}, or use a hash of what is longer as the key.`,
    why: "A key is hashed and compared whenever somebody looks for it.",
    wrong: `export interface Floor ${REGION} { sessions: map<utf8<4096>, u32, 100> }`,
    right: `export interface Floor ${REGION} { sessions: map<utf8<255>, u32, 100> }`,
  }),
};
