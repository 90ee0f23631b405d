/**
 * A schema as somebody would write it in C by hand: the compiler itself places every field. Shares nothing with the
 * emitter, which spells out padding; so the compiler judges our layouts and not our own numbers.
 */
import type { SchemaIr, StructIr, TypeIr } from "../../../generator/dist/ir/ir.js";

const C_TYPES: Readonly<Record<string, string>> = {
  i8: "int8_t",
  u8: "uint8_t",
  i16: "int16_t",
  u16: "uint16_t",
  i32: "int32_t",
  u32: "uint32_t",
  i64: "int64_t",
  u64: "uint64_t",
  f32: "float",
  f64: "double",
};

/** Ids of the unions of the program at hand. */
let unions: ReadonlySet<string> = new Set();
const keyword = (id: string): string => (unions.has(id) ? "union" : "struct");

const local = (id: string): string => id.slice(id.indexOf("#") + 1);

function declarator(type: TypeIr, name: string): string {
  switch (type.kind) {
    case "scalar":
      return `${C_TYPES[type.scalar]} ${name}`;
    case "num":
    case "timestamp":
      return `${C_TYPES[type.of]} ${name}`;
    case "odd":
      return `unsigned char ${name}[${{ u24: 3, i24: 3, u128: 16 }[type.integer]}]`;
    case "bool":
      return `bool ${name}`;
    case "enum":
      return `${local(type.enum)} ${name}`;
    case "flags":
      return `${C_TYPES[type.repr]} ${name}`;
    case "bits":
      return `struct ${local(type.bits)} ${name}`;
    case "struct":
      return `${keyword(type.struct)} ${local(type.struct)} ${name}`;
    case "utf8":
      return `char ${name}[${type.size}]`;
    case "latin1":
      return `char ${name}[${type.length}]`;
    case "utf16":
      return `char16_t ${name}[${type.length}]`;
    case "utf32":
      return `char32_t ${name}[${type.length}]`;
    case "bytes":
      return `unsigned char ${name}[${type.size}]`;
    case "array":
      return declarator(type.of, `${name}[${type.length}]`);
    case "atomic":
    case "relaxed":
    case "endian":
    case "reserved":
    case "tail":
      return declarator(type.of, name);
    case "container":
      throw new Error("random schemas have no containers: test/property/containers.test.ts has them");
  }
}

/** `at` and `Sized` become paddings whose length C computes itself from the struct so far, declared once more. */
function plainStruct(struct: StructIr): string {
  const name = struct.name;
  const attributes = [
    ...(struct.packed ? ["packed"] : []),
    ...(struct.align === undefined ? [] : [`aligned(${struct.align})`]),
  ];
  const attribute = attributes.length === 0 ? "" : ` __attribute__((${attributes.join(", ")}))`;
  const before: string[] = [];
  const lines: string[] = [];
  const pad = (to: number, label: string): void => {
    if (lines.length === 0) {
      if (to > 0) lines.push(`  char ${label}[${to}];`);
      return;
    }
    // The size of the fields so far, without trailing padding: where a char after them would begin.
    const probe = `${name}_${label}`;
    const packed = struct.packed ? " __attribute__((packed))" : "";
    before.push(`struct ${probe} {\n${lines.join("\n")}\n  char end;\n}${packed};`);
    lines.push(`  char ${label}[${to} - offsetof(struct ${probe}, end)];`);
  };
  for (const [index, field] of struct.fields.entries()) {
    if (field.at !== undefined) pad(field.at, `pad${index}`);
    const align = field.align === undefined ? "" : `ALIGNAS(${field.align}) `;
    lines.push(`  ${align}${declarator(field.type, field.name)};`);
  }
  if (struct.size !== undefined) pad(struct.size, "rest");
  const text = `${before.join("\n")}\n${keyword(struct.id)} ${name} {\n${lines.join("\n")}\n}${attribute};\n`;
  return struct.pack === undefined ? text : `#pragma pack(push, ${struct.pack})\n${text}#pragma pack(pop)\n`;
}

function bitField(repr: string, { name, width, signed, pad }: SchemaIr["bits"][number]["fields"][number]): string {
  if (pad === true) return `${C_TYPES[repr]} : ${width};`;
  return `${C_TYPES[signed === true ? `i${repr.slice(1)}` : repr]} ${name} : ${width};`;
}

/** A program that prints per struct: name, sizeof, alignof, and the offset of every field. One line each. */
export function plainProgram(ir: SchemaIr): string {
  unions = new Set(ir.structs.flatMap(({ id, union }) => (union === true ? [id] : [])));
  const enums = ir.enums.map(({ name, repr }) => `typedef ${C_TYPES[repr]} ${name};`);
  const bits = ir.bits.map(
    ({ name, repr, fields }) => `struct ${name} { ${fields.map((field) => bitField(repr, field)).join(" ")} };`,
  );
  const rows = ir.structs.map(({ id, name: own, fields }) => {
    const name = `${keyword(id)} ${own}`;
    const offsets = fields.map((field) => `offsetof(${name}, ${field.name})`);
    return `  { const size_t row[] = { ${[`sizeof(${name})`, `ALIGNOF(${name})`, ...offsets].join(", ")} }; print("${own}", row, ${offsets.length + 2}); }`;
  });
  return `#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#ifdef __cplusplus
#define ALIGNAS(n) alignas(n)
#define ALIGNOF(t) alignof(t)
#else
#include <stdbool.h>
#include <uchar.h>
#define ALIGNAS(n) _Alignas(n)
#define ALIGNOF(t) _Alignof(t)
#endif
${enums.join("\n")}
${bits.join("\n")}
${ir.structs.map(plainStruct).join("\n")}
static void print(const char *name, const size_t *row, int count) {
  printf("%s", name);
  for (int at = 0; at < count; at += 1) printf(" %zu", row[at]);
  printf("\\n");
}
int main(void) {
${rows.join("\n")}
  return 0;
}
`;
}
