import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { compile } from "../../generator/dist/compile.js";
import type { SchemaIr } from "../../generator/dist/ir/ir.js";
import type { LayoutModel } from "../../generator/dist/layout/layout.js";
import { type Flyweight, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { ALL_COMPILERS, compileProgram, runProgram, withoutCompilers, writeFiles } from "../support/c/gcc.js";
import { byDepth } from "../support/run/depth.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { Declarations, type Leaf, type Plain, randomValue, structLeaves } from "../support/schemas/random-values.js";
import { Random, runSeed } from "../support/run/random.js";

/** How many structs are exchanged each way. */
const STRUCTS = byDepth(50, 600, 10_000);
const BATCH = byDepth(50, 200);
const RUNTIME = import.meta.resolve("@shmgen/runtime/codegen-v1");

type Accessors = Readonly<
  Record<string, new (view: MemoryView, offset: number) => Flyweight & Record<string, unknown>>
>;

/** A struct of the batch with its values, and where it stands in the memory that both sides share. */
interface Exchange {
  readonly name: string;
  readonly offset: number;
  readonly values: Readonly<Record<string, Plain>>;
  readonly leaves: readonly Leaf[];
}

function exchanges(ir: SchemaIr, model: LayoutModel, random: Random): { list: Exchange[]; size: number } {
  const all = new Declarations(ir);
  let size = 0;
  const list = ir.structs.map(({ id, name }) => {
    const { size: bytes = 0, align = 1 } = model.structs.get(id) ?? {};
    const offset = Math.ceil(size / align) * align;
    size = offset + bytes;
    const values = randomValue({ kind: "struct", struct: id }, random, all) as Readonly<Record<string, Plain>>;
    return { name, offset, values, leaves: structLeaves(name, values, all, ir) };
  });
  return { list, size: Math.ceil(size / 8) * 8 };
}

/** Reads `memory`, writes or checks every value, and writes it back; prints the paths of values that differ. */
function exchangeProgram(list: readonly Exchange[], size: number): string {
  const functions = list.map(
    ({ name, offset, leaves }) => `static void write_${name}(void) {
  ${name} *self = (${name} *)(void *)(memory + ${offset});
  ${leaves.map(({ write }) => write).join("\n  ")}
}
static void check_${name}(void) {
  const ${name} *self = (const ${name} *)(const void *)(memory + ${offset});
  ${leaves.map(({ path, check }) => `if (!(${check})) puts("${path}");`).join("\n  ")}
}`,
  );
  return `#include <stdio.h>
#include <string.h>
#include "random.h"
static unsigned char memory[${size}] SHMGEN_ALIGNED(4096);
${functions.join("\n")}
int main(int count, char **arguments) {
  FILE *file = fopen(arguments[2], "r+b");
  if (count != 3 || file == NULL || fread(memory, 1, sizeof memory, file) != sizeof memory) return 2;
  if (strcmp(arguments[1], "write") == 0) {
${list.map(({ name }) => `    write_${name}();`).join("\n")}
    rewind(file);
    if (fwrite(memory, 1, sizeof memory, file) != sizeof memory) return 3;
  } else {
${list.map(({ name }) => `    check_${name}();`).join("\n")}
  }
  return fclose(file) == 0 ? 0 : 4;
}
`;
}

function viewOver(bytes: Uint8Array): MemoryView {
  const buffer = new ArrayBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  return new MemoryView({ buffer, byteLength: bytes.length, readOnly: false, label: "exchange" });
}

describe.skipIf(withoutCompilers !== undefined)(`values between C and TypeScript ${withoutCompilers ?? ""}`, () => {
  const seed = runSeed("c-values");

  it(`${STRUCTS} random structs read back what the other side wrote, field by field`, async () => {
    const random = new Random(seed);
    let leaves = 0;
    for (let done = 0; done < STRUCTS; done += BATCH) {
      const ir = randomIr(random, { structs: BATCH, sizeMax: 512, unions: true });
      const result = await compile({ ir, targets: ["js", "c"], outputPath: (file) => file.replace(/\.shm\.ts$/, "") });
      expect(result.diagnostics, `seed ${seed}`).toEqual([]);
      const { list, size } = exchanges(ir, result.model as LayoutModel, random);
      leaves += list.reduce((sum, one) => sum + one.leaves.length, 0);
      const folder = mkdtempSync(join(tmpdir(), "shmgen-values-"));
      try {
        const sources = result.files.map(({ path, text }) => [
          path,
          text.replaceAll("@shmgen/runtime/codegen-v1", RUNTIME),
        ]);
        const program = { "main.c": exchangeProgram(list, size), "package.json": '{ "type": "module" }' };
        writeFiles(folder, { ...Object.fromEntries(sources), ...program });
        const accessors = (await import(pathToFileURL(join(folder, "random.js")).href)) as Accessors;
        for (const compiler of ALL_COMPILERS) {
          // A pointer to an unaligned struct is what `be` fields inside a packed one need here; x86 and arm64 allow it.
          compileProgram(compiler, {
            folder,
            source: "main.c",
            program: "main",
            flags: ["-Wno-address-of-packed-member"],
          });
          exchange(folder, accessors, { list, size, label: `${compiler.name}, seed ${seed}` });
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    }
    console.log(
      `c-values: ${STRUCTS} structs, ${leaves} values each way with each of ${ALL_COMPILERS.length} compilers, no mismatch`,
    );
  });
});

/** Arrays of single bytes come as Uint8Array, others as arrays; what they hold is what counts here. */
function plainArrays(value: Plain): Plain {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return (value as readonly Plain[]).map(plainArrays);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainArrays(inner)]));
}

function exchange(
  folder: string,
  accessors: Accessors,
  { list, size, label }: { readonly list: readonly Exchange[]; readonly size: number; readonly label: string },
): void {
  const open = (view: MemoryView, { name, offset }: Exchange): Flyweight & Record<string, unknown> => {
    const accessor = accessors[name];
    if (accessor === undefined) throw new Error(`no accessor ${name}`);
    return new accessor(view, offset);
  };
  // Padding and unused bits hold garbage, so that nobody can rely on them.
  const path = join(folder, "memory");
  writeFileSync(path, new Uint8Array(size).fill(0xa5));
  expect(runProgram(folder, "main", ["write", path])).toBe("");
  const written = viewOver(readFileSync(path));
  for (const one of list) {
    const read = plainArrays(snapshot(open(written, one)) as Plain);
    // Of a union, C wrote one member, and all are read.
    expect(read, `${label}: ${one.name} as C wrote it`).toMatchObject(plainArrays(one.values) as object);
  }

  const view = viewOver(new Uint8Array(size).fill(0x5a));
  for (const one of list) {
    const target = open(view, one);
    for (const [field, value] of Object.entries(one.values)) target[field] = value;
  }
  writeFileSync(path, new Uint8Array(view.buffer as ArrayBuffer));
  expect(runProgram(folder, "main", ["check", path]), `${label}: what C found otherwise`).toBe("");
}
