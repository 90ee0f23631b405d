/** Types as they are written in a schema, for messages. */
import type { TypeIr } from "./ir.js";

/** The name in `<file>#<name>`. */
export function nameOfId(id: string): string {
  return id.slice(id.indexOf("#") + 1);
}

/** `"array<atomic<u32>, 5>"`. */
export function typeText(type: TypeIr): string {
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "num":
      return `num<${type.of}>`;
    case "bool":
      return "bool";
    case "enum":
      return nameOfId(type.enum);
    case "flags":
      return `flags<${nameOfId(type.enum)}, ${type.repr}>`;
    case "bits":
      return nameOfId(type.bits);
    case "struct":
      return nameOfId(type.struct);
    case "utf8":
    case "bytes":
      return `${type.kind}<${type.size}>`;
    case "array":
      return `array<${typeText(type.of)}, ${type.length}>`;
    case "tail":
    case "atomic":
    case "relaxed":
      return `${type.kind}<${typeText(type.of)}>`;
    case "reserved":
      return type.of.kind === "bytes" ? `pad<${type.of.size}>` : `reserved<${typeText(type.of)}>`;
    case "endian":
      return `${type.order === "big" ? "be" : "le"}<${typeText(type.of)}>`;
  }
}

/** A type for the end of a sentence such as "not ...": `"a struct"`, `"an array"`, `"u64"`. */
export function typeNoun(type: TypeIr): string {
  switch (type.kind) {
    case "struct":
      return `the struct ${nameOfId(type.struct)}`;
    case "bits":
      return "bit fields";
    case "array":
      return "an array";
    case "enum":
      return `the enum ${nameOfId(type.enum)}`;
    default:
      return typeText(type);
  }
}
