/** Bit fields with a sign, bits that nobody accesses, and units whose most significant byte comes first. */
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
export type Lamp = bits<{ ready: 1; level: signed<4>; _1: pad<2>; top: signed<1> }, u8>;
export type Whole = bits<{ all: signed<32> }, u32>;
export type Wide = bits<{ low: signed<12>; _: pad<40>; high: signed<12> }, u64>;
export type Exact = bits<{ _1: pad<11>; exact: signed<53> }, u64>;
export type Packet = bits<{ version: 4; kind: signed<4>; length: 24 }, u32>;
export interface Log extends Region<{ type: 1; version: 1 }> {
  lamp: Lamp;
  whole: Whole;
  wide: Wide;
  exact: Exact;
  packet: be<Packet>;
  packets: array<be<Packet>, 2>;
  brief: be<bits<{ low: 5; high: signed<11> }, u16>>;
  far: be<Wide>;
  small: le<Packet>;
}`);
const url = generateModule("log", SCHEMA);
const seed = runSeed("bits");
regionDirectory();

/** A local region, and the bytes of one of its fields. */
async function opened() {
  const { Log } = (await import(url)) as Anything;
  const region = Log.createLocal();
  const placeOf = (name: string): [from: number, to: number] => {
    const { offset, size } = Log.layout.fields.find((one: { name: string }) => one.name === name);
    return [128 + offset, 128 + offset + size];
  };
  const bytesOf = (name: string): number[] => Array.from(region.memory.u8.slice(...placeOf(name)));
  const put = (name: string, bytes: readonly number[]): void => region.memory.u8.set(bytes, placeOf(name)[0]);
  return { data: region.data as Anything[string], bytesOf, put };
}

describe("a bit field with a sign", () => {
  it("is extended on reads, and refuses what its bits do not hold", async () => {
    const { data, bytesOf } = await opened();
    Object.assign(data.lamp, { ready: 1, level: -8, top: -1 });
    expect([data.lamp.ready, data.lamp.level, data.lamp.top, bytesOf("lamp")]).toEqual([1, -8, -1, [0x91]]);
    for (const wrong of [-9, 8, 1.5, Number.NaN, -1n, "1"]) {
      expect(codeOf(() => (data.lamp.level = wrong))).toBe("ERR_SHM_RANGE");
    }
    expect(() => (data.lamp.level = 8)).toThrow("integers from -8 to 7 (4 bits with a sign)");
    expect(codeOf(() => (data.lamp.top = 1))).toBe("ERR_SHM_RANGE");
    data.whole.all = -(2 ** 31);
    expect(data.whole.all).toBe(-(2 ** 31));
    expect(codeOf(() => (data.whole.all = 2 ** 31))).toBe("ERR_SHM_RANGE");
  });

  it("gives back whatever it holds, beside others that stay", async () => {
    const { data } = await opened();
    const word = fc.integer({ min: -2048, max: 2047 });
    fc.assert(
      fc.property(word, word, fc.integer({ min: -(2 ** 52), max: 2 ** 52 - 1 }), (low, high, exact) => {
        for (const unit of [data.wide, data.far]) Object.assign(unit, { low, high });
        data.exact.exact = exact;
        expect([data.wide.low, data.wide.high, data.far.low, data.far.high]).toEqual([low, high, low, high]);
        expect(data.exact.exact).toBe(exact);
      }),
      { seed },
    );
    expect(codeOf(() => (data.wide.low = 2048))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => (data.exact.exact = 2 ** 52))).toBe("ERR_SHM_RANGE");
  });
});

describe("bits that nobody accesses", () => {
  it("have no property, are in no snapshot, and stay as they are", async () => {
    const { data, bytesOf, put } = await opened();
    expect("_" in data.wide || "_1" in data.lamp).toBe(false);
    expect(JSON.parse(JSON.stringify(data)).wide).toEqual({ low: 0, high: 0 });
    data.wide.low = -1;
    expect(bytesOf("wide")).toEqual([0xff, 0x0f, 0, 0, 0, 0, 0, 0]);
    // What others have put there is left as it is.
    put("wide", [0, 0xf0, 0xff, 0xff, 0xff, 0xff, 0x0f, 0]);
    expect([data.wide.low, data.wide.high]).toEqual([0, 0]);
    data.wide.high = -1;
    expect(bytesOf("wide")).toEqual([0, 0xf0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
  });
});

describe("a unit whose most significant byte comes first", () => {
  it("numbers its fields from the least significant bit of its value", async () => {
    const { data, bytesOf } = await opened();
    Object.assign(data.packet, { version: 5, kind: -1, length: 0x010203 });
    Object.assign(data.small, { version: 5, kind: -1, length: 0x010203 });
    expect(bytesOf("packet")).toEqual([1, 2, 3, 0xf5]);
    expect(bytesOf("small")).toEqual([0xf5, 3, 2, 1]);
    data.packets.at(1).length = 1;
    expect(bytesOf("packets")).toEqual([0, 0, 0, 0, 0, 0, 1, 0]);
    Object.assign(data.brief, { low: 1, high: -2 });
    expect(bytesOf("brief")).toEqual([0xff, 0xc1]);
    data.packet = { version: 1, kind: 0, length: 0 };
    expect([data.packet.version, data.packet.kind, data.packet.length]).toEqual([1, 0, 0]);
  });

  it("is shown by inspect as accessors show it", async () => {
    const { Log } = (await import(url)) as Anything;
    using region = Log.createOrOpen("log");
    Object.assign(region.data.packet, { version: 5, kind: -1, length: 3 });
    Object.assign(region.data.lamp, { ready: 1, level: -3 });
    const { values } = JSON.parse(shmgen(["inspect", "log", "--json"]).out) as { values: Anything };
    expect([values["packet"], values["lamp"], values["wide"]]).toEqual([
      { version: 5, kind: -1, length: 3 },
      { ready: 1, level: -3, top: 0 },
      { low: 0, high: 0 },
    ]);
    expect(JSON.parse(JSON.stringify(region.data))).toMatchObject({ packet: values["packet"], lamp: values["lamp"] });
    expect(shmgen(["inspect", "log", "--annotate"]).code).toBe(0);
  });
});

describe.skipIf(withoutCompilers !== undefined)("in C", () => {
  it.each(COMPILERS)("are bit-fields, or functions over a swapped unit, for $name", async (compiler) => {
    const { files } = await compileSchema({ "log.shm.ts": SCHEMA }, ["c"]);
    const source = `#include <stdio.h>
#include "log.h"
int main(void) {
  static Log log;
  const unsigned char *bytes = (const unsigned char *)&log;
  log.lamp.level = -8;
  log.lamp.top = -1;
  log.wide.high = -2;
  Log_packet_version_set(&log, 5);
  Log_packet_kind_set(&log, -1);
  Log_packet_length_set(&log, 0x010203u);
  Log_packets_length_set(&log, 1, 1);
  Log_brief_high_set(&log, -2);
  Log_far_high_set(&log, -2);
  printf("%02x %d %d %x %d %d ", bytes[0], log.lamp.level, log.wide.high, Log_packet_get(&log), Log_packet_kind_get(&log),
         (int)Log_far_high_get(&log));
  printf("%d %d %u\\n", Log_brief_high_get(&log), bytes[offsetof(Log, packet) + 3], Log_packets_length_get(&log, 1));
  return 0;
}
`;
    const printed = inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map((file) => [file.path, file.text])), "main.c": source });
      compileProgram(compiler, {
        folder,
        source: "main.c",
        program: "main",
        flags: STRICT_FLAGS,
      });
      return runProgram(folder, "main");
    });
    expect(printed).toBe("90 -8 -2 10203f5 -1 -2 -2 245 1\n");
    const header = files.map((file) => file.text).join("\n");
    expect(header).toContain("uint64_t : 40;");
    expect(header).toContain("int8_t level : 4;");
  });
});

describe("the language", () => {
  const root = "export interface Car extends Region<{ type: 1; version: 1 }>";

  it.each([
    ["{ value: bits<{ a: signed<54> }, u64> }", "SHM2009"],
    ["{ value: bits<{ a: 54 }, u64> }", "SHM2009"],
    ["{ value: bits<{ a: pad<65>; b: 1 }, u64> }", "SHM2009"],
    ["{ value: bits<{ a: 1; b: pad<8> }, u8> }", "SHM2010"],
    ["{ value: bits<{ a: pad<2.5> }, u8> }", "SHM1053"],
    ["{ value: bits<{ a: signed<u8> }, u8> }", "SHM1052"],
    ["{ value: bits<{ a: bool }, u8> }", "SHM1052"],
    ["{ value: signed<4> }", "SHM1043"],
    ["{ value: bits<{ _: pad<8> }, u8> }", "SHM2012"],
    ["{ value: be<bits<{ a: 1 }, u8>> }", "SHM2008"],
    ["{ value: atomic<bits<{ a: 1 }, u32>> }", "SHM2004"],
    ["{ value: bits<{ a: 1; _: pad<63> }, u64>; other: be<bits<{ a: 1 }, u16>> }", undefined],
  ])("of %s says %s", (text, code) => {
    expect(checkSchema(withImport(`${root} ${text}`)).codes).toEqual(code === undefined ? [] : [code]);
  });

  it.each([
    ["bits<{ a: 4 }, u8>", "bits<{ a: signed<4> }, u8>", "type-signedness"],
    ["bits<{ a: 4; _: pad<4> }, u8>", "bits<{ a: 4; b: 2; _: pad<2> }, u8>", "bits-added"],
    ["bits<{ a: 4; b: 4 }, u8>", "bits<{ a: 4; b: pad<4> }, u8>", "bits-removed"],
    ["bits<{ a: 4; b: 4 }, u8>", "bits<{ a: pad<4>; b: 4 }, u8>", "bits-removed"],
    ["bits<{ _: pad<4>; b: 4 }, u8>", "bits<{ b: 4 }, u8>", "bits-moved"],
    ["bits<{ a: 4 }, u16>", "be<bits<{ a: 4 }, u16>>", "byte-order"],
    ["bits<{ a: 4 }, u16>", "le<bits<{ a: 4 }, u16>>", "byte-order-spelled"],
  ])("takes a change from %s to %s for %s", async (older, newer, rule) => {
    const layout = async (type: string) => {
      const { model } = await compileSchema({ "car.shm.ts": withImport(`${root} { value: ${type} }`) }, []);
      const [found] = model === undefined ? [] : layoutsOf(model);
      if (found === undefined) throw new Error("there is no root");
      return found;
    };
    const rules = compareLayouts(await layout(older), await layout(newer)).changes.map((change) => change.rule);
    expect(rules.filter((one) => one !== "version-unchanged")).toEqual([rule]);
  });
});
