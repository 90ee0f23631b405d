import type { TypeIr } from "../ir/ir.js";
import type { LayoutModel } from "./layout.js";

/** What of a model names declarations. */
type Declarations = Pick<LayoutModel, "structs" | "enums" | "bits">;

/** A type as one would write it in a schema: `"array<atomic<u32>, 5>"`. */
export function typeText(type: TypeIr, model: Declarations): string {
  const name = (of: { readonly name: string } | undefined, id: string): string => of?.name ?? id;
  switch (type.kind) {
    case "scalar":
      return type.scalar;
    case "num":
      return `num<${type.of}>`;
    case "bool":
      return "bool";
    case "enum":
      return name(model.enums.get(type.enum), type.enum);
    case "flags":
      return `flags<${name(model.enums.get(type.enum), type.enum)}, ${type.repr}>`;
    case "bits":
      return name(model.bits.get(type.bits), type.bits);
    case "struct":
      return name(model.structs.get(type.struct), type.struct);
    case "utf8":
    case "bytes":
      return `${type.kind}<${type.size}>`;
    case "array":
      return `array<${typeText(type.of, model)}, ${type.length}>`;
    case "tail":
    case "atomic":
    case "relaxed":
      return `${type.kind}<${typeText(type.of, model)}>`;
    case "endian":
      return `${type.order === "big" ? "be" : "le"}<${typeText(type.of, model)}>`;
  }
}
