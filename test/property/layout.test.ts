import { describe, expect, it } from "vitest";
import { computeLayouts } from "../../generator/dist/layout/compute.js";
import { verifyLayout } from "../../generator/dist/layout/verify.js";
import {
  ALL_COMPILERS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { plainProgram } from "../support/c/plain-c.js";
import { byDepth } from "../support/run/depth.js";
import { randomIr } from "../support/schemas/random-ir.js";
import { Random, runSeed } from "../support/run/random.js";

/** How many structs are compared. */
const STRUCTS = byDepth(800, 10_000, 100_000);
const BATCH = 250;

describe.skipIf(withoutCompilers !== undefined)(`layout against C compilers ${withoutCompilers ?? ""}`, () => {
  const seed = runSeed("layout");

  it(
    `agrees with ${ALL_COMPILERS.map(({ name }) => name).join(", ")} on ${STRUCTS} structs`,
    { timeout: 600_000 },
    () => {
      const random = new Random(seed);
      let fields = 0;
      for (let done = 0; done < STRUCTS; done += BATCH) {
        const ir = randomIr(random, { structs: Math.min(BATCH, STRUCTS - done), unions: true });
        const { model, diagnostics } = computeLayouts(ir);
        expect(diagnostics, `seed ${seed}, batch at ${done}`).toEqual([]);
        verifyLayout(model);
        const ours = ir.structs
          .map(({ id }) => model.structs.get(id))
          .map((struct) =>
            [struct?.name, struct?.size, struct?.align, ...(struct?.fields ?? []).map(({ offset }) => offset)].join(
              " ",
            ),
          );
        fields += ir.structs.reduce((sum, struct) => sum + struct.fields.length, 0);
        inTemporaryFolder((folder) => {
          writeFiles(folder, { "plain.c": plainProgram(ir) });
          for (const compiler of ALL_COMPILERS) {
            compileProgram(compiler, { folder, source: "plain.c", program: "plain" });
            const theirs = runProgram(folder, "plain").trimEnd().split("\n");
            expect(ours, `${compiler.name}, seed ${seed}, batch at ${done}`).toEqual(theirs);
          }
        });
      }
      console.log(
        `layout: ${STRUCTS} structs, ${fields} fields, ${ALL_COMPILERS.map(({ name }) => name).join(" and ")}: no difference`,
      );
    },
  );
});
