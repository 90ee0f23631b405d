/** Integers of 3 and 16 bytes: u24, i24 and u128, in JavaScript, in C and in `inspect`. */
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareLayouts } from "../../schema/dist/evolution/index.js";
import { layoutsOf } from "../../generator/dist/evolution/published-layout.js";
import { shmgen } from "../cli/run-cli.js";
import {
  COMPILERS,
  compileProgram,
  inTemporaryFolder,
  runProgram,
  STRICT_FLAGS,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { generateModule } from "../support/containers/generated-module.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { runSeed } from "../support/run/random.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import type { Anything } from "../support/schemas/contents.js";
import { compileSchema } from "../support/schemas/generated.js";

const SCHEMA = withImport(`
export interface Sample { level: i24; peak: be<i24> }
export interface Log extends Region<{ type: 1; version: 2; readableFrom: 1 }> {
  first: u8;
  count: u24;
  length: be<u24>;
  level: i24;
  id: u128;
  address: be<u128>;
  wide: align<u128, 16>;
  counts: array<u24, 3>;
  grid: array<array<be<i24>, 2>, 2>;
  published: seqlock<u128>;
  later: since<u24, 2>;
  rest: tail<i24>;
}`);
const url = generateModule("log", SCHEMA);
const seed = runSeed("odd integers");
regionDirectory();

const MOST = 2n ** 128n - 1n;
const HEADER = 128;

/** A local region, and its bytes behind the header. */
async function opened(): Promise<Record<"data" | "region" | "Log", Anything[string]>> {
  const { Log } = await import(url);
  const region = Log.createLocal({ tailLength: 3 });
  return { Log, region, data: region.data };
}

describe("integers of 3 and 16 bytes", () => {
  it("are numbers and bigints over bytes in a row, in either order", async () => {
    const { data, region, Log } = await opened();
    data.count = 0x010203;
    data.length = 0x010203;
    data.level = -2;
    data.id = MOST - 1n;
    data.address = 0x0102n;
    data.counts.set(1, 0xffffff);
    data.grid.at(1).set(0, -8388608);
    data.rest.set(2, -1);
    expect([data.count, data.length, data.level, data.id, data.address]).toEqual([
      0x010203,
      0x010203,
      -2,
      MOST - 1n,
      0x0102n,
    ]);
    expect([[...data.counts], [...data.grid.at(1)], [...data.rest]]).toEqual([
      [0, 0xffffff, 0],
      [-8388608, 0],
      [0, 0, -1],
    ]);
    const bytesOf = (name: string, size: number): number[] => {
      const { offset } = Log.layout.fields.find((field: { name: string }) => field.name === name);
      return Array.from(region.memory.u8.slice(HEADER + offset, HEADER + offset + size));
    };
    expect([bytesOf("count", 3), bytesOf("length", 3), bytesOf("level", 3)]).toEqual([
      [3, 2, 1],
      [1, 2, 3],
      [0xfe, 0xff, 0xff],
    ]);
    expect([bytesOf("address", 16).slice(13), bytesOf("id", 2)]).toEqual([
      [0, 1, 2],
      [0xfe, 0xff],
    ]);
    data.published.write(MOST);
    expect(data.published.read()).toBe(MOST);
  });

  it("give back whatever they hold", async () => {
    const { data } = await opened();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 24 - 1 }),
        fc.integer({ min: -(2 ** 23), max: 2 ** 23 - 1 }),
        fc.bigInt({ min: 0n, max: MOST }),
        (small, signed, large) => {
          Object.assign(data, { count: small, length: small, level: signed, id: large, address: large, wide: large });
          data.grid.at(0).set(1, signed);
          expect([data.count, data.length, data.level, data.grid.at(0).at(1)]).toEqual([small, small, signed, signed]);
          expect([data.id, data.address, data.wide]).toEqual([large, large, large]);
        },
      ),
      { seed },
    );
  });

  it("refuse what they do not hold, and leave their bytes as they were", async () => {
    const { data } = await opened();
    data.count = 5;
    data.id = 5n;
    for (const wrong of [-1, 2 ** 24, 1.5, Number.NaN, 1n, "1", undefined]) {
      expect(codeOf(() => (data.count = wrong))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => data.counts.set(0, wrong))).toBe("ERR_SHM_RANGE");
    }
    for (const wrong of [-8388609, 8388608, 0.5, 1n]) expect(codeOf(() => (data.level = wrong))).toBe("ERR_SHM_RANGE");
    for (const wrong of [-1n, MOST + 1n, 1, "1"]) expect(codeOf(() => (data.id = wrong))).toBe("ERR_SHM_RANGE");
    expect([data.count, data.id]).toEqual([5, 5n]);
  });

  it("are decimal text of 128 bits in JSON, and in inspect", async () => {
    const { Log } = (await import(url)) as Anything;
    using region = Log.createOrOpen("log", { tailLength: 2 });
    Object.assign(region.data, { count: 7, level: -7, id: MOST, address: 1n });
    region.data.counts.set(2, 9);
    const told = JSON.parse(JSON.stringify(region.data));
    const { values } = JSON.parse(shmgen(["inspect", "log", "--json"]).out) as { values: typeof told };
    for (const shown of [told, values]) {
      expect([shown.count, shown.level, shown.id, shown.address, shown.counts, shown.rest]).toEqual([
        7,
        -7,
        String(MOST),
        "1",
        [0, 0, 9],
        [0, 0],
      ]);
    }
    expect(shmgen(["inspect", "log"]).out).toMatch(new RegExp(`u128 +id = ${MOST}`));
    expect(shmgen(["inspect", "log", "--annotate"]).code).toBe(0);
  });
});

describe.skipIf(withoutCompilers !== undefined)("in C", () => {
  it.each(COMPILERS)("have inline functions, which $name takes without a warning", async (compiler) => {
    const text = SCHEMA.replace("published: seqlock<u128>;", "");
    const { files } = await compileSchema({ "log.shm.ts": text }, ["c"]);
    const source = `#include <stdio.h>
#include "log.h"
int main(void) {
  static Log log;
  Log_level_set(&log, -8388608);
  Log_length_set(&log, 0x010203u);
  Log_id_set(&log, ((shmgen_u128)1 << 127) | 5u);
  Log_address_set(&log, 258u);
  Log_counts_set(&log, 2, 0xffffffu);
  Log_grid_set(&log, 1, 0, -3);
  const unsigned char *bytes = (const unsigned char *)&log;
  printf("%d %u %d %d %u %d", Log_level_get(&log), Log_length_get(&log), (int)(Log_id_get(&log) >> 127),
         (int)Log_address_get(&log), Log_counts_get(&log, 2), Log_grid_get(&log, 1, 0));
  printf(" %d%d%d %d\\n", bytes[4], bytes[5], bytes[6], bytes[offsetof(Log, address) + 14]);
  return offsetof(Log, wide) % 16 == 0 ? 0 : 1;
}
`;
    const printed = inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map((file) => [file.path, file.text])), "main.c": source });
      compileProgram(compiler, { folder, source: "main.c", program: "main", flags: STRICT_FLAGS });
      return runProgram(folder, "main");
    });
    expect(printed).toBe("-8388608 66051 1 258 16777215 -3 123 1\n");
  });
});

describe("the language", () => {
  const root = "export interface Car extends Region<{ type: 1; version: 1 }>";

  it.each([
    ["atomic<u24>", "SHM2004"],
    ["atomic<u128>", "SHM2004"],
    ["relaxed<u24>", "SHM2006"],
    ["num<u128>", "SHM1057"],
    ["be<u24>", undefined],
    ["le<u128>", undefined],
    ["align<u128, 16>", undefined],
    ["reserved<u128>", undefined],
    ["ring<u24, 4>", undefined],
  ])("of %s says %s", (type, code) => {
    expect(checkSchema(withImport(`${root} { value: ${type} }`)).codes).toEqual(code === undefined ? [] : [code]);
  });

  it.each([
    ["u24", "u32", "type-widened"],
    ["u24", "i24", "type-signedness"],
    ["u128", "u64", "type-narrowed"],
    ["u24", "bytes<3>", "type-changed"],
    ["u24", "be<u24>", "byte-order"],
    ["u24", "le<u24>", "byte-order-spelled"],
  ])("takes a change from %s to %s for %s", async (older, newer, rule) => {
    const layout = async (type: string) => {
      const { model } = await compileSchema({ "car.shm.ts": withImport(`${root} { value: ${type} }`) }, []);
      const [found] = model === undefined ? [] : layoutsOf(model);
      if (found === undefined) throw new Error("there is no root");
      return found;
    };
    const rules = compareLayouts(await layout(older), await layout(newer)).changes.map((change) => change.rule);
    expect(rules.filter((one) => !/^(version-unchanged|region-size|struct-align)$/.test(one))).toEqual([rule]);
  });
});
