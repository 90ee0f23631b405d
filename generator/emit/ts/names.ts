/** Identifiers of the TypeScript and JavaScript targets: what may be one, and who gets which when two want the same. */
import type { ModuleForm } from "../common/options.js";
import { filledLines } from "./filled-lines.js";

/** What TypeScript accepts as an identifier. Nothing else ever reaches a template as a name. */
const IDENTIFIER = /^[\p{ID_Start}_$][\p{ID_Continue}$\u200c\u200d]*$/u;

/** Names of classes and constants that would not parse, or would not be what they seem. */
const RESERVED = new Set(
  (
    "arguments await break case catch class const continue debugger default delete do else enum eval export extends " +
    "false finally for function if implements import in instanceof interface let new null package private protected " +
    "public return static super switch this throw true try typeof undefined var void while with yield " +
    "any bigint boolean never number object string symbol type unknown as infer keyof readonly unique " +
    "NaN Infinity globalThis"
  ).split(" "),
);

/** Globals that generated code uses; a declaration of this name would hide them. */
const GLOBALS = new Set(
  (
    "Atomics DataView Promise " +
    "Int8Array Uint8Array Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array " +
    "Float32Array Float64Array"
  ).split(" "),
);

/** Members that every JavaScript object or class has already. */
const OBJECT_MEMBERS = new Set(["__proto__", "constructor", "prototype"]);

/** Why `name` cannot be the name of a generated class or constant; undefined when it can. */
function declarationProblem(name: string): string | undefined {
  if (!IDENTIFIER.test(name)) return "it is not an identifier";
  if (RESERVED.has(name)) return "it is a word of the language";
  if (GLOBALS.has(name)) return `generated code uses the global ${name}`;
  return OBJECT_MEMBERS.has(name) ? "every object or class has a member of that name" : undefined;
}

/** Parameters of generated functions that name the declaration of that kind, which they would hide. */
const PARAMETERS: Readonly<Record<"class" | "enum", readonly string[]>> = {
  class: ["memory", "offset"],
  enum: ["value"],
};

/** Parameters of the function that Node makes of a CommonJS module. */
const COMMON_JS = new Set(["exports", "require", "module", "__filename", "__dirname"]);

/** As {@link declarationProblem}, with what concerns classes, the constants of enums or one form of modules alone. */
export function problemOf(kind: "class" | "enum", name: string, form: ModuleForm): string | undefined {
  if (form === "commonjs" && COMMON_JS.has(name)) return "a CommonJS module has a variable of that name";
  if (PARAMETERS[kind].includes(name)) return "generated functions have a parameter of that name";
  if (kind === "class" && name === "then") return "import() takes a module that exports a function then for a promise";
  return declarationProblem(name);
}

/** Why `name` cannot be the name of a field or of an enum's member; undefined when it can. */
export function memberProblem(of: "field" | "member", name: string): string | undefined {
  if (of === "field" && name === "toJSON")
    return "every accessor has a method of that name, which JSON.stringify() calls";
  if (!IDENTIFIER.test(name)) return "it is not an identifier";
  if (name.startsWith("$")) return "names that begin with $ are those of field handles";
  return OBJECT_MEMBERS.has(name) ? "every object or class has a member of that name" : undefined;
}

interface Import {
  readonly local: string;
  value: boolean;
  declared: boolean;
}

/** What an import statement shows. */
export interface ImportModel {
  readonly from: string;
  /** Lines of `name` or `name as local`, with `type ` in front where only types need it. */
  readonly lines: readonly string[];
  /** Whether the statement takes one line. */
  readonly short: boolean;
}

/**
 * The names of one generated module: the user's own first, then those imported, with an underscore appended until they
 * clash with nothing. Asking for a name is what imports it.
 */
export class ModuleNames {
  readonly #taken: Set<string>;
  readonly #imports = new Map<string, Map<string, Import>>();
  readonly #parameters = new Map<string, string>();

  constructor(own: readonly string[]) {
    this.#taken = new Set([...own, ...GLOBALS]);
  }
  /** A name for something of the module's own that is not exported. */
  claim(preferred: string): string {
    let name = preferred;
    while (this.#taken.has(name)) name += "_";
    this.#taken.add(name);
    return name;
  }
  /** A name for a parameter, which hides nothing of the module. The same each time. */
  parameter(preferred: string): string {
    let name = this.#parameters.get(preferred);
    if (name === undefined) this.#parameters.set(preferred, (name = this.claim(preferred)));
    return name;
  }
  /** The local name of an import that is used at run time. `declared`: in a signature, too. */
  value(from: string, name: string, declared = false): string {
    const found = this.#import(from, name);
    found.value = true;
    found.declared ||= declared;
    return found.local;
  }
  /** The local name of an import that stands in a signature. */
  type(from: string, name: string): string {
    const found = this.#import(from, name);
    found.declared = true;
    return found.local;
  }
  /** Import statements of a module in `mode`, sorted by specifier and name. `as` stands before local names. */
  imports(mode: "ts" | "js" | "dts", as: " as " | ": " = " as "): ImportModel[] {
    const statements = [...this.#imports].flatMap(([from, imported]): ImportModel[] => {
      const names = [...imported]
        .filter(([, { value, declared }]) => mode === "ts" || (mode === "js" ? value : declared))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, { local, value }]) => {
          const type = mode !== "js" && !value ? "type " : "";
          return `${type}${name === local ? name : `${name}${as}${local}`}`;
        });
      if (names.length === 0) return [];
      const lines = filledLines(names, ", ");
      return [{ from, lines, short: lines.length === 1 && lines.join().length + from.length < 100 }];
    });
    return statements.sort((a, b) => (a.from < b.from ? -1 : 1));
  }

  #import(from: string, name: string): Import {
    let names = this.#imports.get(from);
    if (names === undefined) this.#imports.set(from, (names = new Map<string, Import>()));
    let found = names.get(name);
    if (found === undefined) names.set(name, (found = { local: this.claim(name), value: false, declared: false }));
    return found;
  }
}
