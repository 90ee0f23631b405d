/** Accessors field by field: numbers, flags, text, arrays and handles. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { snapshot } from "@shmgen/runtime/codegen-v1";
import type * as Parts from "../golden/kitchen-sink/out/parts.js";
import { pair, parts, refusal, sink } from "../support/schemas/kitchen-sink.js";

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
