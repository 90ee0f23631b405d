/** Accessors are deeply equal where their contents are, in every framework. */
import assert from "node:assert";
import { isDeepStrictEqual } from "node:util";
import { beforeAll, describe, chai, expect, it } from "vitest";
import { expect as jest } from "expect";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { regionDirectory } from "../support/processes/processes.js";
import { type Anything, contentsClasses } from "../support/schemas/contents.js";

const directory = regionDirectory();
let module: Awaited<ReturnType<typeof contentsClasses>>;
beforeAll(async () => {
  module = await contentsClasses();
});

const holds = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};

/** What each framework says of two values. */
const EQUALITIES: Readonly<Record<string, (a: unknown, b: unknown) => boolean>> = {
  "assert.deepStrictEqual": (a, b) => holds(() => assert.deepStrictEqual(a, b)),
  "assert.deepEqual": (a, b) => holds(() => assert.deepEqual(a, b)),
  "not assert.notDeepStrictEqual": (a, b) => !holds(() => assert.notDeepStrictEqual(a, b)),
  isDeepStrictEqual: (a, b) => isDeepStrictEqual(a, b),
  "Vitest toEqual": (a, b) => holds(() => expect(a).toEqual(b)),
  "Vitest toStrictEqual": (a, b) => holds(() => expect(a).toStrictEqual(b)),
  "Vitest not.toEqual": (a, b) => !holds(() => expect(a).not.toEqual(b)),
  "Jest toEqual": (a, b) => holds(() => jest(a).toEqual(b)),
  "Jest toStrictEqual": (a, b) => holds(() => jest(a).toStrictEqual(b)),
  "chai deep.equal": (a, b) => holds(() => chai.expect(a).to.deep.equal(b)),
};

/** Those that write down how two values differ take seconds for long ones. */
const WITHOUT_DIFF = ["isDeepStrictEqual", "not assert.notDeepStrictEqual", "Vitest not.toEqual"];

function verdicts(a: unknown, b: unknown, names = Object.keys(EQUALITIES)): boolean[] {
  const pairs: [unknown, unknown][] = [
    [a, b],
    [b, a],
    [[a], [b]],
    [{ x: { y: a } }, { x: { y: b } }],
    [new Map([[1, a]]), new Map([[1, b]])],
  ];
  return [...new Set(names.flatMap((name) => pairs.map(([one, other]) => EQUALITIES[name]?.(one, other) as boolean)))];
}
const expectEqual = (a: unknown, b: unknown, what = ""): void => expect(verdicts(a, b), what).toEqual([true]);
const expectUnequal = (a: unknown, b: unknown, what = ""): void => expect(verdicts(a, b), what).toEqual([false]);

/** For each field of Car, two values that differ, however little. */
const DIFFERENT: readonly [field: string, one: unknown, other: unknown][] = [
  ["head", 1, 2],
  ["samples", 1n, 2n ** 60n],
  ["hint", 1, 2],
  ["speed", 0.1, 0.1 + Number.EPSILON],
  ["speed", 0, -0],
  ["speed", NaN, 1],
  ["ratio", 0.5, 0.25],
  ["isOn", true, false],
  ["signed", 1n, -1n],
  ["gear", 0, 1],
  ["sharedGear", 0, 1],
  ["gears", [0, 1], [1, 0]],
  ["alarms", 1, 2],
  ["masks", [1, 2], [2, 1]],
  ["count", 1, 2 ** 53 - 1],
  ["counts", [1, 2], [1, -2]],
  ["network", 1n, 2n],
  ["status", { low: 1, high: 2 ** 49 }, { low: 1, high: 2 ** 49 + 1 }],
  ["name", "one", "two"],
  ["names", ["a", "b"], ["a", "c"]],
  ["id", [1, 2, 3, 4], [1, 2, 3, 5]],
  [
    "ids",
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [3, 5],
    ],
  ],
  ["octets", [1, 2, 3], [1, 2, 4]],
  ["position", [1, 2, 3], [1, 2, 4]],
  ["bigs", [1n, 2n], [1n, 3n]],
  ["switches", [true, false], [false, true]],
  ["totals", [1n, 2n], [1n, 3n]],
  ["wheel", { rpm: 1, total: 2n }, { rpm: 1, total: 3n }],
  ["wheels", [{}, { rpm: 1 }], [{}, { rpm: 2 }]],
  [
    "grid",
    [
      [1, 2],
      [3, 4],
    ],
    [
      [1, 2],
      [3, 5],
    ],
  ],
  ["trace", [{}, { rpm: 1 }], [{}, { rpm: 2 }]],
];

describe("accessors are deeply equal where their contents are", () => {
  it("for each kind of field, in every framework, alone and inside of others", () => {
    for (const [at, [field, one, other]] of DIFFERENT.entries()) {
      using a = module.Car.createOrOpen(`a-${at}`, { directory, tailLength: 2 });
      using b = module.Car.createOrOpen(`b-${at}`, { directory, tailLength: 2 });
      expectEqual(a.data, b.data, field);
      assign(a.data as never, { [field]: one } as never);
      assign(b.data as never, { [field]: other } as never);
      expectUnequal(a.data, b.data, field);
      assign(b.data as never, { [field]: one } as never);
      expectEqual(a.data, b.data, field);
      const part = a.data[field] as unknown;
      if (typeof part === "object") expectEqual(part, b.data[field], `${field} alone`);
      assign(b.data as never, { [field]: other } as never);
      if (typeof part === "object") expectUnequal(part, b.data[field], `${field} alone`);
      const handle = `$${field}`;
      if (handle in a.data) expectUnequal(a.data[handle], b.data[handle], handle);
    }
  });

  it("readers too, and a reader is not its writer where classes count", () => {
    using first = module.Car.createOrOpen("left", { directory, tailLength: 2 });
    using second = module.Car.createOrOpen("right", { directory, tailLength: 2 });
    assign(first.data as never, { samples: 1n, octets: [1, 2, 3] } as never);
    assign(second.data as never, { samples: 2n, octets: [1, 2, 3] } as never);
    using left = module.Car.openReadOnly("left", { directory });
    using again = module.Car.openReadOnly("left", { directory });
    using right = module.Car.openReadOnly("right", { directory });
    expectUnequal(left.data, right.data);
    expectEqual(left.data, again.data);
    expectEqual(left.data["octets"], right.data["octets"]);
    expectUnequal(left.data["$samples"], right.data["$samples"]);
    expect(isDeepStrictEqual(first.data, left.data)).toBe(false);
    assert.deepEqual(first.data, left.data);
    assert.notDeepEqual(first.data, right.data);
  });

  it("one NaN is another one, and bytes that no field shows do not count", () => {
    const views = [0, 0].map(
      () => new MemoryView({ buffer: new ArrayBuffer(4096), byteLength: 4096, readOnly: false, label: "x" }),
    );
    const [a, b] = views.map((view) => new module.Car(view, 0)) as [Anything, Anything];
    expectEqual(a, b);
    const { fields } = module.Car.layout as unknown as { fields: { name: string; offset: number; size: number }[] };
    const place = (name: string): number => fields.find((field) => field.name === name)?.offset ?? NaN;
    views[0]?.dataView.setBigUint64(place("speed"), 0x7ff8_0000_0000_0001n, true);
    views[1]?.dataView.setBigUint64(place("speed"), 0xfff8_0000_0000_0000n, true);
    a["name"] = b["name"] = "x";
    views[0]?.u8.fill(7, place("name") + 5, place("name") + 16);
    expectEqual(a, b);
    // Between fields.
    const covered = new Set(fields.flatMap(({ offset, size }) => Array.from({ length: size }, (_, at) => offset + at)));
    let holes = 0;
    for (let at = 0; at < module.Car.layout.size; at += 1) {
      if (covered.has(at)) continue;
      holes += 1;
      views[0]?.u8.set([at % 255], at);
    }
    expect(holes).toBeGreaterThan(0);
    expectEqual(a, b);
    b["head"] = 1;
    expectUnequal(a, b);
  });
});

describe("accessors, regions and containers that are compared", () => {
  it("count where contents are too long for a text: a digest has each value", () => {
    using a = module.Wide.createOrOpen("wide-a", { directory });
    using b = module.Wide.createOrOpen("wide-b", { directory });
    expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([true]);
    expect(Object.prototype.toString.call(a.data).length).toBeLessThan(5000);
    const changes: ((data: Anything, value: number) => void)[] = [
      (data, value) => (data["many"][19_999] = value),
      (data, value) => (data["many"][0] = value),
      (data, value) => (data["bytes"][3999] = value),
      (data, value) => (data["structs"].at(499).total = BigInt(value)),
      (data, value) => (data["structs"].at(250).rpm = value),
    ];
    for (const change of changes) {
      change(a.data, 1);
      expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([false]);
      change(b.data, 1);
      expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([true]);
    }
    // Two signs, which are the highest bits of words.
    const numbers = a.data["many"] as Float64Array;
    numbers[7] = numbers[9] = 1;
    (b.data["many"] as Float64Array).set(numbers);
    expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([true]);
    numbers[7] = numbers[9] = -1;
    expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([false]);
    numbers.fill(NaN);
    (b.data["many"] as Float64Array).fill(NaN);
    new BigUint64Array(numbers.buffer, numbers.byteOffset, 1)[0] = 0xfff8_0000_0000_0003n;
    expect(verdicts(a.data, b.data, WITHOUT_DIFF)).toEqual([true]);
  });

  it("containers, regions and memory are equal to themselves alone", () => {
    using a = module.Guarded.createOrOpen("door-a", { directory });
    using again = module.Guarded.createOrOpen("door-a", { directory });
    using b = module.Guarded.createOrOpen("door-b", { directory });
    for (const part of ["door", "best", "total"]) {
      expectUnequal(a.data[part], b.data[part], part);
      expectEqual(a.data[part], a.data[part], part);
    }
    expectEqual(a.data["door"], again.data["door"]);
    expectUnequal(a.data, b.data);
    expectEqual(a.data, again.data);
    expectUnequal(a, b);
    expectUnequal(a.memory, b.memory);
    expectEqual(a, again);
    // Their contents are compared by what is copied out of them.
    expectEqual(snapshot(a.data as never), snapshot(b.data as never));
    (a.data["best"] as { write(value: object): void }).write({ rpm: 2 });
    expectUnequal(snapshot(a.data as never), snapshot(b.data as never));
    // Frameworks that iterate compare maps by their entries, and none takes maps of other entries for equal.
    assert.notDeepStrictEqual(a.data["tally"], b.data["tally"]);
    (a.data["tally"] as { set(key: number, value: number): void }).set(3, 5);
    expectUnequal(a.data["tally"], b.data["tally"]);
    expectEqual(a.data["tally"], again.data["tally"]);
  });

  it("failures show both contents, and toMatchObject sees fields", () => {
    using a = module.Car.createOrOpen("shown-a", { directory, tailLength: 0 });
    using b = module.Car.createOrOpen("shown-b", { directory, tailLength: 0 });
    a.data["head"] = 41;
    b.data["head"] = 42;
    const messageOf = (call: () => void): string => {
      try {
        call();
      } catch (error) {
        return String((error as Error).message);
      }
      throw new Error("it passed");
    };
    for (const message of [
      messageOf(() => assert.deepStrictEqual(a.data, b.data)),
      messageOf(() => jest(a.data).toEqual(b.data)),
    ]) {
      expect(message).toMatch(/"?head"?: ?41/);
      expect(message).toMatch(/"?head"?: ?42/);
    }
    expect(a.data).toMatchObject({ head: 41, name: "" });
    expect(holds(() => expect(a.data).toMatchObject({ head: 42 }))).toBe(false);
    jest(a.data).toMatchObject({ head: 41, name: "" });
    expect(holds(() => jest(a.data).toMatchObject({ head: 42 }))).toBe(false);
    expect(`${a.data}`).toMatch(/^\[object Car \{"head":41,"samples":"0",/);
  });

  it("a closed one says so, and is not equal to an open one", () => {
    const a = module.Car.createOrOpen("closing", { directory, tailLength: 0 });
    const { data } = a;
    const [array, handle] = [data["wheels"], data["$head"]] as unknown[];
    a.close();
    for (const closed of [data, array, handle]) {
      expect(Object.prototype.toString.call(closed)).toMatch(/^\[object closed \w+\]$/);
      expect(() => JSON.stringify(closed)).toThrow("after its region was closed");
    }
    using b = module.Car.createOrOpen("closing", { directory, tailLength: 0 });
    expect(isDeepStrictEqual(data, b.data)).toBe(false);
  });
});
