/** Random headers of C: what people write of structs, and what they should not. Names are unique, so that several go into one program. */
import type { Random } from "../run/random.js";

export interface RandomHeader {
  readonly text: string;
  /** Structs by the names that a schema gives them, with the types that they are in C. */
  readonly types: ReadonlyMap<string, string>;
}

const SCALARS = [
  "char",
  "signed char",
  "unsigned char",
  "short",
  "unsigned short",
  "int",
  "unsigned",
  "long",
  "unsigned long",
  "long long",
  "unsigned long long",
  "float",
  "double",
  "_Bool",
  "uint8_t",
  "uint16_t",
  "int32_t",
  "uint64_t",
  "size_t",
  "wchar_t",
] as const;
const BIT_TYPES = [
  "unsigned",
  "int",
  "unsigned char",
  "unsigned short",
  "long long",
  "unsigned long long",
  "_Bool",
] as const;
const COMMENTS = [
  "/* what it is */",
  "/** of `T` @repr u8 */",
  "// until the end * / of the line, and */ no further",
  "/* several\n   * lines\n   */",
] as const;

/** What a target has; 128-bit integers are for 64 bits, and none of Windows'. */
export interface HeaderOptions {
  readonly prefix: string;
  readonly no128?: boolean;
}

export function randomHeader(random: Random, { prefix, no128 = false }: HeaderOptions): RandomHeader {
  return new HeaderWriter(random, prefix, no128).write();
}

class HeaderWriter {
  readonly #random: Random;
  readonly #prefix: string;
  readonly #no128: boolean;
  readonly #types = new Map<string, string>();
  readonly #records: string[] = [];
  readonly #enums: string[] = [];
  #count = 0;

  constructor(random: Random, prefix: string, no128: boolean) {
    this.#random = random;
    this.#prefix = prefix;
    this.#no128 = no128;
  }

  write(): RandomHeader {
    const random = this.#random;
    const parts = ["#include <stddef.h>\n#include <stdint.h>\n"];
    for (let count = random.integer(0, 2); count > 0; count -= 1) parts.push(this.#enum());
    for (let count = random.integer(1, 5); count > 0; count -= 1) parts.push(this.#record());
    return { text: parts.join("\n"), types: this.#types };
  }

  #name(kind: string): string {
    this.#count += 1;
    return `${this.#prefix}${kind}${this.#count}`;
  }

  #comment(): string {
    return this.#random.chance(0.2) ? `${this.#random.pick(COMMENTS)}\n` : "";
  }

  #enum(): string {
    const random = this.#random;
    const name = this.#name("E");
    const low = random.chance(0.3) ? -random.integer(1, 1000) : 0;
    const members = Array.from({ length: random.integer(1, 4) }, () =>
      random.chance(0.4) ? `${this.#name("M")} = ${random.integer(low, 5)}` : this.#name("M"),
    );
    this.#enums.push(`enum ${name}`);
    return `${this.#comment()}enum ${name} { ${members.join(", ")} };\n`;
  }

  #record(): string {
    const random = this.#random;
    const name = this.#name("S");
    const isTypedef = random.chance(0.4);
    const type = isTypedef ? name : `struct ${name}`;
    const pack = random.chance(0.25) ? random.pick([1, 2, 4, 8]) : undefined;
    const attributes = [
      ...(random.chance(0.12) ? ["packed"] : []),
      ...(random.chance(0.12) ? [`aligned(${random.pick([2, 4, 8, 16, 32])})`] : []),
    ];
    const attribute = attributes.length === 0 ? "" : ` __attribute__((${attributes.join(", ")}))`;
    this.#types.set(name, type);
    const body = this.#members(name, type, random.integer(1, 8), 2);
    const isFlexible = random.chance(0.1);
    if (isFlexible) body.push(`${random.pick(["char", "uint32_t", "double"])} ${this.#name("t")}[];`);
    const text = `{\n${body.map((line) => `  ${line}`).join("\n")}\n}`;
    const whole = isTypedef ? `typedef struct${attribute} ${text} ${name};` : `struct${attribute} ${name} ${text};`;
    // A struct with a flexible array lies in no other.
    if (!isFlexible) this.#records.push(type);
    const packed = pack === undefined ? whole : `#pragma pack(push, ${pack})\n${whole}\n#pragma pack(pop)`;
    return `${this.#comment()}${packed}\n`;
  }

  /** Members of a record; `owner` is what a schema calls it, "" where its members become those of the one around it. */
  #members(owner: string, type: string, count: number, depth: number): string[] {
    const random = this.#random;
    const lines: string[] = [];
    for (let index = 0; index < count; index += 1) {
      const comment = this.#comment();
      const kind = random.integer(0, 19);
      if (kind < 6) lines.push(comment + this.#bits());
      else if (kind < 8 && depth > 0) lines.push(comment + this.#nested(owner, type, depth));
      else lines.push(comment + this.#plain());
    }
    return lines;
  }

  #bits(): string {
    const random = this.#random;
    return Array.from({ length: random.integer(1, 4) }, () => {
      const type = random.pick(BIT_TYPES);
      if (random.chance(0.1))
        return `${type} : ${random.chance(0.5) ? 0 : random.integer(1, type === "_Bool" ? 1 : 7)};`;
      const max = { _Bool: 1, "unsigned char": 8, "unsigned short": 16, int: 32, unsigned: 32 }[type as string] ?? 53;
      return `${type} ${this.#name("b")} : ${random.chance(0.7) ? random.integer(1, Math.min(max, 9)) : random.integer(1, max)};`;
    }).join(" ");
  }

  #plain(): string {
    const random = this.#random;
    const name = this.#name("m");
    const array = random.chance(0.35)
      ? `[${random.integer(1, 5)}]${random.chance(0.3) ? `[${random.integer(1, 3)}]` : ""}`
      : "";
    const aligned = random.chance(0.08) ? ` __attribute__((aligned(${random.pick([2, 4, 8, 16])})))` : "";
    const kind = random.integer(0, 19);
    if (kind === 0) return `void (*${name})(int);`;
    if (kind === 1) return `const struct ${this.#prefix}elsewhere *${name}${array};`;
    if (kind === 2) return `long double ${name}${array};`;
    if (kind === 3 && !this.#no128) return `unsigned __int128 ${name};`;
    if (kind === 4) return `_Atomic ${random.pick(["int", "unsigned char", "long long"])} ${name};`;
    if (kind < 7 && this.#records.length > 0) return `${random.pick(this.#records)} ${name}${array}${aligned};`;
    if (kind < 9 && this.#enums.length > 0) return `${random.pick(this.#enums)} ${name}${array};`;
    return `${random.pick(SCALARS)} ${name}${array}${aligned};`;
  }

  #nested(owner: string, type: string, depth: number): string {
    const random = this.#random;
    const name = this.#name("n");
    const isUnion = random.chance(0.5);
    const isUnnamed = random.chance(0.5);
    const array = !isUnnamed && random.chance(0.4) ? `[${random.integer(1, 3)}]` : "";
    const inner = isUnnamed ? owner : `${owner}_${name}`;
    const innerType = `__typeof__(((${type} *)0)->${name}${array === "" ? "" : "[0]"})`;
    if (!isUnnamed && !isUnion) this.#types.set(inner, innerType);
    const members = this.#members(inner, isUnnamed ? type : innerType, random.integer(1, 4), isUnion ? 0 : depth - 1);
    return `${isUnion ? "union" : "struct"} {\n${members.join("\n")}\n}${isUnnamed ? "" : ` ${name}${array}`};`;
  }
}
