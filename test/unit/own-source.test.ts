/** Assignments whose source is the very memory that they write: the copy is made before the first store. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { assign, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import type { Region } from "@shmgen/runtime";
import { distinctValues } from "../support/schemas/distinct-values.js";
import { importSchema } from "../support/schemas/generated.js";

/** One array of each kind; the test reads their names from the layout. */
const SCHEMA = `
import type { Region, array, atomic, be, bits, bool, bytes, enumOf, f32, f64, flags, num, relaxed, tail, u8, u16, u32, u64, utf8 } from "@shmgen/schema";
export type Gear = enumOf<{ Park: 0; Reverse: 1; Neutral: 2; Drive: 3 }, u8>;
export type Status = bits<{ ready: 2; mode: 3; count: 12 }, u32>;
export interface Wheel { rpm: f32; slip: be<f32>; id: bytes<3>; status: Status; marks: array<u16, 3> }
export interface Axle { left: Wheel; right: Wheel; name: utf8<8>; both: array<Wheel, 2> }
export interface Everything {
  f64s: array<f64, 4>; u8s: array<u8, 4>; u64s: array<u64, 4>; hints: array<relaxed<u16>, 4>;
  bools: array<bool, 4>; gears: array<Gear, 4>; nums: array<num<u64>, 4>; network: array<be<u32>, 4>;
  texts: array<utf8<8>, 4>; blobs: array<bytes<4>, 4>; states: array<Status, 4>; matrix: array<array<f32, 3>, 4>;
  wheels: array<Wheel, 4>; axles: array<Axle, 4>; grid: array<array<Wheel, 2>, 4>; cube: array<array<array<bytes<2>, 2>, 2>, 4>;
  counters: array<atomic<u32>, 4>; switches: array<atomic<Gear>, 4>; rows: array<array<atomic<u64>, 2>, 4>;
}
export interface Wide extends Region<{ type: 9; version: 1 }> {
  doubles: array<f64, 4096>; words: array<u32, 64>; floats: array<f32, 64>; blobs: array<bytes<8>, 64>; wheels: array<Wheel, 4>;
  samples: tail<Wheel>;
}
export interface Bytes extends Region<{ type: 10; version: 1 }> { samples: tail<u32> }
`;

interface Wheel {
  rpm: number;
  slip?: number;
}
type Opened<Data> = Omit<Region, "data"> & { readonly data: Data };
interface Module {
  readonly Everything: {
    new (view: MemoryView, offset: number): Record<string, unknown>;
    readonly layout: {
      readonly size: number;
      readonly fields: readonly { readonly name: string; readonly type: string }[];
    };
  };
  readonly Wide: {
    createOrOpen(name: string, options: object): Opened<Wide>;
  };
  readonly Bytes: {
    createOrOpen(name: string, options: object): Opened<{ samples: Iterable<number> }>;
  };
}
interface Wide {
  doubles: ArrayLike<number>;
  words: ArrayLike<number>;
  floats: ArrayLike<number>;
  blobs: Iterable<Uint8Array>;
  wheels: Iterable<Wheel>;
  samples: Iterable<Wheel>;
}

let module: Module;
const directory = mkdtempSync(join(tmpdir(), "shmgen-own-source-"));
beforeAll(async () => {
  module = await importSchema<Module>({ "car.shm.ts": SCHEMA }, "car.shm.ts");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function car(): Record<string, unknown> {
  const { Everything } = module;
  const buffer = new SharedArrayBuffer(4096);
  const view = new MemoryView({ buffer, byteLength: 4096, readOnly: false, label: "test" });
  const made = new Everything(view, 0);
  assign(made as never, distinctValues(snapshot(made as never)) as never);
  return made;
}

/** Every way to say "the elements of this array, the other way round". */
const WAYS: Readonly<Record<string, (own: Record<string, unknown>, field: string) => unknown>> = {
  "an array of its elements": (own, field) => [...(own[field] as Iterable<unknown>)].reverse(),
  "a generator of its elements": (own, field) => {
    const elements = [...(own[field] as Iterable<unknown>)];
    return (function* () {
      for (let index = elements.length - 1; index >= 0; index -= 1) yield elements[index];
    })();
  },
  "elements that are asked when they are read": (own, field) => {
    const elements = [...(own[field] as Iterable<unknown>)];
    const last = elements.length - 1;
    const list: unknown[] = [];
    elements.forEach((_, index) => {
      Object.defineProperty(list, index, {
        enumerable: true,
        get: () => [...(own[field] as Iterable<unknown>)][last - index],
      });
    });
    return list;
  },
};

describe("assigning an array's own elements to it", () => {
  for (const [way, reversed] of Object.entries(WAYS)) {
    it(`${way}: whatever the elements are, they arrive as they were`, () => {
      for (const { name } of module.Everything.layout.fields) {
        const own = car();
        const before = snapshot(own as never) as Record<string, unknown>;
        const expected = [...(before[name] as Iterable<unknown>)].reverse();
        expect(expected, name).not.toEqual([...(before[name] as Iterable<unknown>)]);
        own[name] = reversed(own, name);
        const after = snapshot(own as never) as Record<string, unknown>;
        expect([...(after[name] as Iterable<unknown>)], name).toEqual(expected);
        // Back again, by assign() and together with another field.
        const other = name === "bools" ? "gears" : "bools";
        assign(own as never, { [other]: reversed(own, other), [name]: reversed(own, name) } as never);
        const back = snapshot(own as never) as Record<string, unknown>;
        expect(back[name], name).toEqual(before[name]);
        expect(back[other]).toEqual([...(before[other] as Iterable<unknown>)].reverse());
      }
    });
  }

  it("the array itself, an accessor of the whole and one of another view change nothing", () => {
    for (const { name } of module.Everything.layout.fields) {
      const own = car();
      const before = snapshot(own as never);
      const array = own[name];
      own[name] = array;
      assign(own as never, own as never);
      assign(own as never, { [name]: own[name] } as never);
      expect(snapshot(own as never), name).toEqual(before);
    }
  });

  it("fields of one struct change places, also in the depth", () => {
    type Axle = { left: object; right: object; both: { at(index: number): object } };
    const own = car() as Record<string, never> & {
      axles: { at(index: number): Axle; set(index: number, value: unknown): void };
    };
    const axle = own.axles.at(1);
    const before = snapshot(axle as never) as unknown as Record<string, unknown[]>;
    assign(axle as never, { left: axle.right, right: axle.left, both: [axle.both.at(1), axle.both.at(0)] } as never);
    const after = snapshot(axle as never) as unknown as Record<string, unknown[]>;
    expect([after["left"], after["right"], after["both"]]).toEqual([
      before["right"],
      before["left"],
      before["both"]?.reverse(),
    ]);
    own.axles.set(0, { left: own.axles.at(0).right, right: own.axles.at(0).left });
    own.axles.set(2, own.axles.at(1));
    expect(snapshot(own.axles.at(2) as never)).toEqual(after);
  });

  it("an object with getters is read once, before the first store, and what its getters write is a write of its own", () => {
    const own = car() as unknown as { wheels: { at(index: number): Wheel & object }; bools: unknown };
    const wheels = own.wheels;
    for (let index = 0; index < 4; index += 1) wheels.at(index).rpm = index + 1;
    const asked: number[] = [];
    const lazy = (index: number): object => ({
      get rpm() {
        asked.push(index);
        return wheels.at(index).rpm;
      },
    });
    own.wheels = [3, 2, 1, 0].map(lazy) as never;
    expect([0, 1, 2, 3].map((index) => wheels.at(index).rpm)).toEqual([4, 3, 2, 1]);
    expect(asked).toEqual([3, 2, 1, 0]);
    // An inner value that is bad leaves its own target as it was, and the outer one too.
    const before = snapshot(own as never);
    const inner = {
      get bools() {
        assign(own as never, { wheels: [{ rpm: 9 }, { rpm: 9 }, { rpm: 9 }, { rpm: "bad" }] } as never);
        return [true, true, true, true];
      },
    };
    expect(() => assign(own as never, inner as never)).toThrow(
      'holds numbers up to 3.4028234663852886e38 (f32), not "bad"',
    );
    expect(snapshot(own as never)).toEqual(before);
  });
});

describe.each(["wasm", "view"])("sources in a region mapped as %s", (mapping) => {
  const options = { directory, mapping, tailLength: 4 };

  it("another handle, and another mapping of the same file", () => {
    using first = module.Wide.createOrOpen("wide", options);
    using second = module.Wide.createOrOpen("wide", options);
    const old = first.data;
    for (const of of [old, second.data]) {
      old.wheels = [1, 2, 3, 4].map((rpm) => ({ rpm }));
      old.wheels = [...of.wheels].reverse();
      expect([...old.wheels].map(({ rpm }) => rpm)).toEqual([4, 3, 2, 1]);
    }
    first.growTail(6);
    const next = first.data;
    expect(next).not.toBe(old);
    next.samples = [1, 2, 3, 4, 5, 6].map((rpm) => ({ rpm }));
    next.samples = [...next.samples].reverse();
    expect([...next.samples].map(({ rpm }) => rpm)).toEqual([6, 5, 4, 3, 2, 1]);
    old.samples = [...next.samples].slice(1, 5);
    expect([...next.samples].map(({ rpm }) => rpm)).toEqual([5, 4, 3, 2, 2, 1]);
    next.blobs = Array.from({ length: 64 }, (_, index) => new Uint8Array(8).fill(index)) as never;
    next.blobs = [...old.blobs].reverse();
    expect([...next.blobs].map((blob) => blob[7])).toEqual(Array.from({ length: 64 }, (_, index) => 63 - index));
  });

  it("typed arrays over a part of the array, of the same and of another kind, through either mapping", () => {
    using region = module.Wide.createOrOpen("typed", options);
    const old = region.data;
    const { memory } = region;
    region.growTail(50_000);
    const next = region.data;
    // Whichever way it is mapped, the tail has outgrown what was mapped, so that there are two mappings.
    expect(region.memory.buffer).not.toBe(memory.buffer);
    const { byteOffset } = next.doubles as Float64Array;
    for (const [target, source] of [
      [next, region.memory.buffer],
      [next, memory.buffer],
      [old, region.memory.buffer],
    ] as const) {
      for (const shift of [-8, 8]) {
        const values = Float64Array.from({ length: 4096 }, (_, index) => index + 0.5);
        target.doubles = values;
        // From 8 bytes beside the array, which is another field or the header.
        const beside = new Float64Array(source as ArrayBuffer, byteOffset + shift, 4096);
        const expected = [...beside];
        target.doubles = beside;
        expect([...(target.doubles as Float64Array)]).toEqual(expected);
      }
      // The same bytes read as other numbers: each store would change what is read next.
      const offset = (next.words as Uint32Array).byteOffset;
      target.words = Uint32Array.from({ length: 64 }, (_, index) => index * 0x01010101);
      const asBytes = new Uint8Array(source as ArrayBuffer, offset, 64);
      const expected = [...asBytes];
      target.words = asBytes;
      expect([...(target.words as Uint32Array)]).toEqual(expected);
    }
  });

  it("tails of numbers and what lies beside them", () => {
    using region = module.Bytes.createOrOpen("numbers", options);
    region.data.samples = [4, 2, 3, 1];
    region.data.samples = [...region.data.samples].sort();
    region.data.samples = (region.data.samples as Uint32Array).subarray(0).reverse();
    expect([...region.data.samples]).toEqual([4, 3, 2, 1]);
  });
});
