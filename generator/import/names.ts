/** Names of a header -> names that a schema can have, each once. */
import { WORDS } from "../frontend/vocabulary.js";
import { isMemberName, isTypeName } from "../ir/check-names.js";

const LENGTH_MAX = 63;

/** What C++ and other languages allow in names, and a schema does not. */
function plain(name: string): string {
  const text = name.replaceAll(/[^A-Za-z0-9_]+/g, "_").replace(/^(?=\d)/, "_");
  return text === "" ? "_" : text.slice(0, LENGTH_MAX);
}

/** `wanted`, or what is nearest to it that `isFree`. */
function firstFree(wanted: string, isFree: (name: string) => boolean): string {
  if (isFree(wanted)) return wanted;
  for (let count = 1; ; count += 1) {
    const ending = count === 1 ? "_" : `_${count}`;
    const name = wanted.slice(0, LENGTH_MAX - ending.length) + ending;
    if (isFree(name)) return name;
  }
}

/** Names of the declarations of one schema. */
export class TypeNames {
  readonly #taken = new Set<string>();
  readonly #prefixes: readonly string[];

  /** Names that begin with one of these lose it. */
  constructor(prefixes: readonly string[]) {
    this.#prefixes = prefixes;
  }

  /** A name of its own for a declaration; words of the language, keywords and globals get a `_` behind them. */
  give(wanted: string): string {
    const name = firstFree(plain(this.#stripped(wanted)), (one) => this.#isFree(one));
    this.#taken.add(name);
    return name;
  }

  #stripped(name: string): string {
    const prefix = this.#prefixes.find((one) => name.startsWith(one) && name.length > one.length);
    const rest = prefix === undefined ? name : name.slice(prefix.length);
    return /^[A-Za-z_]/.test(rest) ? rest : name;
  }

  /** Generated code has a `CarReader` for a `Car`. */
  #isFree(name: string): boolean {
    if (this.#taken.has(name) || this.#taken.has(`${name}Reader`) || WORDS.has(name)) return false;
    return isTypeName(name) && !(name.endsWith("Reader") && this.#taken.has(name.slice(0, -"Reader".length)));
  }
}

/** Names of the members of one declaration. */
export class MemberNames {
  readonly #taken = new Set<string>();

  give(wanted: string): string {
    const name = firstFree(plain(wanted), (one) => !this.#taken.has(one) && isMemberName(one));
    this.#taken.add(name);
    return name;
  }
}
