/**
 * Debug information as clang prints it in LLVM IR, `!7 = !DIBasicType(name: "int", size: 32)` -> nodes by number. Nothing is interpreted
 * here; what nobody asks for is skipped. @see https://llvm.org/docs/LangRef.html#specialized-metadata-nodes
 */

/** What stands behind the colon of an attribute: a reference, a text, or words as they are. */
export type Value = { readonly ref: number } | { readonly text: string } | { readonly words: string };

/** `!DIBasicType(...)` has a kind and attributes; `!{...}` has a list of references, null where one is absent. */
export interface Node {
  readonly id: number;
  readonly kind: string;
  readonly attributes: ReadonlyMap<string, Value>;
  readonly list: readonly (number | undefined)[];
}

/** The kinds that layouts are made of. */
const WANTED: ReadonlySet<string> = new Set([
  "DIBasicType",
  "DIDerivedType",
  "DICompositeType",
  "DISubroutineType",
  "DISubrange",
  "DIEnumerator",
  "DIFile",
  "DINamespace",
  "DICompileUnit",
]);

const LINE = /^!(\d+) = (?:distinct )?!(?:(DI\w+)\(|\{(.*)\}$)/;
/** `name: `, and what follows it: a quoted text, a reference, or anything up to the next comma outside of parentheses. */
const ATTRIBUTE = /(\w+): (?:"((?:[^"\\]|\\.)*)"|!(\d+)|((?:[^,()]|\([^()]*\))+))(?:, |\)$)/y;

/** Reads what clang printed. */
export function readDebugInfo(ir: string): ReadonlyMap<number, Node> {
  const nodes = new Map<number, Node>();
  for (const line of ir.split(/\r?\n/)) {
    const found = line.startsWith("!") ? LINE.exec(line) : null;
    if (found === null) continue;
    const [head, number, kind, list] = found;
    const id = Number(number);
    if (kind === undefined) nodes.set(id, { id, kind: "list", attributes: new Map(), list: references(list ?? "") });
    else if (WANTED.has(kind)) nodes.set(id, { id, kind, attributes: attributesOf(line, head.length), list: [] });
  }
  return nodes;
}

function references(list: string): (number | undefined)[] {
  return list === "" ? [] : list.split(", ").map((one) => (/^!\d+$/.test(one) ? Number(one.slice(1)) : undefined));
}

function attributesOf(line: string, start: number): Map<string, Value> {
  const attributes = new Map<string, Value>();
  ATTRIBUTE.lastIndex = start;
  for (let found = ATTRIBUTE.exec(line); found !== null; found = ATTRIBUTE.exec(line)) {
    const [, name = "", text, ref, words = ""] = found;
    attributes.set(
      name,
      text !== undefined ? { text: unescaped(text) } : ref !== undefined ? { ref: Number(ref) } : { words },
    );
  }
  return attributes;
}

/** LLVM writes bytes that it does not print, quotes and backslashes as `\` and two hexadecimal digits. */
function unescaped(text: string): string {
  if (!text.includes("\\")) return text;
  const bytes = Buffer.from(text.replaceAll("\\\\", "\\5C"), "utf8").toString("latin1");
  const plain = bytes.replaceAll(/\\([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(plain, "latin1").toString("utf8");
}

/** The attributes of one node, by what they are. */
export class Reader {
  readonly #nodes: ReadonlyMap<number, Node>;

  constructor(nodes: ReadonlyMap<number, Node>) {
    this.#nodes = nodes;
  }

  all(): Iterable<Node> {
    return this.#nodes.values();
  }

  node({ attributes }: Node, name: string): Node | undefined {
    const value = attributes.get(name);
    return value !== undefined && "ref" in value ? this.#nodes.get(value.ref) : undefined;
  }

  /** The nodes of a list, those of unwanted kinds left out. */
  nodes(node: Node, name: string): Node[] {
    return (this.node(node, name)?.list ?? []).flatMap((id) => (id === undefined ? [] : (this.#nodes.get(id) ?? [])));
  }

  text({ attributes }: Node, name: string): string | undefined {
    const value = attributes.get(name);
    return value !== undefined && "text" in value ? value.text : undefined;
  }

  words({ attributes }: Node, name: string): string {
    const value = attributes.get(name);
    return value !== undefined && "words" in value ? value.words : "";
  }

  number(node: Node, name: string): number {
    return Number(this.words(node, name) || 0);
  }

  hasFlag(node: Node, flag: string): boolean {
    return this.words(node, "flags").split(" | ").includes(flag);
  }
}
