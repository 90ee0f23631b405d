/**
 * Tables of what is done with each kind of type: where a new kind lacks its row, the table does not compile. Containers have a row in
 * what comes before lowering alone.
 */
import { type ContainerType, isNumber, type LoweredKind, type NumberType } from "@shmgen/schema/type-kinds";
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

type Formed<K extends Kind, Rest extends readonly unknown[], Result> = Handlers<
  Exclude<K, NumberType["kind"]>,
  Rest,
  Result
> & { readonly number: Handler<NumberType, Rest, Result> };

/** A row for every kind of a schema, but one for all kinds of numbers: where those are alike, a new one needs none. */
export type SourceHandlers<Rest extends readonly unknown[], Result> = Formed<Kind, Rest, Result>;
/** As {@link SourceHandlers}, of the kinds that are there after lowering. */
export type FormHandlers<Rest extends readonly unknown[], Result> = Formed<LoweredKind, Rest, Result>;

/** Asks the row of all numbers, or that of the type's own kind. */
export function bySource<Rest extends readonly unknown[], Result>(
  handlers: SourceHandlers<Rest, Result>,
  type: TypeIr,
  ...rest: Rest
): Result {
  if (isNumber(type)) return handlers.number(type, ...rest);
  return byKind<Exclude<TypeIr, NumberType>, Rest, Result>(handlers, type, ...rest);
}

/** As {@link bySource}, after lowering. */
export function byForm<Rest extends readonly unknown[], Result>(
  handlers: FormHandlers<Rest, Result>,
  type: TypeIr,
  ...rest: Rest
): Result {
  if (isNumber(type)) return handlers.number(type, ...rest);
  if (type.kind === "container") throw new Error(`the container ${type.container} was not lowered`);
  return byKind<Exclude<TypeIr, NumberType | ContainerType>, Rest, Result>(handlers, type, ...rest);
}
