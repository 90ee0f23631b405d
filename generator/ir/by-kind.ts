/** Tables with one row for each kind of type: where a new kind lacks its row, the table does not compile. */
import type { TypeIr } from "./ir.js";

type Kind = TypeIr["kind"];
/** The types of a kind. */
export type OfKind<K extends Kind> = Extract<TypeIr, { readonly kind: K }>;

/** A function for each kind, which is given the type and whatever else the table's rows need. */
export type Handlers<Rest extends readonly unknown[], Result, K extends Kind = Kind> = {
  readonly [Each in K]: (type: OfKind<Each>, ...rest: Rest) => Result;
};

/** Asks the row of a type's own kind. TypeScript cannot tell that they belong together. */
export function byKind<T extends TypeIr, Rest extends readonly unknown[], Result>(
  handlers: Handlers<Rest, Result, T["kind"]>,
  type: T,
  ...rest: Rest
): Result {
  const handler = handlers[type.kind as T["kind"]] as unknown as (type: T, ...rest: Rest) => Result;
  return handler(type, ...rest);
}
