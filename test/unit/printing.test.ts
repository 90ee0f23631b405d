/** Whatever the memory holds, and whatever has become of it: printing shows what can be shown, and never throws. */
import * as fs from "node:fs";
import { join } from "node:path";
import { format, inspect, type InspectOptions } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { regionDirectory } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";
import type { Region } from "@shmgen/runtime";

const ROUNDS = byDepth(5, 20);
const directory = regionDirectory();
const SCHEMA = `
import type { Region, array, atomic, be, bits, bool, bytes, enumOf, f32, flags, i64, num, relaxed, tail, u8, u16, u32, u64, utf8, since } from "@shmgen/schema";
export type Gear = enumOf<{ Park: 0; Reverse: 1 }, u8>;
/** @repr u16 */
export enum Alarm { Oil = 1, Heat = 2 }
export type Status = bits<{ low: 3; high: 50 }, u64>;
export interface Wheel { rpm: f32; total: num<u64>; gear: Gear }
export interface Car extends Region<{ type: 7; version: 2 }> {
  total: num<u64>; signed: num<i64>; swapped: be<num<u64>>; shared: atomic<num<u64>>;
  totals: array<num<u64>, 3>; sharedTotals: array<atomic<num<i64>>, 2>; grid: array<array<num<u64>, 2>, 2>;
  gear: Gear; sharedGear: atomic<Gear>; gears: array<Gear, 3>; alarms: flags<Alarm, u16>; sharedAlarms: atomic<flags<Alarm, u16>>;
  status: Status; states: array<Status, 2>; isOn: bool; switches: array<atomic<bool>, 2>; name: utf8<8>; names: array<utf8<8>, 2>;
  id: bytes<8>; ids: array<bytes<4>, 2>; wheel: Wheel; wheels: array<Wheel, 2>; numbers: array<u32, 3>; hints: array<relaxed<u16>, 2>;
  added: since<num<u64>, 2>; samples: tail<Wheel>;
}
export interface Numbers extends Region<{ type: 8; version: 1 }> { samples: tail<num<u64>> }
`;

type Anything = Record<string, unknown>;
interface Class {
  new (view: MemoryView, offset: number): Anything;
  readonly layout: { readonly size: number };
  readonly prototype: object;
  createOrOpen(name: string, options: object): Omit<Region, "data"> & { readonly data: Anything };
  openReadOnly(name: string, options: object): Omit<Region, "data"> & { readonly data: Anything };
}
let module: Record<"Car" | "CarReader" | "Numbers", Class>;
beforeAll(async () => {
  module = await importSchema({ "car.shm.ts": SCHEMA }, "car.shm.ts");
});

/** Calls all getters, which is not printing but reading: that of data, and the tag of that. */
const READING = (value: unknown): string => inspect(value, { customInspect: false, showHidden: true, getters: true });

/** The ways in which Node prints. */
const PRINTERS: ((value: unknown) => string)[] = [
  inspect,
  READING,
  ...(
    [
      { depth: Infinity, colors: true },
      { depth: 0 },
      { showHidden: true, getters: true, showProxy: true },
      { compact: false, breakLength: 20, maxArrayLength: 1, sorted: true },
    ] satisfies InspectOptions[]
  ).map((options) => (value: unknown) => inspect(value, options)),
  ...["%s", "%o", "%O", "%d", "%i", "%f", "%j"].map((placeholder) => (value: unknown) => {
    // JSON has no bigints and calls the getters itself; that is not printing.
    return placeholder === "%j" ? format(placeholder, inspect(value)) : format(placeholder, value);
  }),
  (value) => inspect(Object.assign(new Error("it carries one"), { found: value, cause: { value } })),
  (value) => inspect(new AggregateError([value], "several", { cause: value })),
  (value) => inspect(new Map([[value, [value, new Set([value])]]]), { depth: 5 }),
  (value) => `${Object.prototype.toString.call(value)}`,
];

function printAll(value: unknown): string {
  return PRINTERS.map((print) => print(value)).join("\n");
}

/** Everything that an accessor hands out. */
function parts(data: Anything): unknown[] {
  const names = Object.keys(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(data)));
  const found: unknown[] = [data];
  for (const name of names) {
    let part: unknown;
    try {
      part = data[name];
    } catch {
      continue;
    }
    if (typeof part !== "object" || part === null) continue;
    found.push(part);
    const { field } = part as { field?: (index: number) => unknown };
    if (field !== undefined) found.push(field.call(part, 0));
  }
  return found;
}

describe("printing", () => {
  it("shows the raw value of a num<> beyond 2^53, wherever it stands, while reading and snapshot() refuse it", () => {
    using region = module.Car.createOrOpen("raw", { directory, tailLength: 2 });
    const bytes = region.memory.u8;
    bytes.fill(0xff, 128, 128 + module.Car.layout.size + 40);
    const { data } = region;
    for (const text of [inspect(region, { depth: 6 }), inspect(data, { depth: 6 })]) {
      expect(text).toMatch(/total: 18446744073709551615n,\s+signed: -1,\s+swapped: 18446744073709551615n/);
      expect(text).toMatch(/totals: \[\s*18446744073709551615n,\s+18446744073709551615n,/);
      expect(text).toMatch(/wheel: Wheel \{ rpm: NaN, total: 18446744073709551615n, gear: 255 \}/);
      expect(text).toMatch(/samples: \[\s*Wheel \{ rpm: NaN, total: 18446744073709551615n/);
    }
    expect(inspect(data["$shared"])).toBe("[atomic Car.shared = 18446744073709551615n]");
    const error = Object.assign(new Error("bad"), { region, data });
    expect(inspect(error, { depth: 6 })).toContain("total: 18446744073709551615n");
    for (const read of [() => data["total"], () => snapshot(data as never)])
      expect(read).toThrow("Car.total holds 18446744073709551615, which no number can show exactly");
    using reader = module.Car.openReadOnly("raw", { directory });
    expect(inspect(reader.data["$shared"])).toBe("18446744073709551615n");
    expect(inspect(reader, { depth: 6 })).toContain("total: 18446744073709551615n");
  });

  it("never throws, for any bytes, open or closed, writer or reader", () => {
    const random = new Random(runSeed("printing"));
    const kept: unknown[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const region = module.Car.createOrOpen(`any-${round}`, { directory, tailLength: 3 });
      const reader = module.Car.openReadOnly(`any-${round}`, { directory });
      const { u8 } = region.memory;
      // From the header on, which only opening judges.
      for (let at = 0; at < region.size; at += 1) u8[at] = random.integer(0, 255);
      const objects = [region, reader, region.memory, reader.memory, ...parts(region.data), ...parts(reader.data)];
      for (const object of objects) expect(printAll(object)).not.toBe("");
      u8[64] = 2;
      region.close();
      reader.close();
      for (const object of objects) expect(printAll(object)).not.toBe("");
      expect(inspect(region.data)).toBe("[closed Car]");
      expect(`${region.data}`).toBe("[closed Car]");
      kept.push(objects);
    }
    expect(kept.length).toBe(ROUNDS);
  });

  it("never throws for what is no accessor any more, or never was", () => {
    const view = new MemoryView({ buffer: new SharedArrayBuffer(4096), byteLength: 4096, readOnly: false, label: "x" });
    const car = new module.Car(view, 0);
    for (const part of parts(car).filter((one) => !ArrayBuffer.isView(one))) {
      const prototype = Object.getPrototypeOf(part) as object;
      printAll(prototype);
      printAll(Object.create(prototype));
      printAll(Object.create(part as object));
      printAll(new Proxy(part as object, {}));
    }
    printAll(module.Car);
    printAll(module.Car.prototype);
    printAll(module.CarReader.prototype);
    using region = module.Car.createOrOpen("none", { directory, tailLength: 0 });
    printAll(Object.getPrototypeOf(region));
    printAll(Object.create(Object.getPrototypeOf(region) as object));
    printAll(Object.create(region));
  });

  it("a long array is shown by its first elements, without a copy of the whole", () => {
    const length = 200_000;
    using region = module.Numbers.createOrOpen("long", { directory, tailLength: length });
    const text = inspect(region.data["samples"]);
    expect(text).toContain("... 199901 more");
    expect(text.length).toBeLessThan(2000);
  });

  it("a region whose file was cut short is shown without its data, which would end the process", () => {
    using region = module.Car.createOrOpen("short", { directory, tailLength: 100_000 });
    const { size } = region;
    const path = join(directory, "short");
    fs.truncateSync(path, 128);
    for (const print of PRINTERS.filter((one) => one !== READING)) expect(print(region)).not.toBe("");
    expect(inspect(region)).toContain("[its file is shorter than the region]");
    fs.truncateSync(path, size);
  });
});
