/** What JSON has of accessors, what snapshot() has, and assignments of names that no field has. */
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { shmgen } from "../cli/run-cli.js";
import { regionDirectory } from "../support/processes/processes.js";
import { type Anything, contentsClasses } from "../support/schemas/contents.js";

const directory = regionDirectory();
let module: Awaited<ReturnType<typeof contentsClasses>>;
beforeAll(async () => {
  module = await contentsClasses();
});

const full = {
  head: 1,
  samples: 2n ** 64n - 1n,
  hint: 3,
  speed: NaN,
  ratio: -Infinity,
  isOn: true,
  signed: -(2n ** 63n),
  gear: 3,
  sharedGear: 1,
  gears: [2, 0],
  alarms: 3,
  masks: [0, 2],
  count: 5,
  counts: [-6, 7],
  at: Date.UTC(2026, 10, 30, 8, 15, 0, 7),
  seen: 1.25,
  network: 8n,
  status: { low: 7, high: 2 ** 49 },
  name: 'A "name"',
  names: ["ä", ""],
  id: [0xde, 0xad, 0xbe, 0xef],
  ids: [
    [0, 1],
    [2, 255],
  ],
  octets: [1, 2, 3],
  position: [1.5, NaN, -2],
  bigs: [9n, 10n],
  switches: [true, false],
  totals: [11n, 12n],
  wheel: { rpm: 0.5, total: 13n },
  wheels: [{ total: 14n }, { rpm: 1 }],
  grid: [
    [1, 2],
    [3, 4],
  ],
  trace: [{ rpm: 1 }, { total: 15n }],
};
const asJson = {
  head: 1,
  samples: "18446744073709551615",
  hint: 3,
  speed: "NaN",
  ratio: "-Infinity",
  isOn: true,
  signed: "-9223372036854775808",
  gear: "Drive",
  sharedGear: "Reverse",
  gears: ["Neutral", "Park"],
  alarms: ["Oil", "Heat"],
  masks: [[], ["Heat"]],
  count: "5",
  counts: ["-6", "7"],
  at: "2026-11-30T08:15:00.007Z",
  seen: "1970-01-01T00:00:00.001Z",
  network: "8",
  status: { low: 7, high: 562949953421312 },
  name: 'A "name"',
  names: ["ä", ""],
  id: "deadbeef",
  ids: ["0001", "02ff"],
  octets: [1, 2, 3],
  position: [1.5, "NaN", -2],
  bigs: ["9", "10"],
  switches: [true, false],
  totals: ["11", "12"],
  wheel: { rpm: 0.5, total: "13" },
  wheels: [
    { rpm: 0, total: "14" },
    { rpm: 1, total: "0" },
  ],
  grid: [
    [1, 2],
    [3, 4],
  ],
  trace: [
    { rpm: 1, total: "0" },
    { rpm: 0, total: "15" },
  ],
};

describe("accessors as JSON", () => {
  it("have all fields, writers and readers alike", () => {
    using region = module.Car.createOrOpen("json", { directory, tailLength: 2 });
    assign(region.data as never, full as never);
    expect(JSON.parse(JSON.stringify(region.data))).toEqual(asJson);
    expect(JSON.parse(JSON.stringify({ car: [region.data] }))).toEqual({ car: [asJson] });
    const { out } = shmgen(["inspect", join(directory, "json"), "--json"]);
    expect((JSON.parse(out) as { values: object }).values).toEqual(asJson);
    using reader = module.Car.openReadOnly("json", { directory });
    expect(JSON.parse(JSON.stringify(reader.data))).toEqual(asJson);
    expect(JSON.stringify([region.data["$samples"], reader.data["$sharedGear"], region.data["$alarms"]])).toBe(
      '["18446744073709551615",1,3]',
    );
    expect(JSON.stringify([region.data["wheels"], reader.data["bigs"], reader.data["id"]])).toBe(
      '[[{"rpm":0,"total":"14"},{"rpm":1,"total":"0"}],["9","10"],"deadbeef"]',
    );
  });

  it("show what no member and no number has", () => {
    const view = new MemoryView({ buffer: new ArrayBuffer(4096), byteLength: 4096, readOnly: false, label: "x" });
    const car = new module.Car(view, 0);
    view.u8.fill(0xff);
    expect(JSON.parse(JSON.stringify(car))).toMatchObject({
      gear: 255,
      gears: [255, 255],
      alarms: ["Oil", "Heat", "0xfffc"],
      count: "18446744073709551615",
      counts: ["-1", "-1"],
      name: "\uFFFD".repeat(16),
    });
  });

  it("have what seqlocks hold, and the state of other containers", () => {
    using region = module.Guarded.createOrOpen("json-guarded", { directory });
    const { best, total } = region.data as Record<string, { write(value: unknown): void }>;
    best?.write({ rpm: 1, total: 2n ** 60n });
    total?.write(5n);
    expect(JSON.parse(JSON.stringify(region.data))).toEqual({
      door: { owner: 0, abandoned: false },
      best: { rpm: 1, total: String(2n ** 60n) },
      total: "5",
      tally: { size: 0, capacity: 3 },
      mood: 0,
    });
    expect(snapshot(region.data as never)).toMatchObject({ best: { rpm: 1, total: 2n ** 60n }, total: 5n });
  });

  it("snapshot() gives 64-bit integers as one wants them", () => {
    using region = module.Car.createOrOpen("forms", { directory, tailLength: 0 });
    const { data } = region;
    assign(data as never, { samples: 5n, bigs: [1n, 2n], wheel: { total: 3n }, network: 2n ** 53n } as never);
    expect(snapshot(data as never, { bigint: "string" })).toMatchObject({
      samples: "5",
      bigs: ["1", "2"],
      wheel: { total: "3" },
      count: 0,
    });
    expect(() => JSON.stringify(snapshot(data as never, { bigint: "string" }))).not.toThrow();
    expect(() => snapshot(data as never, { bigint: "number" })).toThrow(
      'network holds 9007199254740992, which no number can show exactly: take the snapshot with { bigint: "string" }, or without the option',
    );
    data["network"] = 7n;
    expect(snapshot(data as never, { bigint: "number" })).toMatchObject({
      samples: 5,
      bigs: [1, 2],
      wheel: { total: 3 },
      network: 7,
    });
    expect(snapshot(data as never, { bigint: "bigint" })).toEqual(snapshot(data as never));
    using guarded = module.Guarded.createOrOpen("forms-guarded", { directory });
    expect(snapshot(guarded.data as never, { bigint: "string" })).toMatchObject({ best: { total: "0" }, total: "0" });
    expect(() => snapshot(data as never, { bigints: "string" } as never)).toThrow(
      "there is no option bigints here; did you mean 'bigint'?",
    );
    expect(() => snapshot(data as never, { bigint: "text" } as never)).toThrow(
      'bigint is one of bigint, number, string: found="text"',
    );
  });

  it("spread and structuredClone see no fields, and snapshot() is what has them", () => {
    using region = module.Car.createOrOpen("spread", { directory, tailLength: 0 });
    expect(Object.keys({ ...region.data })).toEqual([]);
    expect(Object.keys({ ...(snapshot(region.data as never) as object) })).toContain("head");
    expect(structuredClone(snapshot(region.data as never))).toEqual(snapshot(region.data as never));
  });
});

describe("an assignment of a name that no field has", () => {
  it("throws, with the field that may be meant, for writers, readers and parts", () => {
    using region = module.Car.createOrOpen("typo", { directory, tailLength: 1 });
    const { data } = region;
    const set = (on: Anything, name: string) => () => {
      on[name] = 1;
    };
    expect(set(data, "hed")).toThrow(/^Car has no field "hed"; did you mean 'head'\?$/);
    expect(set(data, "samplse")).toThrow(/did you mean 'samples'\?$/);
    expect(set(data, "x")).toThrow(
      /^Car has no field "x"; its fields are head, samples, hint, speed, ratio, isOn, signed, gear and \d+ more$/,
    );
    expect(set(data["wheel"], "rpn")).toThrow(/^Wheel has no field "rpn"; did you mean 'rpm'\?$/);
    expect(set(data["status"], "hihg")).toThrow(/^Status has no field "hihg"; did you mean 'high'\?$/);
    expect(set(data["trace"].at(0), "totl")).toThrow(/did you mean 'total'\?$/);
    expect(set(module.Wheel.local(), "rmp")).toThrow(/did you mean 'rpm'\?$/);
    using reader = module.Car.openReadOnly("typo", { directory });
    expect(set(reader.data, "hed")).toThrow(/^Car has no field "hed"; did you mean 'head'\?$/);
    expect(() => Object.assign(data, { hed: 1 })).toThrow(/did you mean 'head'\?$/);
    expect(() => assign(data as never, { hed: 1 } as never)).toThrow(/did you mean 'head'\?$/);
    expect(Object.keys(data)).toEqual([]);
  });

  it("does not hinder fields, symbols, classes that extend accessors, and their prototypes", () => {
    using region = module.Car.createOrOpen("free", { directory, tailLength: 0 });
    const { data } = region;
    data["head"] = 5;
    expect(data["head"]).toBe(5);
    const mark = Symbol("mark");
    (data as Record<symbol, unknown>)[mark] = 1;
    expect((data as Record<symbol, unknown>)[mark]).toBe(1);
    const Own = class extends (module.Wheel as unknown as new (view: MemoryView, offset: number) => Anything) {
      constructor(view: MemoryView, offset: number) {
        super(view, offset);
        this["note"] = "mine";
      }
    };
    const view = new MemoryView({ buffer: new ArrayBuffer(64), byteLength: 64, readOnly: false, label: "x" });
    expect(new Own(view, 0)["note"]).toBe("mine");
    const { prototype } = module.Wheel as unknown as { prototype: Anything };
    prototype["describe"] = function (this: Anything): string {
      return `${this["rpm"]} rpm`;
    };
    expect(module.Wheel.local()["describe"]()).toBe("0 rpm");
    delete prototype["describe"];
    expect(data instanceof Object).toBe(true);
    expect("hed" in data).toBe(false);
    expect(data["hed"]).toBeUndefined();
    expect(Reflect.ownKeys(data)).toEqual([mark]);
  });
});
