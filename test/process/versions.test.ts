/** Regions of one version under the code of another: what both have, what one lacks, and what is refused. */
import { beforeAll, describe, expect, it } from "vitest";
import { isShmError, snapshot, assign, type Flyweight, type ShmError } from "@shmgen/runtime";
import { inspect } from "node:util";
import type { RegionDefinition } from "@shmgen/runtime/codegen-v1";
import { importSchema } from "../support/schemas/generated.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";

regionDirectory();

interface WheelData extends Flyweight {
  rpm: number;
  slip: number;
}
interface Handle<T> {
  load(): T;
  store(value: T): void;
  add(value: T): T;
  compareExchange(expected: T, value: T): T;
}
/** What the generated accessors of all versions have together. */
interface Data extends Flyweight {
  samples: bigint;
  gear: number | undefined;
  level: number;
  driver: string;
  throttle: number;
  name: string;
  extra: unknown;
  list: unknown;
  readonly wheels: { at(index: number): WheelData };
  readonly rest: { readonly length: number; at(index: number): WheelData };
  readonly $samples: Handle<bigint>;
  readonly $throttle: Handle<number>;
  readonly $big: Handle<bigint>;
}
interface OpenRegion {
  readonly data: Data;
  readonly outcome: string;
  readonly actingVersion: number;
  readonly tailLength: number;
  growTail(length: number): void;
  refresh(): boolean;
  token(): string;
  share(): unknown;
  view(options: object): object;
  readonly memory: object;
  close(): void;
  [Symbol.dispose](): void;
}
type Open = (name: string, options?: object) => OpenRegion;
interface RegionClass {
  readonly definition?: RegionDefinition<Flyweight, Flyweight>;
  readonly create: Open;
  readonly open: Open;
  readonly openReadOnly: Open;
  readonly createOrOpen: Open;
  readonly fromToken: Open;
  readonly fromShared: (shared: unknown, options?: object) => OpenRegion;
  at(memory: object, offset: number): Data & WheelData;
}
interface Module {
  readonly Car: RegionClass;
  readonly Wheel: RegionClass;
  readonly Gear: Readonly<Record<string, number>>;
}

const IMPORT =
  'import type { Region, array, atomic, f32, num, pad, since, tail, u8, u16, u32, u64, utf8 } from "@shmgen/schema";\n';
const schema = (options: string, fields: string, wheel: string, gear = "Park, Drive"): string =>
  `${IMPORT}
  export interface Car extends Region<{ type: 1; ${options} }> { ${fields} }
  export interface Wheel { ${wheel} }
  /** @repr u8 */ export enum Gear { ${gear} }`;

const V1 = "samples: atomic<u64>; gear: atomic<Gear>; kept: pad<3>; wheels: array<Wheel, 2>; driver: utf8<16>";
const MORE =
  'throttle: since<atomic<u32>, 2, 7>; name: since<utf8<8>, 2, "none">; big: since<atomic<u64>, 2, 9n>; ' +
  "mode: since<Gear, 2, Gear.Drive>; extra: since<Wheel, 2>; list: since<array<u32, 4>, 2>; safe: since<num<u64>, 2, 3>";
const V2 = `samples: atomic<u64>; gear: atomic<Gear>; level: since<u8, 2, 5>; kept: pad<2>; wheels: array<Wheel, 2>; driver: utf8<16>; ${MORE}`;
const WHEEL1 = "rpm: f32; kept: pad<4>";
const WHEEL2 = "rpm: f32; slip: since<f32, 2, 0.5>";

let one: Module;
let two: Module;
let far: Module;
let strict: Module;
let other: Module;

beforeAll(async () => {
  const load = (text: string): Promise<Module> => importSchema<Module>({ "car.shm.ts": text }, "car.shm.ts");
  one = await load(schema("version: 1", V1, WHEEL1));
  two = await load(schema("version: 2; readableFrom: 1", V2, WHEEL2, "Park, Drive, Sport"));
  far = await load(schema("version: 3; readableFrom: 2", V2, WHEEL2, "Park, Drive, Sport"));
  strict = await load(schema("version: 2", V2, WHEEL2, "Park, Drive, Sport"));
  other = await load(schema("version: 4; readableFrom: 1", V1.replace("atomic<u64>", "atomic<u32>"), WHEEL1));
});

const messageOf = (call: () => unknown): ShmError => {
  try {
    call();
  } catch (error) {
    if (isShmError(error)) return error as ShmError;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("newer code on an older region", () => {
  it("opens it, sees what is there, and reads the defaults of what is not [fault 50]", () => {
    using old = one.Car.createOrOpen("older", {
      initialise: (car: Data) => assign(car, { samples: 5n, driver: "Ada", wheels: [{ rpm: 1 }, { rpm: 2 }] } as never),
    });
    using region = two.Car.createOrOpen("older");
    using reader = two.Car.openReadOnly("older");
    expect([region.outcome, region.actingVersion, old.actingVersion]).toEqual(["opened", 1, 1]);
    for (const { data } of [region, reader]) {
      expect(snapshot(data)).toEqual({
        samples: 5n,
        gear: 0,
        level: 5,
        wheels: [
          { rpm: 1, slip: 0.5 },
          { rpm: 2, slip: 0.5 },
        ],
        driver: "Ada",
        throttle: 7,
        name: "none",
        big: 9n,
        mode: 1,
        extra: undefined,
        list: undefined,
        safe: 3,
      });
      expect([data.$throttle.load(), data.$big.load()]).toEqual([7, 9n]);
      expect(inspect(data)).toContain("throttle: 7");
    }
    region.data.samples = 6n;
    region.data.$samples.add(1n);
    region.data.wheels.at(1).rpm = 3;
    expect([old.data.samples, old.data.wheels.at(1).rpm]).toEqual([7n, 3]);
  });

  it("throws for writes to what is not there, names the field and both versions, and changes no byte", () => {
    using old = one.Car.createOrOpen("write");
    using region = two.Car.open("write");
    const before = Buffer.from((old.memory as { u8: Uint8Array }).u8).toString("hex");
    const car = region.data;
    const writes: (() => unknown)[] = [
      () => (car.throttle = 1),
      () => (car.level = 1),
      () => (car.name = "x"),
      () => (car.extra = { rpm: 1 }),
      () => (car.list = [1, 2, 3, 4]),
      () => car.$throttle.store(1),
      () => car.$throttle.add(1),
      () => car.$big.compareExchange(0n, 1n),
      () => (car.wheels.at(0).slip = 1),
      () => assign(car, { samples: 1n, throttle: 1 } as never),
      () => assign(car, { wheels: [{ rpm: 9, slip: 1 }, { rpm: 9 }] } as never),
    ];
    for (const write of writes) expect(codeOf(write), String(write)).toBe("ERR_SHM_VERSION");
    expect(Buffer.from((old.memory as { u8: Uint8Array }).u8).toString("hex") === before).toBe(true);
    const error = messageOf(() => (car.throttle = 1));
    expect(error).toMatchObject({ field: "Car.throttle", expected: 2, found: 1 });
    expect(error.message).toMatch(/field=Car\.throttle version=1 since=2; .*version 2/);
  });

  it("takes back by assign() what snapshot() gave, and nothing else for a field that is not there", () => {
    using old = one.Car.createOrOpen("back", {
      initialise: (car: Data) => assign(car, { samples: 5n, driver: "Ada", wheels: [{ rpm: 1 }, { rpm: 2 }] } as never),
    });
    using region = two.Car.open("back");
    const { data: car } = region;
    const copy = snapshot(car);
    assign(car, { samples: 9n, driver: "Bob", wheels: [{ rpm: 8 }, { rpm: 9 }] } as never);
    assign(car, copy as never);
    expect(snapshot(car)).toEqual(copy);
    expect(snapshot(old.data)).toMatchObject({ samples: 5n, driver: "Ada", wheels: [{ rpm: 1 }, { rpm: 2 }] });
    for (const [field, value] of [
      ["throttle", 8],
      ["name", "other"],
      ["big", 8n],
      ["extra", { rpm: 1 }],
      [
        "wheels",
        [
          { rpm: 7, slip: 0.5 },
          { rpm: 7, slip: 0.25 },
        ],
      ],
    ] as const) {
      expect(
        codeOf(() => assign(car, { samples: 1n, [field]: value } as never)),
        field,
      ).toBe("ERR_SHM_VERSION");
    }
    expect(snapshot(car)).toEqual(copy);
    // The setter itself refuses every value.
    expect(codeOf(() => (car.throttle = 7))).toBe("ERR_SHM_VERSION");
  });

  it("gives the same through Struct.at, views, tokens and shared mappings", () => {
    using old = one.Car.createOrOpen("ways");
    using region = two.Car.open("ways");
    expect(two.Wheel.at(region.memory, 128 + 12).slip).toBe(0.5);
    expect(two.Wheel.at(region.view({ offset: 136 }), 4).slip).toBe(0.5);
    using byToken = two.Car.fromToken(old.token());
    using shared = two.Car.fromShared(old.share());
    using again = two.Car.open("ways");
    expect([byToken, shared, again].map((each) => [each.actingVersion, each.data.throttle])).toEqual([
      [1, 7],
      [1, 7],
      [1, 7],
    ]);
    expect(codeOf(() => (shared.data.throttle = 1))).toBe("ERR_SHM_VERSION");
  });

  it("makes a left-over of an older version anew, and keeps one it can use when asked to", () => {
    one.Car.createOrOpen("left", { cleanup: "keep", initialise: (car: Data) => (car.samples = 5n) }).close();
    {
      using kept = two.Car.createOrOpen("left", { onStale: "keep", cleanup: "keep" });
      expect([kept.outcome, kept.actingVersion, kept.data.samples]).toEqual(["opened", 1, 5n]);
    }
    using anew = two.Car.createOrOpen("left");
    expect([anew.outcome, anew.actingVersion, anew.data.samples]).toEqual(["reinitialised", 2, 0n]);
    anew.data.throttle = 1;
  });

  it("after close its accessors throw as all others", () => {
    using old = one.Car.createOrOpen("closed");
    const region = two.Car.open("closed");
    const { data } = region;
    region.close();
    expect(codeOf(() => data.throttle)).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => data.samples)).toBe("ERR_SHM_CLOSED");
    expect(old.data.samples).toBe(0n);
  });
});

describe("older code on a newer region", () => {
  it("opens it where readableFrom allows it, and works on what it knows", () => {
    using region = two.Car.createOrOpen("newer", { initialise: (car: Data) => (car.throttle = 9) });
    using old = one.Car.createOrOpen("newer");
    expect([old.outcome, old.actingVersion]).toEqual(["opened", 2]);
    old.data.samples = 4n;
    old.data.wheels.at(0).rpm = 2;
    region.data.gear = two.Gear["Sport"];
    expect([old.data.gear, region.data.samples, region.data.throttle]).toEqual([2, 4n, 9]);
    expect(Object.keys(snapshot(old.data))).toEqual(["samples", "gear", "wheels", "driver"]);
  });

  it("is refused where readableFrom does not, and both versions are named", () => {
    using region = far.Car.createOrOpen("strict");
    const error = messageOf(() => one.Car.open("strict"));
    expect(error).toMatchObject({ code: "ERR_SHM_VERSION", field: "version", expected: 1, found: 3 });
    expect(error.message).toContain("readableFrom 2: programs of the older version refuse newer regions");
    expect(error.message).toContain(`writtenBy="pid ${process.pid} (`);
    using old = two.Car.open("strict");
    expect([old.actingVersion, region.actingVersion]).toEqual([3, 3]);
    using plain = strict.Car.createOrOpen("plain");
    expect(codeOf(() => one.Car.open("plain"))).toBe("ERR_SHM_VERSION");
    expect(plain.actingVersion).toBe(2);
  });
});

describe("versions that do not fit", () => {
  it("are refused with the first differences, their offsets, and what to do, and the region stays as it is", () => {
    using region = one.Car.createOrOpen("apart", { initialise: (car: Data) => (car.samples = 5n) });
    const error = messageOf(() => other.Car.createOrOpen("apart"));
    expect(error).toMatchObject({ code: "ERR_SHM_VERSION", expected: 4, found: 1 });
    expect(error.message).toContain("Car.samples changed from atomic<u64> at 0 to atomic<u32> at 0");
    expect(error.message).toMatch(/; run one version of the schema everywhere/);
    expect([region.data.samples, region.outcome]).toEqual([5n, "created"]);
    expect(codeOf(() => other.Car.fromToken(region.token()))).toBe("ERR_SHM_VERSION");
    expect(codeOf(() => other.Car.fromShared(region.share()))).toBe("ERR_SHM_VERSION");
  });
});

describe("tails", () => {
  it("grow and shrink for nobody: newer code grows an older region, whose description stays its own", async () => {
    const tailed = (options: string, fields: string, wheel: string): Promise<Module> =>
      importSchema<Module>({ "car.shm.ts": schema(options, fields, wheel) }, "car.shm.ts");
    const old = await tailed("version: 1", "gear: Gear; kept: pad<7>; rest: tail<Wheel>", WHEEL1);
    const now = await tailed(
      "version: 2; readableFrom: 1",
      "gear: Gear; level: since<u8, 2, 3>; kept: pad<6>; rest: tail<Wheel>",
      WHEEL2,
    );
    using region = old.Car.createOrOpen("tail", { tailLength: 2 });
    using newer = now.Car.open("tail");
    expect([newer.tailLength, newer.data.level, newer.data.rest.at(1).slip]).toEqual([2, 3, 0.5]);
    newer.growTail(3000);
    expect([newer.data.rest.length, newer.data.rest.at(2999).slip, newer.data.level]).toEqual([3000, 0.5, 3]);
    region.refresh();
    region.data.rest.at(2999).rpm = 4;
    expect(newer.data.rest.at(2999).rpm).toBe(4);
    using again = now.Car.open("tail");
    expect([again.actingVersion, again.data.rest.at(2999).rpm]).toEqual([1, 4]);
  });
});
