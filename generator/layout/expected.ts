/** What `expect<T, V>` says of memory, field by field, whatever struct or array a field lies in. */
import type { ExpectedValue, TypeIr } from "../ir/ir.js";
import type { LayoutModel, StructLayout } from "./layout.js";

/** A field with the values that it may hold. */
export interface Expectation {
  /** `"header[0].version"` */
  readonly path: string;
  /** Bytes from where the struct begins. */
  readonly offset: number;
  readonly type: TypeIr;
  readonly values: readonly ExpectedValue[];
}

/** Every `expect<..>` of a struct and of those inside it, in the order of the layout. */
export function* expectationsOf(
  struct: StructLayout,
  model: LayoutModel,
  offset = 0,
  prefix = "",
): Generator<Expectation> {
  for (const { name, type, offset: at, expect } of struct.fields) {
    yield* within(type, expect, model, offset + at, `${prefix}${name}`);
  }
}

function* within(
  type: TypeIr,
  values: readonly ExpectedValue[] | undefined,
  model: LayoutModel,
  offset: number,
  path: string,
): Generator<Expectation> {
  if (type.kind === "array") {
    // Look once, so that long arrays without an expect cost nothing.
    if (within(type.of, values, model, 0, "").next().done === true) return;
    const { stride } = model.metrics(type.of);
    for (let index = 0; index < type.length; index += 1) {
      yield* within(type.of, values, model, offset + index * stride, `${path}[${index}]`);
    }
  } else if (type.kind === "struct") {
    const nested = model.structs.get(type.struct);
    // Of a union nobody has said which member holds.
    if (nested !== undefined && !nested.union) yield* expectationsOf(nested, model, offset, `${path}.`);
  } else if (values !== undefined) yield { path, offset, type, values };
}
