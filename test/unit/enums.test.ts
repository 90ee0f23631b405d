/** Enums and flags over every integer: signed ones, and those of 64 bits, whose values are bigints. */
import { describe, expect, it } from "vitest";
import { nameOf, namesOf, valueNamed } from "@shmgen/runtime";
import { compareLayouts } from "../../schema/dist/evolution/index.js";
import { layoutsOf } from "../../generator/dist/evolution/published-layout.js";
import { shmgen } from "../cli/run-cli.js";
import {
  COMPILERS,
  compileProgram,
  inTemporaryFolder,
  STRICT_FLAGS,
  withoutCompilers,
  writeFiles,
} from "../support/c/gcc.js";
import { generateModule } from "../support/containers/generated-module.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { checkSchema, withImport } from "../support/schemas/check-schema.js";
import type { Anything } from "../support/schemas/contents.js";
import { compileSchema } from "../support/schemas/generated.js";

const SCHEMA = withImport(`
/** @repr i16 */
export enum Status { Failed = -300, Unknown = -1, Ready = 0, Busy }
export type Level = enumOf<{ Low: -2; High: 100 }, i8>;
export type Key = enumOf<{ None: 0; Left: 1n; All: 0xffff_ffff_ffff_ffffn }, u64>;
export type Offset = enumOf<{ Least: -0x8000_0000_0000_0000n; Zero: 0; Most: 0x7fff_ffff_ffff_ffffn }, i64>;
export type Right = enumOf<{ Read: 1n; Write: 2n; Own: 0x8000_0000_0000_0000n }, u64>;
/** @repr u32 */
export enum Small { One = 1, Top = 0x8000_0000 }
export interface Log extends Region<{ type: 1; version: 2; readableFrom: 1 }> {
  status: Status;
  level: Level;
  levels: array<Level, 3>;
  shared: atomic<Status>;
  tries: array<atomic<Level>, 2>;
  sent: be<Status>;
  key: Key;
  sharedKey: atomic<Key>;
  keys: array<Key, 2>;
  offset: atomic<Offset>;
  offsets: array<atomic<Offset>, 2>;
  rights: flags<Right, u64>;
  sharedRights: atomic<flags<Right, u64>>;
  rows: array<flags<Right, u64>, 2>;
  sharedRows: array<atomic<flags<Right, u64>>, 2>;
  small: flags<Small, u64>;
  later: since<Status, 2, Status.Unknown>;
  laterKey: since<Key, 2, 0xffff_ffff_ffff_ffffn>;
}`);
const LAST = 0x8000_0000_0000_0000n;
const ALL = 0xffff_ffff_ffff_ffffn;

const url = generateModule("log", SCHEMA);
regionDirectory();

/** A region of its own. */
async function opened(): Promise<
  Record<"Log" | "Status" | "Level" | "Key" | "Offset" | "Right" | "Small" | "region" | "data", Anything[string]>
> {
  const module = await import(url);
  const region = module.Log.createLocal();
  return { ...module, region, data: region.data };
}

describe("an enum over a signed integer", () => {
  it("has negative members, which every access keeps", async () => {
    const { data, Status, Level } = await opened();
    expect(Status).toEqual({ Failed: -300, Unknown: -1, Ready: 0, Busy: 1 });
    data.status = Status.Failed;
    data.level = Level.Low;
    data.levels.set(1, Level.Low);
    data.sent = Status.Unknown;
    expect([data.status, data.level, [...data.levels], data.sent]).toEqual([-300, -2, [0, -2, 0], -1]);
    expect(nameOf(Status, data.status)).toBe("Failed");
    expect(valueNamed(Status, "Unknown")).toBe(-1);
  });

  it("is whole in Atomics: exchanged, compared and waited for", async () => {
    const { data, Status, Level } = await opened();
    data.shared = Status.Unknown;
    expect(data.$shared.compareExchange(Status.Unknown, Status.Failed)).toBe(-1);
    expect(data.$shared.exchange(Status.Ready)).toBe(-300);
    data.shared = Status.Unknown;
    // Its bits are those that the futex compares.
    expect(data.$shared.wait(Status.Unknown, 1)).toBe("timed-out");
    expect(data.$shared.wait(Status.Ready, 1)).toBe("not-equal");
    data.tries.set(1, Level.Low);
    expect([data.tries.at(1), data.tries.field(1).load()]).toEqual([-2, -2]);
  });

  it("refuses what is no member, and shows what others have written", async () => {
    const { data, region, Status } = await opened();
    for (const wrong of [-2, 2, -1.5, 65535, -1n, "Failed", undefined]) {
      expect(codeOf(() => (data.status = wrong))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => (data.shared = wrong))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => data.levels.set(0, wrong))).toBe(wrong === -2 ? "none" : "ERR_SHM_RANGE");
    }
    region.memory.dataView.setInt16(128, -7, true);
    expect([data.status, nameOf(Status, data.status)]).toEqual([-7, undefined]);
    expect(JSON.parse(JSON.stringify(data)).status).toBe(-7);
  });
});

describe("an enum of 64 bits", () => {
  it("has bigint values, however the schema writes its members", async () => {
    const { data, Key, Offset } = await opened();
    expect(Key).toEqual({ None: 0n, Left: 1n, All: ALL });
    data.key = Key.All;
    data.sharedKey = Key.Left;
    data.keys.set(1, Key.All);
    data.offset = Offset.Least;
    expect([data.key, data.sharedKey, [...data.keys], data.offset]).toEqual([ALL, 1n, [0n, ALL], -LAST]);
    expect(data.$offset.compareExchange(Offset.Least, Offset.Most)).toBe(-LAST);
    expect(data.$offset.wait(Offset.Least, 1)).toBe("not-equal");
    data.offset = Offset.Least;
    expect(data.$offset.wait(Offset.Least, 1)).toBe("timed-out");
    data.offsets.set(0, Offset.Most);
    expect([nameOf(Key, data.key), nameOf(Offset, data.offsets.at(0)), valueNamed(Key, "Left")]).toEqual([
      "All",
      "Most",
      1n,
    ]);
    expect([data.later, data.laterKey]).toEqual([0, 0n]);
  });

  it("refuses numbers and other bigints, and shows what others have written", async () => {
    const { data, region, Log } = await opened();
    for (const wrong of [0, 1, 2n, -1n, ALL + 1n, "All"]) {
      expect(codeOf(() => (data.key = wrong))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => (data.sharedKey = wrong))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => data.keys.set(0, wrong))).toBe("ERR_SHM_RANGE");
    }
    const { offset } = Log.layout.fields.find((field: { name: string }) => field.name === "key");
    region.memory.dataView.setBigUint64(128 + offset, 77n, true);
    expect(data.key).toBe(77n);
    const shown = JSON.parse(JSON.stringify(data));
    expect([shown.key, shown.sharedKey, shown.offset]).toEqual(["77", "None", "Zero"]);
  });
});

describe("flags of 64 bits", () => {
  it("are a bigint, with has, set and clear of single flags", async () => {
    const { data, Right, Small } = await opened();
    for (const handle of [data.$rights, data.$sharedRights]) {
      handle.set(Right.Own);
      handle.set(Right.Read);
      expect([handle.has(Right.Own), handle.has(Right.Write), handle.has(Right.Own | Right.Read)]).toEqual([
        true,
        false,
        true,
      ]);
      handle.clear(Right.Read);
      expect(codeOf(() => handle.set(ALL + 1n))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => handle.set(-1))).toBe("ERR_SHM_RANGE");
    }
    expect([data.rights, data.sharedRights]).toEqual([LAST, LAST]);
    expect(data.$sharedRights.or(Right.Write)).toBe(LAST);
    expect(namesOf(Right, data.sharedRights)).toEqual(["Write", "Own"]);
    data.rows.set([1n, LAST]);
    expect([...data.rows]).toEqual([1n, LAST]);
    data.sharedRows.set(1, LAST | 4n);
    expect(data.sharedRows.field(1).has(Right.Own)).toBe(true);
    // An enum whose members are numbers names bits of 64 as well.
    data.$small.set(Small.Top);
    expect([data.small, namesOf(Small, data.small), data.$small.has(Small.One)]).toEqual([2n ** 31n, ["Top"], false]);
    const shown = JSON.parse(JSON.stringify(data));
    expect([shown.sharedRows, shown.small]).toEqual([[[], ["Own", "0x4"]], ["Top"]]);
  });
});

describe("the language", () => {
  const root = "export interface Car extends Region<{ type: 1; version: 1 }>";

  it.each([
    ["SHM2013", `export enum E { A = -1 } ${root} { e: E }`],
    ["SHM2013", `/** @repr i8 */ export enum E { A = 128 } ${root} { e: E }`],
    ["SHM2013", `export type E = enumOf<{ A: 0x1_0000_0000_0000_0000n }, u64>; ${root} { e: E }`],
    ["SHM2013", `export type E = enumOf<{ A: 1n }, u8>; ${root} { e: E }`, "none"],
    ["SHM2075", `export type E = enumOf<{ A: 1 }, i64>; ${root} { e: flags<E, u8> }`],
    ["SHM2016", `/** @repr i8 */ export enum E { A = -1 } ${root} { e: flags<E, u8> }`],
    ["SHM1055", `export enum E { A } ${root} { e: flags<E, i8> }`],
    ["SHM1053", `${root} { e: enumOf<{ A: 9007199254740993 }, u64> }`],
    ["SHM2053", `/** @repr i8 */ export enum E { A = -1 } ${root.replace("1 }", "2 }")} { e: since<E, 2, -2> }`],
    ["SHM2036", `/** @repr i8 */ export enum E { A = -1 } export interface Car extends Foreign { e: expect<E, 200> }`],
  ])("says %s", (code, text, none?: string) => {
    expect(checkSchema(withImport(text)).codes).toEqual(none === undefined ? [code] : []);
  });

  it("hints at the integers that hold all members", () => {
    const { text } = checkSchema(withImport(`export enum E { A = -1, B = 200 } ${root} { e: E }`));
    expect(text).toContain("its members fit i16, i32, i64");
    const none = `export type E = enumOf<{ A: -1; B: 0xffff_ffff_ffff_ffffn }, i64>; ${root} { e: E }`;
    expect(checkSchema(withImport(none)).text).toContain("no integer of 64 bits holds all members");
  });

  it("takes two names of one value where only foreign memory has the enum", () => {
    const declared = "export enum Kind { None, First = 1, Default = 1 } export interface Entry { kind: Kind }";
    const foreign = "export interface Theirs extends Foreign { entry: array<Entry, 2>; bits: flags<Kind, u32> }";
    expect(checkSchema(withImport(`${declared} ${foreign}`)).codes).toEqual([]);
    expect(checkSchema(withImport(`${declared}`)).codes).toEqual(["SHM2014"]);
    const both = checkSchema(withImport(`${declared} ${foreign} ${root} { entry: Entry }`));
    expect(both.codes).toEqual(["SHM2014"]);
    expect(both.text).toContain("'Car' is a region of ours");
  });
});

describe.skipIf(withoutCompilers !== undefined)("in C", () => {
  it.each(COMPILERS)("are typedefs with all names, which $name takes without a warning", async (compiler) => {
    const foreign =
      "export enum Kind { None, First = 1, Default = 1 } export interface Theirs extends Foreign { kind: Kind }";
    const { files, diagnostics } = await compileSchema({ "log.shm.ts": SCHEMA, "kind.shm.ts": withImport(foreign) }, [
      "c",
    ]);
    expect(diagnostics).toEqual([]);
    const sides = [
      ["Status_Failed", "-300"],
      ["(Level)Level_Low", "-2"],
      ["Key_All", "UINT64_MAX"],
      ["Offset_Least", "INT64_MIN"],
      ["Offset_Most", "INT64_MAX"],
      ["Right_Own", "UINT64_C(0x8000000000000000)"],
      ["Kind_First", "Kind_Default"],
      ["sizeof(Status)", "2"],
      ["sizeof(((Log *)0)->rights)", "8"],
    ];
    const asserts = sides.map(([a, b]) => `SHMGEN_STATIC_ASSERT(${a} == ${b}, "${a}");`);
    const source = `#include "log.h"\n#include "kind.h"\n${asserts.join("\n")}\nint main(void) { return 0; }\n`;
    inTemporaryFolder((folder) => {
      writeFiles(folder, { ...Object.fromEntries(files.map(({ path, text }) => [path, text])), "main.c": source });
      compileProgram(compiler, { folder, source: "main.c", flags: STRICT_FLAGS });
    });
  });
});

describe("inspect", () => {
  it("names what members have, with their sign and all their digits", async () => {
    const { Log, Status, Key, Offset, Right } = (await import(url)) as Anything;
    using region = Log.createOrOpen("log");
    const { data } = region;
    Object.assign(data, { status: Status.Failed, key: Key.All, offset: Offset.Least, rights: Right.Own | 4n });
    region.memory.dataView.setInt8(130, -7);
    const { code, out } = shmgen(["inspect", "log", "--json"]);
    expect(code).toBe(0);
    const shown = (JSON.parse(out) as { values: Record<"status" | "level" | "key" | "offset" | "rights", unknown> })
      .values;
    expect([shown.status, shown.level, shown.key, shown.offset, shown.rights]).toEqual([
      "Failed",
      -7,
      "All",
      "Least",
      ["Own", "0x4"],
    ]);
    const text = shmgen(["inspect", "log"]).out;
    expect(text).toContain("Failed (-300)");
    expect(text).toContain("-7 (no member)");
    expect(text).toContain(`All (${ALL})`);
    expect(text).toContain("Own|0x4 (0x8000000000000004)");
  });
});

describe("evolution", () => {
  const region = (members: string, repr: string, field = "E"): string =>
    `export type E = enumOf<{ ${members} }, ${repr}>;
     export interface Car extends Region<{ type: 1; version: 1 }> { e: ${field} }`;
  const foreign = (members: string): string =>
    `export enum E { ${members} } export interface Car extends Foreign { e: E }`;

  it.each([
    ["another sign", region("A: 0", "i16"), region("A: 0", "u16"), "enum-repr"],
    ["more bytes", region("A: -1", "i8"), region("A: -1", "i64"), "enum-repr"],
    [
      "more bytes of flags",
      region("A: 1", "u32", "flags<E, u32>"),
      region("A: 1", "u32", "flags<E, u64>"),
      "enum-repr",
    ],
    ["a negative member", region("A: 0", "i16"), region("A: 0; B: -1", "i16"), "enum-member-added"],
    [
      "another value beyond 2^53",
      region(`A: ${ALL}n`, "u64"),
      region(`A: ${ALL - 1n}n`, "u64"),
      "enum-member-renumbered",
    ],
    ["a number that becomes an enum", region("A: -1", "i16", "i16"), region("A: -1", "i16"), "number-to-enum"],
    ["an enum that becomes its number", region("A: -1", "i64"), region("A: -1", "i64", "i64"), "number-from-enum"],
    ["one more name of a value", foreign("A = 1"), foreign("A = 1, B = 1"), "enum-member-renamed"],
    ["one name of a value less", foreign("A = 1, B = 1"), foreign("B = 1"), "enum-member-renamed"],
  ])("tells %s", async (_what, older, newer, rule) => {
    const layout = async (text: string) => {
      const { model, diagnostics } = await compileSchema({ "car.shm.ts": withImport(text) }, []);
      expect(diagnostics).toEqual([]);
      const [found] = model === undefined ? [] : layoutsOf(model);
      if (found === undefined) throw new Error("there is no root");
      return found;
    };
    const { changes } = compareLayouts(await layout(older), await layout(newer));
    const told = changes.map((change) => change.rule);
    expect(told.filter((one) => !/^(version-unchanged|region-size|struct-align)$/.test(one))).toEqual([rule]);
  });
});
