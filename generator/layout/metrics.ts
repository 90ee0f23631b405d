/** Bytes of types: the part of the C ABI that needs no offsets. */
import type { BitsIr, EnumIr, ScalarName, TypeIr } from "../ir/ir.js";
import type { StructLayout, TypeMetrics } from "./layout.js";

/** Bytes of each scalar, which is also its alignment. */
export const SCALAR_SIZE: Readonly<Record<ScalarName, number>> = {
  i8: 1,
  u8: 1,
  i16: 2,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
};

const word = (size: number): TypeMetrics => ({ size, align: size, stride: size });
const WORDS: Readonly<Record<number, TypeMetrics>> = { 1: word(1), 2: word(2), 4: word(4), 8: word(8) };
const scalar = (name: ScalarName): TypeMetrics => WORDS[SCALAR_SIZE[name]] as TypeMetrics;

/** Where a type's names are looked up. */
export interface MetricsScope {
  readonly structs: ReadonlyMap<string, Pick<StructLayout, "size" | "align">>;
  readonly enums: ReadonlyMap<string, EnumIr>;
  readonly bits: ReadonlyMap<string, BitsIr>;
}

/**
 * Size, natural alignment and stride of a type. A size beyond 2^53 is rounded, but rounding keeps order, so that
 * comparing it with a smaller limit stays right.
 * @throws Error when a name is unknown: the IR was not checked.
 */
export function typeMetrics(type: TypeIr, scope: MetricsScope): TypeMetrics {
  switch (type.kind) {
    case "scalar":
      return scalar(type.scalar);
    case "num":
      return scalar(type.of);
    case "bool":
      return scalar("u8");
    case "enum":
      return scalar(known(scope.enums.get(type.enum), type.enum).repr);
    case "flags":
      return scalar(type.repr);
    case "bits":
      return scalar(known(scope.bits.get(type.bits), type.bits).repr);
    case "utf8":
    case "bytes":
      return { size: type.size, align: 1, stride: type.size };
    case "struct": {
      // The size of a struct is a multiple of its alignment, so elements of an array stand side by side.
      const { size, align } = known(scope.structs.get(type.struct), type.struct);
      return { size, align, stride: size };
    }
    case "array": {
      const { stride, align } = typeMetrics(type.of, scope);
      return { size: stride * type.length, align, stride: stride * type.length };
    }
    case "tail": {
      const { stride, align } = typeMetrics(type.of, scope);
      return { size: 0, align, stride };
    }
    case "atomic":
    case "relaxed":
    case "endian":
    case "reserved":
      return typeMetrics(type.of, scope);
  }
}

function known<T>(found: T | undefined, id: string): T {
  if (found === undefined) throw new Error(`layout of an unchecked IR: "${id}" is not declared`);
  return found;
}

/** True when somebody accesses the type with atomics: not for reserved bytes, whatever they are kept for. */
export function holdsAtomics(type: TypeIr, structs: ReadonlyMap<string, { readonly hasAtomics: boolean }>): boolean {
  for (const part of typeParts(type)) {
    if (part.kind === "reserved") return false;
    if (part.kind === "atomic" || part.kind === "relaxed") return true;
    if (part.kind === "struct" && structs.get(part.struct)?.hasAtomics === true) return true;
  }
  return false;
}

/** A type and what it is made of, from the outside inwards. A loop, because a type from elsewhere may nest deeply. */
export function* typeParts(type: TypeIr): Generator<TypeIr> {
  for (let part: TypeIr | undefined = type; part !== undefined;) {
    yield part;
    part = "of" in part && typeof part.of === "object" ? part.of : undefined;
  }
}
