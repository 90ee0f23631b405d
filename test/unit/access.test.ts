import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { assign, type FutexPort, MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import { isShmError } from "@shmgen/runtime";
import type * as Parts from "../golden/kitchen-sink/out/parts.js";
import type * as Sink from "../golden/kitchen-sink/out/schema.js";
import { exposedGc } from "../support/run/gc.js";
import { importSchema } from "../support/schemas/generated.js";

let sink: typeof Sink;
let parts: typeof Parts;

const golden = new URL("../golden/kitchen-sink/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, golden), "utf8");

beforeAll(async () => {
  // Without its role the struct needs nothing from region/; a region's tail is tested below with a region.
  const plain = read("schema.shm.ts")
    .replace(/extends Region<[^>]*>, /, "extends ")
    .replace(/ {2}samples: tail<Wheel>;\n/, "");
  sink = await importSchema({ "schema.shm.ts": plain, "parts.shm.ts": read("parts.shm.ts") }, "schema.shm.ts");
  parts = await importSchema({ "parts.shm.ts": read("parts.shm.ts") }, "parts.shm.ts");
});

interface Pair {
  readonly car: Sink.Everything;
  readonly reader: Sink.EverythingReader;
  readonly view: MemoryView;
  readonly readOnlyView: MemoryView;
  /** The bytes of the struct. */
  readonly bytes: DataView;
  at(field: string): number;
}

/** A writer and a reader of the same bytes. */
function pair(futex?: FutexPort): Pair {
  const buffer = new SharedArrayBuffer(4096);
  const init = { buffer, byteLength: 4096, label: "/dev/shm/test", ...(futex === undefined ? {} : { futex }) };
  const view = new MemoryView({ ...init, readOnly: false });
  const readOnlyView = new MemoryView({ ...init, readOnly: true });
  const car = new sink.Everything(view, 128);
  const offsets = new Map(sink.Everything.layout.fields.map(({ name, offset }) => [name, offset]));
  return {
    car,
    reader: new sink.EverythingReader(readOnlyView, 128),
    view,
    readOnlyView,
    bytes: new DataView(buffer, 128),
    at: (field) => offsets.get(field) ?? Number.NaN,
  };
}

/** The message of what `action` throws, which is a ShmError with this code. */
function refusal(action: () => unknown, code = "ERR_SHM_RANGE"): string {
  try {
    action();
  } catch (error) {
    if (!isShmError(error)) throw error;
    expect(error.code).toBe(code);
    if (code === "ERR_SHM_RANGE") expect(error).toBeInstanceOf(RangeError);
    return error.message;
  }
  throw new Error("nothing was thrown");
}

describe("number fields", () => {
  const kinds = [
    ["a", "i8", -128n, 127n],
    ["b", "u8", 0n, 255n],
    ["c", "i16", -32768n, 32767n],
    ["d", "u16", 0n, 65535n],
    ["e", "i32", -2147483648n, 2147483647n],
    ["f", "u32", 0n, 4294967295n],
    ["g", "i64", -(2n ** 63n), 2n ** 63n - 1n],
    ["h", "u64", 0n, 2n ** 64n - 1n],
    ["atomicI8", "i8", -128n, 127n],
    ["atomicU8", "u8", 0n, 255n],
    ["atomicI16", "i16", -32768n, 32767n],
    ["atomicU16", "u16", 0n, 65535n],
    ["atomicI32", "i32", -2147483648n, 2147483647n],
    ["atomicU32", "u32", 0n, 4294967295n],
    ["atomicI64", "i64", -(2n ** 63n), 2n ** 63n - 1n],
    ["atomicU64", "u64", 0n, 2n ** 64n - 1n],
    ["relaxedU32", "u32", 0n, 4294967295n],
    ["big", "u32", 0n, 4294967295n],
    ["little", "u16", 0n, 65535n],
  ] as const;

  for (const [field, kind, least, most] of kinds) {
    it(`${field} holds ${kind} from ${least} to ${most} and refuses the rest`, () => {
      const { car, reader } = pair();
      const fields = car as unknown as Record<string, unknown>;
      const wide = kind.endsWith("64");
      const js = (value: bigint): unknown => (wide ? value : Number(value));
      for (const value of [least, most, 1n, 0n]) {
        fields[field] = js(value);
        expect(fields[field]).toBe(js(value));
        expect((reader as unknown as Record<string, unknown>)[field]).toBe(js(value));
      }
      fields[field] = js(1n);
      for (const bad of [
        js(least - 1n),
        js(most + 1n),
        wide ? 1 : 1n,
        wide ? 1.5 : 1.5,
        Number.NaN,
        "1",
        null,
        undefined,
      ]) {
        const message = refusal(() => (fields[field] = bad));
        expect(message).toContain(`Everything.${field} holds`);
        expect(message).toContain(kind);
      }
      expect(fields[field]).toBe(js(1n));
    });
  }

  it("says what, where, the value and the range", () => {
    const { car } = pair();
    expect(refusal(() => (car.b = 300))).toBe("Everything.b holds integers from 0 to 255 (u8), not 300");
    expect(refusal(() => (car.h = -1n))).toBe("Everything.h holds bigints from 0 to 2^64-1 (u64), not -1n");
    expect(refusal(() => (car.n = 9 as never))).toBe(
      "Everything.n holds one of Park (0), Reverse (1), Neutral (2), Drive (3), not 9",
    );
  });

  it("f32 refuses finite numbers that would become infinite, and takes the others", () => {
    const { car } = pair();
    for (const value of [0, -0, 1.5, Infinity, -Infinity, 3.4028234663852886e38, -3.4028235677973362e38]) {
      car.i = value;
      expect(car.i).toBe(Math.fround(value));
      car.atomicF32 = value;
      expect(car.atomicF32).toBe(Math.fround(value));
    }
    car.i = Number.NaN;
    expect(car.i).toBeNaN();
    for (const value of [3.4028235677973366e38, -1e39, "1", null]) {
      refusal(() => (car.i = value as number));
      refusal(() => (car.atomicF32 = value as number));
    }
  });

  it("f64 takes every number and nothing else", () => {
    const { car, bytes, at } = pair();
    for (const value of [Number.MAX_VALUE, -0, Number.MIN_VALUE, Infinity]) {
      car.j = car.atomicF64 = car.bigF64 = value;
      expect([car.j, car.atomicF64, car.bigF64]).toEqual([value, value, value]);
      expect(bytes.getFloat64(at("bigF64"), false)).toBe(value);
      expect(bytes.getFloat64(at("atomicF64"), true)).toBe(value);
    }
    for (const field of ["j", "atomicF64", "bigF64"] as const) refusal(() => (car[field] = 1n as never));
  });

  it("num<> shows 64 bits as numbers and throws beyond 2^53-1, when reading, too", () => {
    const { car, bytes, at } = pair();
    car.k = car.atomicNum = Number.MAX_SAFE_INTEGER;
    car.l = Number.MIN_SAFE_INTEGER;
    expect([car.k, car.l, car.atomicNum]).toEqual([2 ** 53 - 1, -(2 ** 53 - 1), 2 ** 53 - 1]);
    for (const bad of [2 ** 53, -1, 1.5, Number.NaN, 1n as never]) {
      refusal(() => (car.k = bad));
      refusal(() => (car.atomicNum = bad));
    }
    bytes.setBigUint64(at("k"), 2n ** 53n, true);
    bytes.setBigUint64(at("atomicNum"), 2n ** 64n - 1n, true);
    expect(refusal(() => car.k)).toContain("9007199254740992");
    refusal(() => car.atomicNum);
    refusal(() => car.$atomicNum.load());
  });

  it("big-endian fields have their most significant byte first", () => {
    const { car, bytes, at } = pair();
    car.big = 0x01020304;
    car.packet.length = 0x0102;
    expect(bytes.getUint32(at("big"), false)).toBe(0x01020304);
    expect(bytes.getUint16(at("packet") + 1, false)).toBe(0x0102);
    car.bigGear = sink.Level.Max;
    expect(bytes.getUint16(at("bigGear"), false)).toBe(1000);
    refusal(() => (car.bigGear = 3 as never));
  });
});

describe("bool, enum, flags, bits", () => {
  it("any non-zero byte reads as true, true is written as 1", () => {
    const { car, bytes, at } = pair();
    car.m = car.atomicBool = true;
    expect(bytes.getUint8(at("m"))).toBe(1);
    bytes.setUint8(at("m"), 5);
    bytes.setUint8(at("atomicBool"), 200);
    expect([car.m, car.atomicBool, car.$atomicBool.load()]).toEqual([true, true, true]);
    expect(car.$atomicBool.compareExchange(true, false)).toBe(true);
    expect(car.atomicBool).toBe(false);
    refusal(() => (car.m = 1 as never));
    refusal(() => (car.atomicBool = 0 as never));
  });

  it("an unknown value of an enum reads as its number; writing one throws", () => {
    const { car, bytes, at } = pair();
    car.n = parts.Gear.Drive;
    expect(car.n).toBe(3);
    bytes.setUint8(at("n"), 77);
    expect(car.n).toBe(77);
    for (const bad of [4, -1, 1.5, "Park", Number.NaN]) refusal(() => (car.n = bad as never));
    for (const bad of [1, 3, 999, 1001]) refusal(() => (car.o = bad as never));
    for (const value of Object.values(sink.Level)) expect((car.o = value)).toBe(value);
    for (const bad of [4, "x"]) refusal(() => (car.atomicGear = bad as never));
    refusal(() => car.$atomicGear.store(9 as never));
  });

  it("flags have has, set and clear, plain and atomic", () => {
    const { car, reader } = pair();
    const { Oil, Heat, Door } = parts.Alarm;
    for (const handle of [car.$p, car.$atomicAlarms]) {
      handle.set(Oil);
      handle.set(Door | Heat);
      handle.clear(Heat);
      expect([handle.has(Oil), handle.has(Heat), handle.has(Oil | Door), handle.has(Oil | Heat)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
      refusal(() => handle.set(0x10000));
    }
    expect([car.p, car.atomicAlarms]).toEqual([5, 5]);
    car.p = 0xffff;
    car.$p.clear(Heat);
    expect(car.p).toBe(0xfffd);
    expect(reader.$p.has(Door)).toBe(true);
    expect(reader.$atomicAlarms.has(Door)).toBe(true);
    refusal(
      () => (reader.$p as Parts.PacketReader["$alarms"] & { set(flag: number): void }).set(1),
      "ERR_SHM_READ_ONLY",
    );
    refusal(() => (reader.$atomicAlarms as never as { set(flag: number): void }).set(1), "ERR_SHM_READ_ONLY");
  });

  it("bits lie in C order, lowest first, and leave their neighbours alone", () => {
    const { car, bytes, at } = pair();
    car.q = { ready: 1, mode: 5, count: 0xabc };
    expect(bytes.getUint32(at("q"), true)).toBe(1 | (5 << 1) | (0xabc << 4));
    car.q.mode = 2;
    expect({ ...snapshot(car.q) }).toEqual({ ready: 1, mode: 2, count: 0xabc });
    for (const bad of [8, -1, 0.5]) refusal(() => (car.q.mode = bad));
    car.r = { low: 0xfffff, middle: 2 ** 40 - 1, top: 0 };
    expect(bytes.getBigUint64(at("r"), true)).toBe(0x0fff_ffff_ffff_ffffn);
    car.r.top = 9;
    car.r.middle = 1;
    expect(snapshot(car.r)).toEqual({ low: 0xfffff, middle: 1, top: 9 });
    for (const bad of [2 ** 40, -1, 1.5]) refusal(() => (car.r.middle = bad));
  });
});

describe("text and bytes", () => {
  it("text is padded with NUL and read up to the first one", () => {
    const { car, reader, bytes, at } = pair();
    car.name = "x".repeat(32);
    expect(reader.name).toBe("x".repeat(32));
    car.name = "Grüße 🏁";
    expect(car.name).toBe("Grüße 🏁");
    expect(bytes.getUint8(at("name") + 31)).toBe(0);
    bytes.setUint8(at("name"), 0xff);
    expect(car.name).toBe("\ufffdrüße 🏁");
    car.name = "\ufeffmark";
    expect(car.name).toBe("\ufeffmark");
    car.texts.set(1, "wheel");
    expect([...car.texts]).toEqual(["", "wheel"]);
  });

  it("text that does not fit is refused and changes nothing", () => {
    const { car } = pair();
    car.name = "before";
    expect(refusal(() => (car.name = "ü".repeat(17)))).toContain(
      "has 34 bytes in UTF-8, and Everything.name holds at most 32",
    );
    for (const bad of ["a\0b", "\ud800", "x\udc00", 5, null]) refusal(() => (car.name = bad as never));
    expect(car.name).toBe("before");
  });

  it("bytes are a Uint8Array over the memory; a setter copies", () => {
    const { car, reader } = pair();
    car.id = Uint8Array.from({ length: 16 }, (_, index) => index);
    car.id[0] = 9;
    expect(reader.id.toUint8Array()).toEqual(Uint8Array.from({ length: 16 }, (_, index) => index || 9));
    expect(refusal(() => (car.id = new Uint8Array(15)))).toContain("exactly 16 elements");
    expect(
      refusal(
        () =>
          (car.blobs = [
            [1, 2, 3, 256],
            [0, 0, 0, 0],
          ]),
      ),
    ).toContain("Everything.blobs[0][3]");
  });
});

describe("arrays", () => {
  it("plain numbers are the typed array itself; setters copy with all checks first", () => {
    const { car, reader } = pair();
    expect(car.numbers).toBeInstanceOf(Float64Array);
    expect(car.numbers).toBe(car.numbers);
    car.numbers[1] = 2.5;
    car.octets = [1, 2, 3, 255];
    car.bigs = new Set([1n, 2n ** 64n - 1n]);
    expect([...reader.numbers, reader.numbers.at(1), reader.octets.at(3)]).toEqual([0, 2.5, 0, 2.5, 255]);
    expect(refusal(() => (car.octets = [9, 9, 9, 256]))).toContain("Everything.octets[3] holds integers from 0 to 255");
    expect(refusal(() => (car.octets = [9]))).toContain("exactly 4 elements");
    refusal(() => (car.octets = 5 as never));
    refusal(() => (car.bigs = [1n, -1n]));
    expect([...car.octets, ...car.bigs]).toEqual([1, 2, 3, 255, 1n, 2n ** 64n - 1n]);
  });

  it("readers hand out no memory: at, iteration and copyTo", () => {
    const { car, reader } = pair();
    car.numbers = [1, 2, 3];
    const target = new Float64Array(2);
    expect(reader.numbers.copyTo(target, 1)).toBe(2);
    const list = [0, 0, 0, 0];
    expect(reader.numbers.copyTo(list)).toBe(3);
    expect([[...target], list]).toEqual([
      [2, 3],
      [1, 2, 3, 0],
    ]);
    for (const bad of [3, -1, 0.5, Number.NaN]) refusal(() => reader.numbers.at(bad));
    expect(ArrayBuffer.isView(reader.numbers)).toBe(false);
    expect(reader.matrix.at(1).at(2)).toBe(0);
  });

  it("other elements go through at and set", () => {
    const { car, reader } = pair();
    car.gears.set(2, parts.Gear.Drive);
    car.bools.set(1, true);
    car.nums.set(0, -5);
    car.masks[1] = 3;
    car.states.at(1).mode = 7;
    car.network.set(1, 0xdeadbeef);
    car.blobs.at(1)[2] = 4;
    car.matrix.at(3)[0] = 0.5;
    car.grid.at(1).at(0).rpm = 12;
    car.packets.at(1).value = 77;
    car.hints[3] = 65535;
    expect([...reader.gears]).toEqual([0, 0, 3]);
    expect([...reader.bools]).toEqual([false, true, false]);
    expect(reader.nums.at(0)).toBe(-5);
    expect(reader.masks.at(1)).toBe(3);
    expect(reader.states.at(1).mode).toBe(7);
    expect(reader.network.at(1)).toBe(0xdeadbeef);
    expect(reader.blobs.at(1).at(2)).toBe(4);
    expect(reader.matrix.at(3).at(0)).toBe(0.5);
    expect(reader.grid.at(1).at(0).rpm).toBe(12);
    expect(reader.packets.at(1).value).toBe(77);
    expect(car.wheels.at(2)).toBe(car.wheels.at(2));
    for (const bad of [4, -1, 1.5, Number.NaN, "0"]) {
      expect(refusal(() => car.wheels.at(bad as number))).toContain("its indices are 0..3");
    }
    refusal(() => car.gears.set(3, 0));
    expect(refusal(() => car.gears.set(1, 9 as never))).toContain("Everything.gears[1]");
  });

  it("atomic elements have handles", () => {
    const { car, reader } = pair();
    expect(car.counters.field(2).add(5)).toBe(0);
    car.totals.set(1, 2n ** 64n - 1n);
    car.switches.set(0, true);
    car.selections.field(1).store(parts.Gear.Neutral);
    car.levels.field(0).add(1.5);
    expect([...car.counters, ...car.totals, ...car.switches, ...car.selections, ...car.levels]).toEqual([
      0,
      0,
      5,
      0,
      0n,
      2n ** 64n - 1n,
      true,
      false,
      0,
      2,
      1.5,
      0,
    ]);
    expect(reader.counters.field(2).load()).toBe(5);
    refusal(() => (reader.counters.field(2) as never as { add(n: number): void }).add(1), "ERR_SHM_READ_ONLY");
    refusal(() => (reader.counters as never as { set(i: number, n: number): void }).set(1, 1), "ERR_SHM_READ_ONLY");
    refusal(() => car.counters.field(4));
    refusal(() => car.counters.field(0).add(-1));
  });
});

describe("handles", () => {
  it("are made on first use and kept", () => {
    const { car } = pair();
    expect(car.$atomicU32).toBe(car.$atomicU32);
    expect(inspect(car.$atomicU64)).toBe("[atomic Everything.atomicU64 = 0n]");
  });

  it("have every operation of Atomics on integers, with operands checked", () => {
    const { car } = pair();
    for (const [handle, n] of [
      [car.$atomicI8, Number],
      [car.$atomicU16, Number],
      [car.$atomicI32, Number],
      [car.$atomicU32, Number],
      [car.$atomicNum, Number],
      [car.$atomicI64, BigInt],
      [car.$atomicU64, BigInt],
    ] as const) {
      const cell = handle as typeof car.$atomicU32;
      const v = n as NumberConstructor;
      cell.store(v(12));
      expect(cell.add(v(3))).toBe(v(12));
      expect(cell.sub(v(5))).toBe(v(15));
      expect(cell.or(v(5))).toBe(v(10));
      expect(cell.and(v(6))).toBe(v(15));
      expect(cell.xor(v(3))).toBe(v(6));
      expect(cell.exchange(v(9))).toBe(v(5));
      expect(cell.compareExchange(v(8), v(1))).toBe(v(9));
      expect(cell.compareExchange(v(9), v(1))).toBe(v(9));
      expect(cell.load()).toBe(v(1));
      for (const bad of [1.5, "1", 2 ** 70, n === Number ? 1n : 1]) {
        for (const operation of ["store", "add", "sub", "and", "or", "xor", "exchange"] as const) {
          refusal(() => cell[operation](bad as number));
        }
        refusal(() => cell.compareExchange(bad as number, v(1)));
        refusal(() => cell.compareExchange(v(1), bad as number));
      }
      expect(cell.load()).toBe(v(1));
    }
    refusal(() => car.$atomicU32.add(-1));
    refusal(() => car.$atomicU64.add(2n ** 64n));
    refusal(() => car.$atomicI64.store(2n ** 63n));
  });

  it("add to floats through their bits, NaN with any payload included", () => {
    const { car, bytes, at } = pair();
    car.atomicF64 = 0.5;
    expect(car.$atomicF64.add(0.25)).toBe(0.5);
    expect(car.$atomicF64.sub(1)).toBe(0.75);
    expect(car.$atomicF64.compareExchange(-0.25, 2)).toBe(-0.25);
    expect(car.$atomicF64.exchange(3)).toBe(2);
    bytes.setBigUint64(at("atomicF64"), 0x7ff4_0000_0000_0001n, true);
    expect(car.$atomicF64.add(1)).toBeNaN();
    car.atomicF32 = 3e38;
    refusal(() => car.$atomicF32.add(3e38));
    expect(car.atomicF32).toBe(Math.fround(3e38));
  });

  it("of readers load and wait, and throw ERR_SHM_READ_ONLY for the rest", () => {
    const { car, reader } = pair();
    car.atomicU64 = 5n;
    expect(reader.$atomicU64.load()).toBe(5n);
    const cast = reader.$atomicU64 as unknown as typeof car.$atomicU64;
    for (const write of ["store", "add", "sub", "and", "or", "xor", "exchange", "compareExchange", "notify"] as const) {
      const message = refusal(() => (cast[write] as (a: bigint, b: bigint) => void)(1n, 1n), "ERR_SHM_READ_ONLY");
      expect(message).toContain("Everything.atomicU64");
    }
  });
});

describe("waiting", () => {
  /** A futex that answers from a list, and says what it was asked. */
  function script(
    ...answers: ("ok" | "not-equal" | "timed-out" | (() => "ok" | "not-equal" | "timed-out"))[]
  ): FutexPort & {
    asked: { offset: number; expected: number; timeoutMs: number }[];
    notified: { offset: number; count: number }[];
  } {
    const asked: { offset: number; expected: number; timeoutMs: number }[] = [];
    const notified: { offset: number; count: number }[] = [];
    const next = (offset: number, expected: number, timeoutMs: number): "ok" | "not-equal" | "timed-out" => {
      asked.push({ offset, expected, timeoutMs });
      const answer = answers.shift();
      if (answer === undefined) throw new Error("asked once too often");
      return typeof answer === "string" ? answer : answer();
    };
    return {
      asked,
      notified,
      wait: next,
      waitAsync: (...question) => Promise.resolve(next(...question)),
      notify: (offset, count) => notified.push({ offset, count }),
    };
  }

  it("answers not-equal and timed-out without asking the kernel", async () => {
    const futex = script();
    const { car } = pair(futex);
    car.atomicU64 = 2n ** 40n;
    // The low words are equal: only a look at all 64 bits tells the difference.
    expect(car.$atomicU64.wait(0n)).toBe("not-equal");
    expect(await car.$atomicU64.waitAsync(1n)).toBe("not-equal");
    expect(car.$atomicU32.wait(0, 0)).toBe("timed-out");
    expect(futex.asked).toEqual([]);
  });

  it("sleeps on the containing word of small fields, on the low word of large ones", () => {
    const futex = script("timed-out", "ok", "ok");
    const { car, at } = pair(futex);
    car.atomicU8 = 7;
    car.atomicU64 = 0x1_0000_0002n;
    car.$atomicU8.wait(7, 50);
    car.$atomicU64.wait(0x1_0000_0002n);
    car.$atomicF64.wait(0);
    const byte = 128 + at("atomicU8");
    expect(futex.asked).toMatchObject([
      { offset: byte - (byte % 4), expected: 7 << (8 * (byte % 4)) },
      { offset: 128 + at("atomicU64"), expected: 2 },
      { offset: 128 + at("atomicF64"), expected: 0 },
    ]);
    expect(futex.asked[0]?.timeoutMs).toBeLessThanOrEqual(50);
  });

  it("sleeps on when a neighbour of a small field was meant", () => {
    const state: { car?: Sink.Everything } = {};
    const futex = script("ok", "not-equal", () => {
      if (state.car !== undefined) state.car.atomicU8 = 8;
      return "ok";
    });
    const { car } = pair(futex);
    state.car = car;
    expect(car.$atomicU8.wait(0)).toBe("ok");
    expect(futex.asked).toHaveLength(3);
  });

  it("sees a change of the upper half of 64 bits, though the kernel compares the lower half alone [fault 66]", async () => {
    for (const asynchronous of [false, true]) {
      const state: { car?: Sink.Everything } = {};
      // Between our comparison and the kernel's somebody stores 2 for 1, whose lower halves are equal, and notifies: the
      // kernel lets us sleep, and the slice ends without a wake-up.
      const futex = script(() => {
        if (state.car !== undefined) state.car.atomicF64 = 2;
        return "timed-out";
      });
      const { car } = pair(futex);
      car.atomicF64 = 1;
      state.car = car;
      expect(asynchronous ? await car.$atomicF64.waitAsync(1) : car.$atomicF64.wait(1)).toBe("ok");
      expect(futex.asked[0]?.timeoutMs).toBeLessThanOrEqual(100);
    }
  });

  it("wakes everybody of a shared word, and as many as asked of an own one", () => {
    const futex = script();
    const { car, at } = pair(futex);
    car.$atomicU16.notify(1);
    car.$atomicU32.notify(1);
    car.$atomicU32.notify();
    car.$atomicU16.notify(0);
    expect(futex.notified.map(({ count }) => count)).toEqual([0x7fffffff, 1, 0x7fffffff, 0]);
    expect(futex.notified[1]?.offset).toBe(128 + at("atomicU32"));
    refusal(() => car.$atomicU32.notify(-1));
    refusal(() => car.$atomicU32.wait(0, Number.NaN));
    refusal(() => car.$atomicU32.wait(-1));
  });

  it("a pending waitAsync ends with ERR_SHM_CLOSED when the region is closed", async () => {
    const { car, view } = pair(script("ok"));
    const waiting = car.$atomicU8.waitAsync(0);
    view.retire();
    await expect(waiting).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
  });

  it("needs a futex", () => {
    refusal(() => pair().car.$atomicU32.wait(0), "ERR_SHM_UNSUPPORTED");
  });
});

describe("snapshot and assign", () => {
  it("turn an accessor into a plain object and back", () => {
    const first = pair();
    assign(first.car, {
      h: 2n ** 64n - 1n,
      n: parts.Gear.Drive,
      q: { mode: 3 },
      numbers: [1, 2, 3],
      wheels: [{ rpm: 1 }, { rpm: 2 }, {}, { slip: 4 }],
      grid: [
        [{ rpm: 1 }, {}],
        [{}, { slip: 2 }],
      ],
      counters: [1, 2, 3, 4],
      packet: { tag: 1, wheel: { rpm: 2 } },
      name: "nobody",
      id: new Uint8Array(16).fill(7),
    });
    const copy = snapshot(first.car);
    expect(Object.keys(copy)).toEqual(sink.Everything.layout.fields.map(({ name }) => name));
    expect(copy).toMatchObject({
      h: 2n ** 64n - 1n,
      n: 3,
      q: { ready: 0, mode: 3, count: 0 },
      numbers: [1, 2, 3],
      matrix: [
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 0, 0, 0],
      ],
      wheels: [
        { rpm: 1, slip: 0 },
        { rpm: 2, slip: 0 },
        { rpm: 0, slip: 0 },
        { rpm: 0, slip: 4 },
      ],
      counters: [1, 2, 3, 4],
      name: "nobody",
      id: new Uint8Array(16).fill(7),
      octets: new Uint8Array(4),
    });
    const second = pair();
    assign(second.car, copy);
    expect(snapshot(second.car)).toEqual(copy);
    expect(snapshot(second.reader)).toEqual(copy);
    const third = pair();
    assign(third.car, second.car);
    expect(snapshot(third.car)).toEqual(copy);
  });

  it("write nothing when any value is bad, however deep", () => {
    const { car } = pair();
    const before = snapshot(car);
    for (const bad of [
      { b: 1, name: "x".repeat(33) },
      { b: 1, wheels: [{ rpm: 1 }, { rpm: 1 }, { rpm: 1 }, { rpm: 1e39 }] },
      { b: 1, packet: { tag: 1, wheel: { rpm: "fast" } } },
      { b: 1, numbers: [1, 2] },
      { b: 1, counters: [1, 2, 3, -4] },
      {
        b: 1,
        grid: [
          [{ rpm: 1 }, {}],
          [{}, { slop: 2 }],
        ],
      },
      { b: 1, bb: 2 },
      { b: 1, q: { mode: 8 } },
      JSON.parse('{ "b": 1, "__proto__": 5 }') as object,
    ]) {
      refusal(() => assign(car, bad as never));
      expect(snapshot(car)).toEqual(before);
    }
    refusal(() => (car.wheels = [{ rpm: 1 }, { rpm: 2 }, { rpm: 3 }, { rpm: "4" as never }]));
    refusal(() => (car.wheel = { rpm: 5, slip: "x" as never }));
    expect(snapshot(car)).toEqual(before);
    expect(refusal(() => assign(car, { bb: 2 } as never))).toBe('Everything has no field "bb"');
    refusal(() => assign(car, null as never));
  });

  it("assigning to a reader throws ERR_SHM_READ_ONLY", () => {
    const { reader } = pair();
    refusal(() => assign(reader as unknown as Sink.Everything, { b: 1 }), "ERR_SHM_READ_ONLY");
  });
});

describe("readers", () => {
  it("refuse every write that got past the types", () => {
    const { reader } = pair();
    for (const { name } of sink.Everything.layout.fields) {
      const message = refusal(() => ((reader as unknown as Record<string, unknown>)[name] = 1), "ERR_SHM_READ_ONLY");
      expect(message).toContain(`Everything.${name} cannot be written`);
    }
  });

  it("a class with setters is not made over read-only memory, and such memory hands out no arrays", () => {
    const { readOnlyView } = pair();
    expect(refusal(() => new sink.Everything(readOnlyView, 128), "ERR_SHM_READ_ONLY")).toContain("EverythingReader");
    expect(refusal(() => sink.Everything.at(readOnlyView, 128), "ERR_SHM_READ_ONLY")).toContain("EverythingReader");
    for (const name of ["u8", "i32", "f64", "dataView", "buffer"] as const)
      refusal(() => readOnlyView[name], "ERR_SHM_READ_ONLY");
  });
});

describe("bounds and alignment", () => {
  it("are proven before an accessor exists", () => {
    const { view } = pair();
    for (const offset of [-64, 4096, 4096 - 64, 2 ** 53, 1.5, Number.NaN, Infinity, "128" as never]) {
      refusal(() => sink.Everything.at(view, offset));
    }
    expect(refusal(() => sink.Everything.at(view, 129))).toContain("has to begin at a multiple of 64: offset=129");
    expect(refusal(() => sink.Everything.at(view, 8192))).toContain("mapped=4096");
    expect(sink.Everything.at(view, 192).b).toBe(0);
  });
});

describe("console.log", () => {
  it("shows fields in schema order, with the names of enums and flags", () => {
    const { car } = pair();
    car.n = parts.Gear.Drive;
    car.p = parts.Alarm.Oil | parts.Alarm.Door;
    car.h = 5n;
    const text = inspect(car);
    expect(text).toMatch(/^Everything \{\n {2}a: 0,/);
    expect(text).toContain("h: 5n");
    expect(text).toContain("n: Drive(3)");
    expect(text).toContain("p: Oil|Door(5)");
    expect(inspect(car.wheel)).toBe("Wheel { rpm: 0, slip: 0 }");
    expect(inspect(car.wheels)).toMatch(/^\[\s+Wheel \{ rpm: 0, slip: 0 \},/);
    expect(inspect({ deep: { er: { car } } })).toContain("[Everything]");
  });
});

describe("closing", () => {
  it("makes every use of every accessor throw ERR_SHM_CLOSED, and keeps what any object must answer", async () => {
    const { car, view } = pair();
    const { wheels, wheel, gears, counters, $atomicU32: handle, $p: flags } = car;
    const element = wheels.at(1);
    const field = counters.field(1);
    const iterator = wheels[Symbol.iterator]();
    iterator.next();
    view.retire();
    view.retire();
    for (const use of [
      () => car.b,
      () => (car.b = 1),
      () => car.wheels,
      () => car.$atomicU32,
      () => "b" in car,
      () => wheel.rpm,
      () => element.rpm,
      () => (element.rpm = 1),
      () => wheels.at(0),
      () => wheels.length,
      () => [...wheels],
      () => iterator.next(),
      () => gears.set(0, 1),
      () => counters.field(0),
      () => handle.add(1),
      () => field.load(),
      () => flags.has(1),
      () => sink.Everything.at(view, 0),
      () => view.u8,
      () => snapshot(car),
      () => JSON.stringify(car),
    ]) {
      expect(refusal(use, "ERR_SHM_CLOSED"), String(use)).toContain("/dev/shm/test");
    }
    expect(inspect(car)).toBe("[closed Everything]");
    expect(car).toBeInstanceOf(sink.Everything);
    expect(await Promise.resolve(car)).toBe(car);
    expect(Object.prototype.toString.call(car)).toBe("[object closed Everything]");
    expect(view.closed).toBe(true);
  });

  it("reaches readers and their arrays", () => {
    const { reader, readOnlyView } = pair();
    const { numbers, $atomicU64: handle } = reader;
    readOnlyView.retire();
    for (const use of [() => reader.b, () => numbers.at(0), () => handle.load(), () => [...numbers]])
      refusal(use, "ERR_SHM_CLOSED");
  });

  it("does not keep accessors alive, and sweeps the list of those that are gone", async () => {
    const { view } = pair();
    const gc = exposedGc();
    const references: WeakRef<object>[] = [];
    for (let index = 0; index < 2000; index++) references.push(new WeakRef(new parts.Wheel(view, 0)));
    await new Promise((resolve) => setTimeout(resolve, 10));
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(references.filter((reference) => reference.deref() !== undefined).length).toBeLessThan(1000);
  });
});

describe("a program that means harm, or does not know better", () => {
  const readOnly = (action: () => unknown): string => refusal(action, "ERR_SHM_READ_ONLY");

  it("finds no way to write through a reader", () => {
    const { car, reader, readOnlyView, bytes, at } = pair();
    readOnly(() => car.bools.set.call(reader.bools, 0, true));
    expect(() => new sink.Everything(readOnlyView, 128)).toThrow();
    const forced = sink.Everything as unknown as new (view: MemoryView, offset: number, ...rest: unknown[]) => unknown;
    readOnly(() => new forced(readOnlyView, 128, 64, true));
    expect(() => Object.assign(readOnlyView, { readOnly: false })).toThrow(TypeError);
    // A target of one's own is not handed the memory itself.
    const stolen: unknown[] = [];
    const target = Object.assign(new Float64Array(3), { set: (source: unknown) => stolen.push(source) });
    car.numbers = [1, 2, 3];
    expect(reader.numbers.copyTo(target)).toBe(3);
    expect([...target]).toEqual([1, 2, 3]);
    expect(stolen).toEqual([]);
    const handle = reader.$atomicU32 as unknown as Record<symbol, (...rest: unknown[]) => unknown>;
    const shown: unknown[] = [];
    handle[Symbol.for("nodejs.util.inspect.custom")]?.(0, {}, (value: unknown) => shown.push(value));
    expect(shown).toEqual([0]);
    expect(bytes.getUint8(at("bools"))).toBe(0);
  });

  it("is told of an index that is none, also when it names a property of arrays", () => {
    const { car } = pair();
    car.bools.at(1);
    for (const index of ["length", "constructor", "push", -1, 1.5, 3]) {
      refusal(() => car.bools.at(index as number));
    }
  });

  it("may make more accessors in one job than V8 keeps weak references; all are harmless after close", () => {
    const { car, view } = pair();
    const made = Array.from({ length: 300_000 }, () => new sink.Everything(view, 128));
    view.retire();
    refusal(() => car.u32, "ERR_SHM_CLOSED");
    refusal(() => made[0]?.u32, "ERR_SHM_CLOSED");
    expect(made.at(-1)?.u32).toBe(0);
  });

  it("closes over accessors that were frozen or lost their prototype", () => {
    const { car, view } = pair();
    const frozen = Object.freeze(new sink.Everything(view, 128));
    Object.setPrototypeOf(new sink.Everything(view, 128), null);
    const moved = new sink.Everything(view, 128);
    Object.setPrototypeOf(moved, Object.create(null) as object);
    view.retire();
    refusal(() => car.u32, "ERR_SHM_CLOSED");
    refusal(() => moved.u32, "ERR_SHM_CLOSED");
    refusal(() => frozen.u32, "ERR_SHM_CLOSED");
  });
});
