/** Questions that the compiler answers by its own evaluation: alignments and values of constants, read from the syntax tree. */
import type { ClangRun } from "./clang.js";

const NAME = "shmgen_probe_";

/** A text for clang, and what its parts ask for. Each question is a declaration of its own, so that a wrong one harms no other. */
export class Probe {
  readonly #lines: string[] = [];

  /** Asks for the value of a constant expression. @returns the number of the question */
  integer(expression: string): number {
    return this.#lines.push(`enum { ${NAME}${this.#lines.length} = (${expression}) };`) - 1;
  }

  /** Asks for the bytes of a string literal. */
  string(expression: string): number {
    return this.#lines.push(`const char ${NAME}${this.#lines.length}[] = ${expression};`) - 1;
  }

  text(include: string): string {
    return `${include}\n${this.#lines.join("\n")}\n`;
  }
}

export const PROBE_ARGUMENTS = ["-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang", `-ast-dump-filter=${NAME}`];

interface AstNode {
  readonly kind?: string;
  readonly name?: string;
  readonly value?: unknown;
  readonly inner?: readonly AstNode[];
}

export interface Answers {
  readonly integers: ReadonlyMap<number, bigint>;
  readonly strings: ReadonlyMap<number, Buffer>;
}

/** Reads the answers; questions that clang refused have none. */
export function readAnswers({ out }: ClangRun): Answers {
  const integers = new Map<number, bigint>();
  const strings = new Map<number, Buffer>();
  for (const node of astNodes(out)) {
    const index = Number(node.name?.slice(NAME.length));
    if (!Number.isInteger(index)) continue;
    const value = find(node, node.kind === "VarDecl" ? "StringLiteral" : "ConstantExpr");
    if (typeof value !== "string") continue;
    if (node.kind !== "VarDecl" && /^-?\d+$/.test(value)) integers.set(index, BigInt(value));
    const bytes = node.kind === "VarDecl" ? literalBytes(value) : undefined;
    if (bytes !== undefined) strings.set(index, bytes);
  }
  return { integers, strings };
}

/** clang prints one tree after the other. */
function* astNodes(out: string): Generator<AstNode> {
  let lines: string[] | undefined;
  for (const line of out.split(/\r?\n/)) {
    if (line === "{") lines = [];
    lines?.push(line);
    if (line !== "}" || lines === undefined) continue;
    yield JSON.parse(lines.join("\n")) as AstNode;
    lines = undefined;
  }
}

function find(node: AstNode, kind: string): unknown {
  if (node.kind === kind && node.value !== undefined) return node.value;
  for (const inner of node.inner ?? []) {
    const found = find(inner, kind);
    if (found !== undefined) return found;
  }
  return undefined;
}

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, a: 7, b: 8, f: 12, v: 11, "0": 0 };

/** The bytes of a literal as clang prints it, `"ab\211"`; undefined for a wide one. */
function literalBytes(literal: string): Buffer | undefined {
  const body = /^(?:u8)?"([\s\S]*)"$/.exec(literal)?.[1];
  if (body === undefined) return undefined;
  const parts = [...body.matchAll(/\\([0-7]{1,3})|\\x([0-9a-fA-F]{1,2})|\\(.)|[^\\]+/g)];
  return Buffer.concat(
    parts.map(([all, octal, hex, escape]) => {
      if (octal !== undefined) return Buffer.from([parseInt(octal, 8)]);
      if (hex !== undefined) return Buffer.from([parseInt(hex, 16)]);
      if (escape !== undefined) return Buffer.from([ESCAPES[escape] ?? escape.charCodeAt(0)]);
      return Buffer.from(all, "utf8");
    }),
  );
}
