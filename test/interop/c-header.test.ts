import { describe, expect, it } from "vitest";
import { emit } from "../../generator/dist/emit/emit.js";
import { loadTargets } from "../../generator/dist/emit/registry.js";
import type { EmitOptions } from "../../generator/dist/emit/common/options.js";
import type { FieldIr, SchemaIr, StructIr, TypeIr } from "../../generator/dist/ir/ir.js";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import {
  ALL_COMPILERS,
  compileProgram,
  inTemporaryFolder,
  STRICT_FLAGS,
  WINDOWS,
  withoutCompilers,
  withoutWindowsCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { HEADER_OFFSET } from "../../schema/dist/region-format.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";

const OPTIONS: EmitOptions = {
  importExtension: "js",
  moduleOf: () => ({ form: "esm", named: false }) as const,
  outputPath: (file) => `out/${file.replace(/\.shm\.ts$/, "")}`,
};

const targets = await loadTargets(["c"]);

/** Headers of a schema by path. */
function headers(ir: SchemaIr): Record<string, string> {
  const { model, diagnostics } = computeLayouts(ir);
  expect(diagnostics).toEqual([]);
  const emission = emit(model, targets, OPTIONS);
  expect(emission.diagnostics).toEqual([]);
  return Object.fromEntries(emission.files.map(({ path, text }) => [path, text]));
}

/** Names that C, C++, their libraries and their preprocessors have ideas about. */
const AWKWARD = `int class register new typeof linux unix errno NULL bool true uint8_t INT32_MAX INT8_C template this
  namespace not xor alignas offsetof static_assert asm signed volatile inline restrict wchar_t char16_t value self index
  index0 bits before expected desired shmgen_pad1 shmgen_pad4 f0_load f0_store f0 size load store delete operator catch`
  .trim()
  .split(/\s+/);

describe.skipIf(withoutCompilers !== undefined)(`C headers ${withoutCompilers ?? ""}`, () => {
  const BATCHES = byDepth(2, 5);
  const seed = runSeed("c-header");

  /** Asserts of the headers prove the offsets; every warning is an error. Optimised, for warnings that need the flow. */
  function compiles(files: Readonly<Record<string, string>>, program = "", compilers = ALL_COMPILERS): void {
    const includes = Object.keys(files).map((path) => `#include "${path}"\n`);
    inTemporaryFolder((folder) => {
      for (const compiler of compilers) {
        const source = `main.${compiler.extension}`;
        writeFiles(folder, { ...files, [source]: `${includes.join("")}${program}\nint main(void) { return 0; }\n` });
        // Clang as a Microsoft compiler has no SDK to link with.
        const linked = compiler.command === "clang" ? {} : { program: "main" };
        compileProgram(compiler, { folder, source, ...linked, flags: [...STRICT_FLAGS, "-O1"] });
      }
    });
  }

  it(`${BATCHES * 100} random structs compile as C11 and C++17, and for arm64, without a warning`, () => {
    const random = new Random(seed);
    for (let batch = 0; batch < BATCHES; batch += 1) compiles(headers(randomIr(random, { structs: 100 })));
  });

  it.skipIf(withoutWindowsCompilers !== undefined).each(WINDOWS)(
    `random structs lie on Windows as they do here, by $name${withoutWindowsCompilers === undefined ? "" : ` (skipped: ${withoutWindowsCompilers})`}`,
    (compiler) => {
      const random = new Random(seed);
      for (let batch = 0; batch < BATCHES; batch += 1) {
        compiles(headers(randomIr(random, { structs: 100 })), "", [compiler]);
      }
    },
  );

  it("the members of the region's header stand where the format has them", () => {
    const random = new Random(seed);
    // Where a packed struct has its fields, one with alignment may not have them.
    let ir = randomIr(random, { structs: 1 });
    while (ir.structs[0]?.packed === true) ir = randomIr(random, { structs: 1 });
    const [root] = ir.structs;
    const role = { kind: "region", typeId: 1, version: 1, readableFrom: 1, header: "standard" } as const;
    const snake = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const asserts = Object.entries(HEADER_OFFSET).map(
      ([name, offset]) => `SHMGEN_STATIC_ASSERT(offsetof(shmgen_header, ${snake(name)}) == ${offset}, "${name}");`,
    );
    const one = { ...ir, structs: [{ ...(root as StructIr), role }] };
    compiles(headers(one), asserts.join("\n"));
  });

  it("awkward field names stay apart", () => {
    const random = new Random(seed);
    const fieldName = (_: number, choice: Random): string => choice.pick(AWKWARD);
    compiles(headers(randomIr(random, { structs: 100, fieldName })));
  });

  it("regions of all kinds with tails of random types compile", () => {
    const random = new Random(seed);
    const ir = randomIr(random, { structs: 60 });
    const types: TypeIr[] = [
      ...ir.structs.flatMap(({ fields }) => fields.map(({ type }) => type)),
      ...ir.structs.map(({ id }): TypeIr => ({ kind: "struct", struct: id })),
    ];
    const roles: StructIr["role"][] = [
      { kind: "region", typeId: 0xffffffff, version: 3, readableFrom: 2, header: "standard" },
      { kind: "region", typeId: 255, version: 1, readableFrom: 1, header: "dotnet" },
      { kind: "foreign" },
    ];
    const { model } = computeLayouts(ir);
    for (let index = 0; index < 90; index += 1) {
      const role = roles[index % 3] as StructIr["role"];
      const standard = role.kind === "region" && role.header === "standard";
      const limit = role.kind === "region" && !standard ? 8 : 128;
      const fits = types.filter((type) => model.metrics(type).align <= limit);
      // Only a standard header says how long a tail is. Some regions are nothing but their tail.
      const head: TypeIr[] = standard && index % 4 === 3 ? [] : [random.pick(fits), random.pick(fits)];
      const fields: FieldIr[] = head.map((type, at) => ({ name: `head${at}`, type }));
      const tail: TypeIr = { kind: "tail", of: random.pick(fits) };
      if (standard) fields.push({ name: random.pick(["tail", "data", "validate", "view", "tail_length"]), type: tail });
      const name = `Root${index}`;
      const file = "random.shm.ts";
      ir.structs.push({ id: `${file}#${name}`, name, file, role, packed: false, fields });
    }
    compiles(headers(ir));
  });
});
