/** Headers through shmgen import and back to C, with the compilers as judges. */
import { spawnSync } from "node:child_process";
import { compile } from "../../../generator/dist/compile.js";
import { type Imported, importHeader, type ImportOptions } from "../../../generator/dist/import/import-header.js";
import type { LayoutModel } from "../../../generator/dist/layout/layout.js";

const isMissing = spawnSync("clang", ["--version"]).status !== 0;

/** Why tests with clang are skipped; undefined when they can run. */
export const withoutClang: string | undefined = isMissing
  ? "clang missing; on Debian: apt-get install clang"
  : undefined;

if (withoutClang !== undefined) console.warn(`tests of shmgen import are skipped: ${withoutClang}`);

export interface Round {
  readonly imported: Imported;
  readonly model: LayoutModel;
  /** The generated header of C. */
  readonly header: string;
}

/** A header imported, and C generated of the schema. `name` is the schema's, without its ending. */
export async function roundTrip(
  name: string,
  options: Partial<ImportOptions> & Pick<ImportOptions, "headers" | "cwd">,
): Promise<Round> {
  const imported = await importHeader({
    clang: "clang",
    language: "c",
    standard: undefined,
    target: undefined,
    includes: [],
    defines: [],
    names: [],
    only: [],
    constants: undefined,
    prefixes: [],
    text: "utf8",
    ...options,
  });
  const file = `${name}.shm.ts`;
  const result = await compile({
    files: [file],
    targets: ["c"],
    readFile: (path) => (path === file ? imported.text : undefined),
  });
  const problems = result.diagnostics.map((one) => `${one.code} ${one.span?.line}: ${one.message}`);
  if (result.model === undefined || result.files[0] === undefined)
    throw new Error(`${problems.join("\n")}\n${imported.text}`);
  return { imported, model: result.model, header: result.files[0].text };
}

/** Assertions of C that the original structs lie as the schema says. */
export function assertions({ imported, model }: Round, typeOf: (name: string) => string | undefined): string {
  const lines: string[] = [];
  const declared = new Map(imported.declarations.map(({ name, layout }) => [name, layout]));
  for (const struct of model.structs.values()) {
    const type = typeOf(struct.name);
    if (type === undefined) continue;
    lines.push(`_Static_assert(sizeof(${type}) == ${struct.size}, "size of ${struct.name}");`);
    for (const { name, offset } of struct.fields) {
      const member = declared.get(struct.name)?.members.get(name);
      if (member === undefined) continue;
      lines.push(`_Static_assert(__builtin_offsetof(${type}, ${member}) == ${offset}, "${struct.name}.${name}");`);
    }
  }
  return `${lines.join("\n")}\n`;
}

/** Statements that print the bytes of each struct with all bits of one bit-field set, for the original and for what was generated. */
export function bitsPrinters(
  { model }: Round,
  typeOf: (name: string) => string | undefined,
): { original: string; generated: string } {
  const original: string[] = [];
  const generated: string[] = [];
  const print = (name: string, type: string, path: string): string =>
    `{ ${type} s; memset(&s, 0, sizeof s); s.${path} = ~0ull; dump("${name}", &s, sizeof s); }`;
  for (const struct of model.structs.values()) {
    const type = typeOf(struct.name);
    if (type === undefined) continue;
    for (const { name, type: kind } of struct.fields) {
      const declared = kind.kind === "bits" ? model.bits.get(kind.bits) : undefined;
      for (const bit of declared?.fields ?? []) {
        if (/^(?:unused|_)\d+$/.test(bit.name)) continue;
        original.push(print(`${struct.name}.${bit.name}`, type, bit.name));
        generated.push(print(`${struct.name}.${bit.name}`, struct.name, `${name}.${bit.name}`));
      }
    }
  }
  return { original: original.join("\n"), generated: generated.join("\n") };
}

/** A program of these statements. */
export function printingProgram(includes: string, statements: string): string {
  return `#include <stdio.h>
#include <string.h>
${includes}
static void dump(const char *name, const void *bytes, size_t size) {
  printf("%s ", name);
  for (size_t at = 0; at < size; at += 1) printf("%02x", ((const unsigned char *)bytes)[at]);
  printf("\\n");
}
int main(void) {
${statements}
  (void)dump;
  return 0;
}
`;
}
