/** Macros and constants whose value the compiler knows -> aliases of literals, for `expect<u32, MAGIC>`. */
import { globSource } from "@shmgen/schema/glob";
import { commentLines, jsdoc } from "./comments.js";
import type { CEnum, CRecord } from "./header-model.js";
import type { Preprocessed } from "./macros.js";
import type { TypeNames } from "./names.js";
import type { Answers, Probe } from "./probe.js";
import type { SourceText, Token } from "./source-text.js";
import { tokensOf } from "./source-text.js";

export interface Constant {
  readonly name: string;
  /** How it is written, to keep hexadecimal what is hexadecimal. */
  readonly body: string;
  readonly docs: string | undefined;
  /** Known without asking, of an enum. */
  readonly value: bigint | undefined;
  ask(probe: Probe): Question;
}

/** The number of a question to the compiler. */
interface Question {
  readonly integer?: number;
  readonly string?: number;
}

export interface ConstantOptions {
  readonly names: readonly string[];
  readonly only: readonly string[];
  readonly constants: readonly string[] | undefined;
  readonly language: "c" | "c++";
}

/** Constants of the headers that were asked for, in their order; those of a pattern where there is one. */
export function constantsOf(
  all: readonly (CRecord | CEnum)[],
  files: Preprocessed,
  source: (file: string) => SourceText | undefined,
  options: ConstantOptions,
): Constant[] {
  const patterns = options.constants ?? (options.names.length > 0 || options.only.length > 0 ? [] : ["*"]);
  const isWanted = new RegExp(`^(?:${patterns.map(globSource).join("|") || "(?!)"})$`, "u");
  const found = [
    ...all.flatMap((one) => ("tag" in one ? [] : enumConstants(one, files, source))),
    ...files.macros.flatMap(({ name, body, file }) => {
      const text = isExpression(body);
      const ask =
        text === undefined
          ? undefined
          : text === "string"
            ? (probe: Probe) => ({ string: probe.string(name) })
            : (probe: Probe) => ({ integer: probe.integer(name) });
      return ask === undefined ? [] : [{ name, body, docs: source(file)?.macroComment(name), value: undefined, ask }];
    }),
    ...(options.language === "c++"
      ? files.mainFiles.flatMap((file) => declaredConstants(source(file)?.tokens() ?? []))
      : []),
  ];
  return found.filter(({ name }) => !name.startsWith("_") && isWanted.test(name));
}

/** Members of an enum that has no name are constants. */
function enumConstants(
  one: CEnum,
  { mainFiles }: Preprocessed,
  source: (file: string) => SourceText | undefined,
): Constant[] {
  const { name, typedefs, place, members, scope } = one;
  if (name !== undefined || typedefs.length > 0 || scope === undefined || !mainFiles.includes(place.file)) return [];
  const comments = source(place.file)?.enumComments(place.line, undefined);
  return members.map((member) => ({
    name: member.name,
    body: "",
    docs: comments?.get(member.name),
    value: member.value,
    ask: () => ({}),
  }));
}

/** Whether the text of a macro may be one expression, which nothing behind it can be a part of; and of which kind. */
function isExpression(body: string): "integer" | "string" | undefined {
  if (body === "" || body.length > 4096) return undefined;
  const open: string[] = [];
  let hasString = false;
  for (const { text, kind } of tokensOf(body)) {
    if (/^[{};#\\@`]$/.test(text) || kind === "comment" || kind === "directive") return undefined;
    if (text.startsWith('"')) hasString = true;
    if (/^[([]$/.test(text)) open.push(text);
    if (/^[)\]]$/.test(text) && open.pop() !== (text === ")" ? "(" : "[")) return undefined;
  }
  return open.length > 0 ? undefined : hasString ? "string" : "integer";
}

/** `constexpr int kMagic = 77;`, in namespaces and classes as well. */
function declaredConstants(tokens: readonly Token[]): Constant[] {
  const code = tokens.filter(({ kind }) => kind !== "comment" && kind !== "directive");
  const scopes: (string | undefined)[] = [];
  const found: Constant[] = [];
  for (let at = 0; at < code.length; at += 1) {
    const text = code[at]?.text;
    if (text === "{") scopes.push(scopeName(code, at));
    if (text === "}") scopes.pop();
    if (text !== "constexpr" || scopes.includes(undefined)) continue;
    const end = code.findIndex((token, index) => index > at && /^[=;({]$/.test(token.text));
    const name = code[end - 1];
    if (code[end]?.text !== "=" || name?.kind !== "name") continue;
    const body = code[end + 1]?.text ?? "";
    const path = `::${[...scopes.filter((scope) => scope !== ""), name.text].join("::")}`;
    found.push({
      name: name.text,
      body,
      docs: undefined,
      value: undefined,
      ask: (probe) => ({ integer: probe.integer(path) }),
    });
  }
  return found;
}

/** The name of the namespace or class that a brace opens, "" for `extern "C"`; undefined for any other brace. */
function scopeName(code: readonly Token[], brace: number): string | undefined {
  for (let at = brace - 1; at >= 0 && at > brace - 32; at -= 1) {
    const text = code[at]?.text ?? "";
    if (/^[;{}()]$/.test(text)) return undefined;
    if (text === "extern") return "";
    if (!/^(?:namespace|struct|class)$/.test(text)) continue;
    const names = code.slice(at + 1, brace).map((token) => token.text);
    const end = names.findIndex((name) => name === ":" || name === "final");
    return names.slice(0, end < 0 ? names.length : end).join("");
  }
  return undefined;
}

/** The aliases, each with its comment. */
export function readConstants(
  asked: readonly { readonly constant: Constant; readonly question: Question }[],
  { integers, strings }: Answers,
  names: TypeNames,
): string[] {
  return asked.flatMap(({ constant, question: { integer, string } }) => {
    const value = constant.value ?? (integer === undefined ? undefined : integers.get(integer));
    const bytes = string === undefined ? undefined : strings.get(string);
    const text = value === undefined ? bytes && stringText(bytes) : integerText(value, constant.body);
    if (text === undefined) return [];
    const docs = constant.docs === undefined ? [] : commentLines(constant.docs);
    return [`${jsdoc(docs)}export type ${names.give(constant.name)} = ${text};\n`];
  });
}

function integerText(value: bigint, body: string): string {
  const isHex = /^[\s(]*(?:\([\w\s]+\)\s*)*0x/i.test(body) && value >= 0n;
  const isSafe = value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER);
  return `${isHex ? `0x${value.toString(16)}` : value}${isSafe ? "" : "n"}`;
}

/** A text as it is where it is one of ASCII; other bytes as `expect<bytes<N>, ...>` has them. */
function stringText(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  return /^[ -~]*$/.test(text) ? JSON.stringify(text) : JSON.stringify(bytes.toString("hex"));
}
