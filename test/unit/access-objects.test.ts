/** Accessors as objects: waiting, whole values, readers, bounds, printing, closing, and programs that mean harm. */
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { assign, type FutexPort, type MemoryView, snapshot } from "@shmgen/runtime/codegen-v1";
import type * as Sink from "../golden/kitchen-sink/out/schema.js";
import { exposedGc } from "../support/run/gc.js";
import { pair, parts, refusal, sink } from "../support/schemas/kitchen-sink.js";

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
      waitAsync: (offset, expected, timeoutMs) => Promise.resolve(next(offset, expected, timeoutMs)),
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
    expect(refusal(() => assign(car, { bb: 2 } as never))).toBe(
      'Everything has no field "bb"; its fields are a, b, c, d, e, f, g, h and 60 more',
    );
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
    for (const name of ["u8", "i32", "f64", "dataView", "buffer"] as const)
      refusal(() => readOnlyView[name], "ERR_SHM_READ_ONLY");
  });
});

describe("Struct.at", () => {
  it("gives the reader over read-only memory, and the accessor over the other", () => {
    const { view, readOnlyView } = pair();
    const written = sink.Everything.at(view, 128);
    const reader = sink.Everything.at(readOnlyView, 128);
    expect([written.constructor.name, reader.constructor.name]).toEqual(["Everything", "EverythingReader"]);
    (written as Sink.Everything).b = 7;
    expect(reader.b).toBe(7);
    expect(refusal(() => sink.Everything.at(undefined as never, 0))).toContain("pass region.memory");
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

  it("is told of such an index in arrays that keep their elements and handles, too", () => {
    const { car, reader } = pair();
    expect(car.wheels.at(1)).toBe(car.wheels.at(1));
    expect(car.counters.field(1)).toBe(car.counters.field(1));
    expect(reader.counters.field(1)).toBe(reader.counters.field(1));
    for (const index of ["1", "length", "constructor", "push", -1, 1.5, 4]) {
      refusal(() => car.wheels.at(index as number));
      refusal(() => car.counters.field(index as number));
      refusal(() => reader.counters.field(index as number));
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
