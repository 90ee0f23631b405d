/** Random headers: header -> schema -> C agrees with the header in every offset and size. gcc is the judge, and clang for other targets. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ARM64, COMPILERS, compileProgram, runProgram, withoutArm64, withoutCompilers } from "../support/c/gcc.js";
import {
  assertions,
  bitsPrinters,
  printingProgram,
  type Round,
  roundTrip,
  withoutClang,
} from "../support/c/imported.js";
import { type RandomHeader, randomHeader } from "../support/c/random-header.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";

const BATCH = 20;
const batches = byDepth(1, 25);
const [gcc] = COMPILERS;
const CLANG = { name: "clang", command: "clang", args: ["-std=gnu11", "-w", "-x", "c"], extension: "c" } as const;

interface Tried {
  readonly header: RandomHeader;
  readonly round: Round;
}

/** Imports the headers of a batch, each from a file of its own. */
async function importAll(folder: string, random: Random, target: string | undefined): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (let index = 0; index < BATCH; index += 1) {
    const header = randomHeader(random, { prefix: `h${index}_`, no128: /windows|^i686/.test(target ?? "") });
    const name = `header${index}`;
    writeFileSync(join(folder, `${name}.h`), header.text);
    const round = await roundTrip(name, { headers: [`${name}.h`], cwd: folder, target }).catch((error: unknown) => {
      throw new Error(`${header.text}\n${String(error)}`, { cause: error });
    });
    writeFileSync(join(folder, `generated${index}.h`), round.header);
    tried.push({ header, round });
  }
  return tried;
}

const includes = (name: string): string =>
  Array.from({ length: BATCH }, (_, index) => `#include "${name}${index}.h"\n`).join("");

describe.skipIf(withoutClang !== undefined || withoutCompilers !== undefined)("random headers", () => {
  it("come back from their schemas with every offset, size and bit", { timeout: 600_000 }, async () => {
    const random = new Random(runSeed("random headers"));
    let fields = 0;
    for (let batch = 0; batch < batches; batch += 1) {
      await inFolder(async (folder) => {
        const tried = await importAll(folder, random, undefined);
        const flags = ["-std=gnu11", "-w"];
        const bits = tried.map(({ header, round }) => bitsPrinters(round, (name) => header.types.get(name)));
        const asserted = tried.map(({ header, round }) => assertions(round, (name) => header.types.get(name)));
        fields += asserted.join("").split("_Static_assert").length - 1;
        const original = printingProgram(
          `${includes("header")}${asserted.join("")}`,
          bits.map((one) => one.original).join("\n"),
        );
        const generated = printingProgram(includes("generated"), bits.map((one) => one.generated).join("\n"));
        writeFileSync(join(folder, "original.c"), original);
        writeFileSync(join(folder, "generated.c"), generated);
        if (gcc === undefined) throw new Error("there is a compiler");
        for (const name of ["original", "generated"])
          compileProgram(gcc, { folder, source: `${name}.c`, program: name, flags });
        expect(runProgram(folder, "generated")).toBe(runProgram(folder, "original"));
      });
    }
    console.log(`${batches * BATCH} headers, ${fields} offsets and sizes`);
    expect(fields).toBeGreaterThan(batches * BATCH * 4);
  });

  it.each(["x86_64-pc-windows-msvc", "aarch64-linux-gnu", "i686-pc-windows-msvc"])(
    "come back for %s",
    { timeout: 600_000 },
    async (target) => {
      const random = new Random(runSeed(`random headers for ${target}`));
      for (let batch = 0; batch < byDepth(1, 5); batch += 1) {
        await inFolder(async (folder) => {
          const tried = await importAll(folder, random, target);
          const asserted = tried.map(({ header, round }) => assertions(round, (name) => header.types.get(name)));
          writeFileSync(join(folder, "original.c"), `${includes("header")}${asserted.join("")}`);
          compileProgram(CLANG, { folder, source: "original.c", flags: [`--target=${target}`] });
          writeFileSync(join(folder, "generated.c"), includes("generated"));
          // What is generated is for processors of 64 bits, and for compilers that are as gcc is.
          const flags = target.startsWith("i686") ? [] : [`--target=${target}`, "-fgnuc-version=4.2.1"];
          compileProgram(CLANG, { folder, source: "generated.c", flags });
          if (target.startsWith("aarch64") && withoutArm64 === undefined)
            compileProgram(ARM64, { folder, source: "generated.c", flags: ["-w"] });
        });
      }
    },
  );
});

/** A folder that is gone after `use`. */
async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-import-"));
  try {
    await use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
