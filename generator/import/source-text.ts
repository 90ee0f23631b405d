/**
 * The text of a header as people wrote it: its tokens and comments, which the compiler does not tell of. It is asked by line and name, and
 * answers with nothing where it does not find them, as in what a macro makes.
 */

export interface Token {
  readonly kind: "name" | "mark" | "other" | "comment" | "directive";
  readonly text: string;
  /** Lines from 1 on. */
  readonly line: number;
  readonly endLine: number;
  readonly offset: number;
}

const TOKEN =
  /\/\*[\s\S]*?(?:\*\/|$)|\/\/(?:\\\r?\n|[^\n])*|(?:[A-Za-z_]|[^\s!-~])(?:\w|[^\s!-~])*|(?:u8|[uUL])?R"([^\s()\\]{0,16})\([\s\S]*?\)\1"|(?:u8|[uUL])?"(?:\\[\s\S]|[^"\\\n])*"?|'(?:\\[\s\S]|[^'\\\n])*'?|\.?\d(?:[eEpP][+-]|['.\w])*|\S/g;
/** A directive up to a comment or the end of its last line. */
const DIRECTIVE = /#(?:\\\r?\n|"(?:\\.|[^"\\\n])*"|(?!\/[*/])[^\n])*/y;

/** Cuts text into tokens; never fails, whatever it is given. */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let line = 1;
  let counted = 0;
  const lineAt = (offset: number): number => {
    for (; counted < offset; counted += 1) if (text.charCodeAt(counted) === 10) line += 1;
    return line;
  };
  TOKEN.lastIndex = 0;
  for (let found = TOKEN.exec(text); found !== null; found = TOKEN.exec(text)) {
    let [one] = found;
    const offset = found.index;
    const startLine = lineAt(offset);
    let kind = kindOf(one);
    const last = tokens.at(-1);
    if (one === "#" && (last === undefined || last.endLine < startLine || last.kind === "comment")) {
      DIRECTIVE.lastIndex = offset;
      one = DIRECTIVE.exec(text)?.[0] ?? one;
      TOKEN.lastIndex = offset + one.length;
      kind = "directive";
    }
    tokens.push({ kind, text: one, line: startLine, endLine: lineAt(offset + one.length), offset });
  }
  return tokens;
}

function kindOf(text: string): Token["kind"] {
  if (text.startsWith("/*") || text.startsWith("//")) return "comment";
  if (/^["']|^(?:u8|[uUL])R?["']/.test(text) || /^\.?\d/.test(text)) return "other";
  return text.length > 1 || /\w/.test(text) || text > "~" ? "name" : "mark";
}

const TAG = /^(?:struct|union|class|enum)$/;

export class SourceText {
  readonly #tokens: readonly Token[];
  readonly #byLine = new Map<number, number[]>();

  constructor(text: string) {
    this.#tokens = tokensOf(text);
    for (const [at, { line, kind }] of this.#tokens.entries()) {
      if (kind !== "name") continue;
      const list = this.#byLine.get(line);
      if (list === undefined) this.#byLine.set(line, [at]);
      else list.push(at);
    }
  }

  tokens(): readonly Token[] {
    return this.#tokens;
  }

  /** Where a declaration stands, to put several of one line in order. */
  orderOf(line: number, name: string | undefined): number {
    const at = name === undefined ? undefined : this.#find(line, name);
    return at === undefined ? -1 : (this.#tokens[at]?.offset ?? -1);
  }

  /** The comment of a member, above it or behind it; undefined without one. */
  memberComment(line: number, name: string): string | undefined {
    const at = this.#find(line, name);
    return at === undefined ? undefined : this.#commentAt(at);
  }

  /** The comment of a struct, union or enum: above it, or behind its first brace or the name that a typedef gives it. */
  recordComment(line: number, name: string | undefined): string | undefined {
    const at = this.#recordAt(line, name);
    if (at === undefined) return undefined;
    const above = this.#above(this.#startOf(at));
    if (above !== undefined) return above;
    const open = this.#openingOf(at);
    return open === undefined ? undefined : this.#behind(open);
  }

  /** Comments of the members of an enum, by their names. */
  enumComments(line: number, name: string | undefined): Map<string, string> {
    const found = new Map<string, string>();
    const at = this.#recordAt(line, name);
    const open = at === undefined ? undefined : this.#openingOf(at);
    if (open === undefined) return found;
    for (let index = open; index < this.#tokens.length; index += 1) {
      const token = this.#tokens[index];
      if (token?.text === "}" && index > open) break;
      const before = this.#tokens[this.#before(index)];
      if (token?.kind !== "name" || before === undefined || !/^[{,]$|^#/.test(before.text)) continue;
      const comment = this.#commentAt(index);
      if (comment !== undefined) found.set(token.text, comment);
    }
    return found;
  }

  /** The comment of `#define NAME`. */
  macroComment(name: string): string | undefined {
    const at = this.#tokens.findIndex(
      ({ kind, text }) => kind === "directive" && /^#\s*define\s+(\w+)/.exec(text)?.[1] === name,
    );
    return at < 0 ? undefined : (this.#above(at) ?? this.#behind(at));
  }

  #find(line: number, name: string): number | undefined {
    return this.#byLine.get(line)?.find((at) => this.#tokens[at]?.text === name);
  }

  #recordAt(line: number, name: string | undefined): number | undefined {
    if (name !== undefined) return this.#find(line, name);
    return this.#byLine.get(line)?.find((at) => TAG.test(this.#tokens[at]?.text ?? ""));
  }

  /** The token before, comments left out; -1 before the first. */
  #before(at: number): number {
    let index = at - 1;
    while (this.#tokens[index]?.kind === "comment") index -= 1;
    return index;
  }

  /** The brace behind the name or the tag of a declaration. */
  #openingOf(at: number): number | undefined {
    for (let index = at; index < Math.min(at + 64, this.#tokens.length); index += 1) {
      const text = this.#tokens[index]?.text;
      if (text === "{") return index;
      if (text === ";" || text === "}") return undefined;
    }
    return undefined;
  }

  /** The first token of the declaration that a name stands in, or of its part behind a comma. */
  #startOf(at: number): number {
    let start = at;
    let depth = 0;
    for (let index = this.#before(at); index >= 0; index = this.#before(index)) {
      const { text, kind } = this.#tokens[index] as Token;
      // `#pragma pack` stands between a struct and its comment.
      if (kind === "directive" && !/^#\s*pragma\b/.test(text)) break;
      if (kind === "directive" && start !== at && depth > 0) continue;
      if (depth === 0 && (text === ";" || text === "{" || (text === ":" && this.#isAccess(index)))) break;
      if (depth === 0 && text === "}") {
        // A struct in place, of which this is the member: `struct { ... } name`; anything else has ended there.
        const next = this.#tokens[start] as Token;
        if (start !== at && next.text !== "*") break;
      }
      if (depth === 0 && text === ",") break;
      if (/^[})\]]$/.test(text)) depth += 1;
      if (/^[{([]$/.test(text)) {
        if (depth === 0) break;
        depth -= 1;
      }
      start = index;
    }
    return start;
  }

  #isAccess(at: number): boolean {
    return /^(?:public|private|protected)$/.test(this.#tokens[this.#before(at)]?.text ?? "");
  }

  #commentAt(at: number): string | undefined {
    const behind = this.#behindMember(at);
    const above = this.#above(this.#startOf(at));
    if (above !== undefined && behind !== undefined) return `${above}\n${behind}`;
    return above ?? behind;
  }

  /** Comments that end right above a token, or stand before it on its line; those behind what stood before are not its own. */
  #above(start: number): string | undefined {
    const last = this.#tokens[this.#before(start)];
    const own: Token[] = [];
    let line = this.#tokens[start]?.line ?? 0;
    for (let index = start - 1; this.#tokens[index]?.kind === "comment"; index -= 1) {
      const comment = this.#tokens[index] as Token;
      const isBehind =
        last !== undefined && comment.line === last.endLine && last.endLine < (this.#tokens[start]?.line ?? 0);
      if (isBehind || comment.endLine < line - 1 || /^\/(?:\*\*|\/\/|\*!|\/!)</.test(comment.text)) break;
      own.unshift(comment);
      line = comment.line;
    }
    return textOf(own);
  }

  /** Comments that begin on the line of a token, behind it. */
  #behind(at: number): string | undefined {
    const own: Token[] = [];
    let line = this.#tokens[at]?.endLine ?? 0;
    for (let index = at + 1; this.#tokens[index]?.kind === "comment"; index += 1) {
      const comment = this.#tokens[index] as Token;
      const goesOn = own.length > 0 && comment.line === line + 1 && this.#isBelow(comment, own.at(-1) as Token);
      if (comment.line !== line && !goesOn && !/^\/(?:\*\*|\/\/|\*!|\/!)</.test(comment.text)) break;
      own.push(comment);
      line = comment.endLine;
    }
    return textOf(own);
  }

  /** `// ...` right below another one that stands behind a member. */
  #isBelow(comment: Token, above: Token): boolean {
    return (
      comment.text.startsWith("//") && above.text.startsWith("//") && this.#column(comment) === this.#column(above)
    );
  }

  #column(token: Token): number {
    const index = this.#tokens.indexOf(token);
    const before = this.#tokens[index - 1];
    return before !== undefined && before.endLine === token.line ? -1 : token.offset;
  }

  #behindMember(at: number): string | undefined {
    let depth = 0;
    for (let index = at + 1; index < this.#tokens.length; index += 1) {
      const { text, kind } = this.#tokens[index] as Token;
      if (kind === "directive") return undefined;
      if (kind === "comment") {
        // `type name /* about it */;` and the last member of an enum, which has no comma.
        continue;
      }
      if (depth === 0 && (text === ";" || text === ",")) return this.#behindOrInside(at, index);
      if (depth === 0 && text === "}") return this.#behindOrInside(at, index - 1);
      if (/^[{([]$/.test(text)) depth += 1;
      if (/^[})\]]$/.test(text)) depth -= 1;
    }
    return undefined;
  }

  #behindOrInside(at: number, end: number): string | undefined {
    const inside = this.#tokens.slice(at + 1, end + 1).filter(({ kind }) => kind === "comment");
    const behind = this.#tokens[end]?.kind === "comment" ? undefined : this.#behind(end);
    const texts = [textOf(inside), behind].filter((text) => text !== undefined);
    return texts.length === 0 ? undefined : texts.join("\n");
  }
}

function textOf(comments: readonly Token[]): string | undefined {
  const text = comments
    .map(({ text: raw }) => commentText(raw))
    .filter((one) => one !== "")
    .join("\n");
  return text === "" ? undefined : text;
}

/** A comment without its marks, stars and rules. */
function commentText(raw: string): string {
  const isBlock = raw.startsWith("/*");
  const inner = isBlock ? raw.replace(/^\/\*+!?<?/, "").replace(/\*+\/$/, "") : raw.replace(/^\/\/+!?<?/, "");
  const lines = inner.split(/\r?\n/).map((line) => {
    const plain = (isBlock ? line.replace(/^\s*\*+(?!\/)\s?/, "") : line).trimEnd();
    return /^\s*[-=*#~_/]{4,}\s*$/.test(plain) ? "" : plain;
  });
  while (lines[0]?.trim() === "") lines.shift();
  while (lines.at(-1)?.trim() === "") lines.pop();
  const indents = lines
    .filter((line, at) => line.trim() !== "" && (at > 0 || lines.length === 1))
    .map((line) => /^\s*/.exec(line)?.[0].length ?? 0);
  const indent = Math.min(...indents, 80);
  return lines
    .map((line, at) => (at === 0 ? line.trimStart() : line.slice(Math.min(indent, /^\s*/.exec(line)?.[0].length ?? 0))))
    .join("\n")
    .trim();
}
