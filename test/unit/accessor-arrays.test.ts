/** Arrays are read as JavaScript's own are: each kind, by writers and readers, against a copy of its elements. */
import { beforeAll, describe, expect, it } from "vitest";
import { MemoryView } from "@shmgen/runtime/codegen-v1";
import { importSchema } from "../support/schemas/generated.js";

const SCHEMA = `
import type { array, atomic, be, bits, bool, bytes, enumOf, f32, num, relaxed, tail, u8, u16, u32, u64, utf8, Region } from "@shmgen/schema";
export type Gear = enumOf<{ Park: 0; Drive: 3 }, u8>;
export type Status = bits<{ low: 3; high: 5 }, u8>;
export interface Wheel { rpm: f32; total: u64 }
export interface Car {
  wheels: array<Wheel, 3>; gears: array<Gear, 3>; bools: array<bool, 3>; nums: array<num<u64>, 3>; texts: array<utf8<4>, 3>; network: array<be<u32>, 3>;
  states: array<Status, 3>; rows: array<array<Wheel, 2>, 3>; blobs: array<bytes<2>, 3>; counters: array<atomic<u32>, 3>; totals: array<atomic<u64>, 3>;
  selections: array<atomic<Gear>, 3>; numbers: array<u16, 3>; bigs: array<u64, 3>; octets: array<u8, 3>;
}
`;

type Anything = Record<string, List>;
interface List extends Iterable<unknown> {
  readonly length: number;
  at(index: number): unknown;
  entries(): Iterable<[number, unknown]>;
  keys(): Iterable<number>;
  values(): Iterable<unknown>;
  forEach(visit: (element: unknown, index: number) => void): void;
  map<R>(change: (element: unknown, index: number) => R): ArrayLike<R>;
  filter(keep: (element: unknown, index: number) => boolean): ArrayLike<unknown>;
  find(is: (element: unknown, index: number) => boolean): unknown;
  findIndex(is: (element: unknown, index: number) => boolean): number;
  some(is: (element: unknown, index: number) => boolean): boolean;
  every(is: (element: unknown, index: number) => boolean): boolean;
  reduce<R>(step: (result: R, element: unknown, index: number) => R, initial: R): R;
}
type Class = { new (view: MemoryView, offset: number): Anything; readonly layout: { fields: { name: string }[] } };
let module: Record<"Car" | "CarReader", Class>;
beforeAll(async () => {
  module = await importSchema({ "car.shm.ts": SCHEMA }, "car.shm.ts");
});

function bothSides(): readonly [writer: Anything, reader: Anything] {
  const buffer = new ArrayBuffer(1024);
  const bytes = new Uint8Array(buffer);
  // Texts end early, and numbers stay safe.
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = at % 7 === 0 || at % 8 > 5 ? 0 : at % 3;
  const view = (readOnly: boolean): MemoryView =>
    new MemoryView({ buffer, byteLength: buffer.byteLength, readOnly, label: "x" });
  return [new module.Car(view(false), 0), new module.CarReader(view(true), 0)];
}

describe("arrays", () => {
  it("of each kind have the reading methods of JavaScript's arrays, and what those give", () => {
    const [writer, reader] = bothSides();
    let count = 0;
    for (const car of [writer, reader]) {
      for (const { name } of module.Car.layout.fields) {
        const list = car[name] as List;
        const copy = [...list];
        expect(copy.length, name).toBe(3);
        expect([...list.values()], name).toEqual(copy);
        expect([...list.keys()], name).toEqual([0, 1, 2]);
        expect([...list.entries()], name).toEqual([...copy.entries()]);
        const seen: unknown[] = [];
        list.forEach((element, index) => seen.push(element, index));
        expect(seen, name).toEqual(copy.flatMap((element, index) => [element, index]));
        // Typed arrays give others of their kind.
        if (!ArrayBuffer.isView(list)) {
          expect(
            list.map((element, index) => [element, index]),
            name,
          ).toEqual(copy.map((one, at) => [one, at]));
          expect(Array.isArray(list.filter(() => true)), name).toBe(true);
        }
        expect(Array.from(list.filter((_, index) => index !== 1)), name).toEqual([copy[0], copy[2]]);
        expect(
          list.find((_, index) => index === 1),
          name,
        ).toBe(list.at(1));
        expect(
          list.find(() => false),
          name,
        ).toBeUndefined();
        expect([list.findIndex((_, index) => index > 0), list.findIndex(() => false)], name).toEqual([1, -1]);
        expect([list.some((_, index) => index === 2), list.some(() => false)], name).toEqual([true, false]);
        expect([list.every(() => true), list.every((_, index) => index < 2)], name).toEqual([true, false]);
        expect(
          list.reduce((sum, _, index) => sum + index, 10),
          name,
        ).toBe(13);
        count += 1;
      }
    }
    expect(count).toBe(30);
  });

  it("read each element once, and none behind what they look for", () => {
    const [writer] = bothSides();
    const { counters } = writer as unknown as { counters: List & { set(index: number, value: number): void } };
    counters.set(0, 1);
    counters.set(1, 2);
    // What is written meanwhile is seen from there on.
    expect(counters.map((value, index) => (counters.set(2, 9), Number(value) + index))).toEqual([1, 3, 11]);
    let looks = 0;
    expect(counters.find((value) => ((looks += 1), value === 2))).toBe(2);
    expect(looks).toBe(2);
  });

  it("of a closed region throw", () => {
    const buffer = new ArrayBuffer(1024);
    const view = new MemoryView({ buffer, byteLength: 1024, readOnly: false, label: "gone" });
    const { wheels } = new module.Car(view, 0) as unknown as { wheels: List };
    view.retire();
    for (const use of ["map", "find", "filter", "forEach", "every", "some", "findIndex"] as const) {
      expect(() => wheels[use](() => true), use).toThrow("after its region was closed");
    }
    expect(() => [...wheels.entries()]).toThrow("after its region was closed");
    expect(() => wheels.reduce((sum) => sum, 0)).toThrow("after its region was closed");
  });
});
