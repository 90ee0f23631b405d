/** Tables of what is done with each kind of type: where a new kind lacks its row, the table does not compile. */
import { isNumber, type NumberType } from "@shmgen/schema/type-kinds";
import type { TypeIr } from "./ir.js";

type Kind = TypeIr["kind"];
/** The types of a kind. */
export type OfKind<K extends Kind> = Extract<TypeIr, { readonly kind: K }>;

type Handler<T extends TypeIr, Rest extends readonly unknown[], Result> = (type: T, ...rest: Rest) => Result;

/** A row for each of these kinds, which is given the type and whatever else the table's rows need. */
export type Handlers<K extends Kind, Rest extends readonly unknown[], Result> = {
  readonly [Each in K]: Handler<OfKind<Each>, Rest, Result>;
};

/** Asks the row of a type's own kind. TypeScript cannot tell that they belong together. */
export function byKind<T extends TypeIr, Rest extends readonly unknown[], Result>(
  handlers: Handlers<T["kind"], Rest, Result>,
  type: T,
  ...rest: Rest
): Result {
  const handler = handlers[type.kind as T["kind"]] as unknown as Handler<T, Rest, Result>;
  return handler(type, ...rest);
}

/** A row for every kind, but one for all kinds of numbers: where those are alike, a new one needs none. */
export type FormHandlers<Rest extends readonly unknown[], Result> = Handlers<
  Exclude<Kind, NumberType["kind"]>,
  Rest,
  Result
> & { readonly number: Handler<NumberType, Rest, Result> };

/** Asks the row of all numbers, or that of the type's own kind. */
export function byForm<Rest extends readonly unknown[], Result>(
  handlers: FormHandlers<Rest, Result>,
  type: TypeIr,
  ...rest: Rest
): Result {
  if (isNumber(type)) return handlers.number(type, ...rest);
  return byKind<Exclude<TypeIr, NumberType>, Rest, Result>(handlers, type, ...rest);
}
