/**
 * What a container is: words with a meaning of their own, and elements behind them. One record for each container, in a file of its own;
 * `table.ts` lists them.
 *
 * In: the type and the length that a schema names. Out: the fields of the struct that the container is in memory. The generator lowers
 * the word to that struct (generator/lower), and everything after it sees a struct with a role; the runtime takes the places of the
 * words from `at`. Pure; compiled into both packages.
 */
import type { TypeIr } from "../type-kinds.js";

/** A word of a container: an unsigned number that is only ever accessed with atomic instructions. */
export interface ContainerWord {
  readonly size: 4 | 8;
  /** Bytes, where it is more than the size: 64 begins a cache line. */
  readonly align?: number;
  readonly docs: string;
}

/** A field of the struct that a container is lowered to. */
export interface ContainerField {
  readonly name: string;
  readonly type: TypeIr;
  /** Bytes, where it is more than that of the type. */
  readonly align?: number;
  readonly docs: string;
}

/** What a schema gives a container: `ring<of, length>`, `map<key, of, length>`. */
export interface ContainerArguments {
  readonly key?: TypeIr | undefined;
  readonly of?: TypeIr | undefined;
  readonly length?: number | undefined;
}

/** A struct inside of a container: declares it, and gives the type that names it. */
export type DeclarePart = (part: string, fields: readonly ContainerField[]) => TypeIr;

/** What is said of a container. */
interface Description<W extends string> {
  /** As schemas say it: `"ring"`. */
  readonly word: string;
  readonly takes: "nothing" | "length" | "type" | "type and length" | "key, type and length";
  /** The runtime's class, where that is not the word with a capital letter: a name that programs have otherwise. */
  readonly class?: string;
  /** Whether its words hold numbers of participants, which a region then has a table of. */
  readonly owned: boolean;
  /** Whether its elements may be of what is accessed with atomic instructions: they are used in place, and never copied. */
  readonly elementsAreShared?: boolean;
  /** Of the length; absent without one. */
  readonly length?: { readonly most: number; readonly powerOfTwo: boolean; readonly multipleOf?: number };
  /** In the order in which they lie. */
  readonly words: Readonly<Record<W, ContainerWord>>;
  /** What follows the words. */
  elements?(given: ContainerArguments, declare: DeclarePart): readonly ContainerField[];
}

/** A container, with the places of its words. */
export interface ContainerKind<W extends string = string> extends Description<W> {
  /** As people write it: `"ring<T, N>"`. */
  readonly form: string;
  /** Bytes from the start of the container. */
  readonly at: Readonly<Record<W, number>>;
}

const FORMS = {
  nothing: "",
  length: "<N>",
  type: "<T>",
  "type and length": "<T, N>",
  "key, type and length": "<K, V, N>",
} as const;

/** Completes a description. */
export function container<W extends string>(description: Description<W>): ContainerKind<W> {
  let end = 0;
  const at = {} as Record<W, number>;
  for (const [name, { size, align = size }] of Object.entries<ContainerWord>(description.words)) {
    const offset = Math.ceil(end / align) * align;
    at[name as W] = offset;
    end = offset + size;
  }
  return { ...description, form: `${description.word}${FORMS[description.takes]}`, at };
}

/** All fields of a container. */
export function fieldsOf(kind: ContainerKind, given: ContainerArguments, declare: DeclarePart): ContainerField[] {
  const words = Object.entries(kind.words).map(([name, { size, align, docs }]): ContainerField => {
    const type: TypeIr = { kind: "atomic", of: { kind: "scalar", scalar: size === 4 ? "u32" : "u64" } };
    return align === undefined ? { name, type, docs } : { name, type, align, docs };
  });
  return [...words, ...(kind.elements?.(given, declare) ?? [])];
}

/** The type of the keys of a container that has some. */
export function keyOf({ key }: ContainerArguments): TypeIr {
  if (key === undefined) throw new Error("a container without its keys");
  return key;
}

/** The type argument of a container that takes one. */
export function typeOf({ of }: ContainerArguments): TypeIr {
  if (of === undefined) throw new Error("a container without its type");
  return of;
}

/** The length of a container that takes one. */
export function lengthOf({ length }: ContainerArguments): number {
  if (length === undefined) throw new Error("a container without its length");
  return length;
}
