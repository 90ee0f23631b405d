/** Types as they are written in a schema, for messages. */
import { typeText as textOf } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "./ir.js";

/** The name in `<file>#<name>`. */
function nameOfId(id: string): string {
  return id.slice(id.indexOf("#") + 1);
}

/** `"array<atomic<u32>, 5>"`. */
export function typeText(type: TypeIr): string {
  return textOf(type, (_, id) => nameOfId(id));
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
