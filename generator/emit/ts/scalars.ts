/** Scalars in JavaScript. */
import { SCALAR_SIZE } from "@shmgen/schema/scalar-sizes";
import type { ScalarName, TypeIr } from "../../ir/ir.js";
import type { LayoutModel } from "../../layout/layout.js";

/** The one package that generated code imports. */
export const RUNTIME = "@shmgen/runtime/codegen-v1";

/** Bytes of each scalar. */
export const SIZES: Readonly<Record<ScalarName, 1 | 2 | 4 | 8>> = SCALAR_SIZE;

/** DataView's name of each scalar: `getUint32`. */
export const DATA_VIEW: Readonly<Record<ScalarName, string>> = {
  i8: "Int8",
  u8: "Uint8",
  i16: "Int16",
  u16: "Uint16",
  i32: "Int32",
  u32: "Uint32",
  f32: "Float32",
  i64: "BigInt64",
  u64: "BigUint64",
  f64: "Float64",
};

/** The typed array of each scalar. */
export const ARRAY_CLASS: Readonly<Record<ScalarName, string>> = {
  i8: "Int8Array",
  u8: "Uint8Array",
  i16: "Int16Array",
  u16: "Uint16Array",
  i32: "Int32Array",
  u32: "Uint32Array",
  f32: "Float32Array",
  i64: "BigInt64Array",
  u64: "BigUint64Array",
  f64: "Float64Array",
};

/** The bits that a scalar-like type is kept in, and its value type. */
export function scalarOf(type: TypeIr, model: LayoutModel): ScalarName | undefined {
  return model.scalarOf(type);
}
