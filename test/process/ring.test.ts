/** What a ring holds: order, capacity, slots in place, and values as they were given. */
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import type { Flyweight } from "@shmgen/runtime/codegen-v1";
import { Ring } from "@shmgen/runtime/containers-v1";
import { codeOf } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";
import { floors, messageOf } from "../support/containers/floors.js";
import { ELEMENTS, type Order, ringShape } from "../support/containers/ring-region.mjs";

const { opened, open, floor, numbers } = floors();
const ZEROS = { kind: 0, quantity: 0, sum: 0, price: 0, name: "" };

describe("elements come in order, each once, whatever the counters are", () => {
  it.each([1, 2, 8])("a ring of %i goes on through the end of its 32-bit counters", (length) => {
    const { data, producer, consumer, ring } = numbers(length, 2 ** 32 - 5);
    for (let next = 0, taken = 0; taken < 20;) {
      while (producer.push(next)) next += 1;
      expect([ring.length, producer.room, consumer.available]).toEqual([length, 0, length]);
      if (taken % 2 === 0) expect(consumer.pop()).toBe(taken++);
      const seen: number[] = [];
      const count = consumer.drain((value) => seen.push(value));
      expect(seen).toEqual(Array.from({ length: count }, (_, index) => taken + index));
      taken += count;
      expect([taken, ring.length, producer.room, consumer.pop()]).toEqual([next, 0, length, undefined]);
    }
    expect(data.word("head")).toBeLessThan(100);
  });

  it("a full ring takes nothing, an empty one gives nothing", () => {
    const { producer, consumer } = numbers(2);
    expect([consumer.pop(), consumer.peek(), consumer.drain(() => undefined)]).toEqual([undefined, undefined, 0]);
    expect([producer.push(1), producer.push(2), producer.push(3)]).toEqual([true, true, false]);
    expect([consumer.pop(), consumer.pop(), consumer.pop()]).toEqual([1, 2, undefined]);
  });

  it("numbers, bigints and text are pushed and taken as values", () => {
    const big = floor(2, "u64").orders;
    using producer = big.producer();
    using consumer = big.consumer();
    expect([producer.push(2n ** 64n - 1n), consumer.peek(), consumer.pop()]).toEqual([
      true,
      2n ** 64n - 1n,
      2n ** 64n - 1n,
    ]);
    expect(codeOf(() => producer.claim())).toBe("ERR_SHM_UNSUPPORTED");
    opened.splice(0).forEach((region) => region.close());
    const text = floor(2, "text").orders;
    using writer = text.producer();
    using reader = text.consumer();
    writer.push("a longer text");
    writer.push("short");
    expect([reader.pop(), reader.pop()]).toEqual(["a longer text", "short"]);
  });
});

describe("what is pushed is what was given, and nothing of what lay there", () => {
  it("fields that are not given are zero, as all are that claim gives", () => {
    const { orders } = floor(1);
    using producer = orders.producer();
    using consumer = orders.consumer();
    const full = { id: 1, kind: 2, quantity: 3, sum: 4, price: 5.5, name: "six" };
    for (const push of [{ id: 7 }, { id: 7, price: undefined }] as readonly object[]) {
      producer.push(full);
      expect(consumer.pop()).toEqual(full);
      producer.push(push);
      expect(consumer.pop()).toEqual({ id: 7, ...ZEROS });
    }
    producer.push(full);
    consumer.release();
    const slot = producer.claim() as Order;
    expect({ ...ZEROS, id: slot.id, price: slot.price, name: slot.name }).toEqual({ id: 0, ...ZEROS });
    slot.id = 8;
    producer.publish();
    expect(consumer.pop()).toEqual({ id: 8, ...ZEROS });
  });

  it("so are those of structs in structs and in arrays that are given in part", () => {
    const { orders } = floor(1, "Pair");
    using producer = orders.producer();
    using consumer = orders.consumer();
    const order = { id: 1, kind: 2, quantity: 3, sum: 4, price: 5, name: "six" };
    producer.push({ first: order, others: [order] });
    expect(consumer.pop()).toEqual({ first: order, others: [order] });
    producer.push({ first: { id: 7 }, others: [{ kind: 8 }] });
    expect(consumer.pop()).toEqual({ first: { ...ZEROS, id: 7 }, others: [{ ...ZEROS, id: 0, kind: 8 }] });
    producer.push({});
    expect(consumer.pop()).toEqual({ first: { id: 0, ...ZEROS }, others: [{ id: 0, ...ZEROS }] });
  });

  it("a value that is refused publishes nothing, and leaves the slot for the next one", () => {
    const { orders } = floor(2);
    using producer = orders.producer();
    using consumer = orders.consumer();
    const bad: readonly object[] = [{ id: 1, kind: 256 }, { id: 2, whatever: 1 }, { name: "much too long for it" }];
    for (const value of bad) expect(codeOf(() => producer.push(value))).toBe("ERR_SHM_RANGE");
    for (const value of [1, null, undefined]) expect(codeOf(() => producer.push(value as never))).toBe("ERR_SHM_RANGE");
    expect([orders.length, consumer.pop(), producer.push({ sum: 1 })]).toEqual([0, undefined, true]);
    expect(consumer.pop()).toEqual({ id: 0, ...ZEROS, sum: 1 });
  });

  it("an accessor can be pushed on", () => {
    const { orders, answers } = floor(2);
    using producer = orders.producer();
    using consumer = orders.consumer();
    using other = answers.producer();
    using end = answers.consumer();
    producer.push({ id: 4, name: "four" });
    other.push(consumer.peek() as Order);
    expect(end.pop()).toEqual({ ...ZEROS, id: 4, name: "four" });
  });
});

describe("generated code", () => {
  const SCHEMA = `import type { Region, f64, ring, u32, u64, utf8 } from "@shmgen/schema";
    export interface Tick { id: u32; price: f64; name: utf8<8>; }
    export interface Market extends Region<{ type: 0x11c3; version: 1 }> {
      ticks: ring<Tick, 4>; numbers: ring<u64, 2>; names: ring<utf8<16>, 2>;
    }`;

  it("shows rings of structs, numbers and text, and lists them for recovery", async () => {
    const { Market } = await importSchema<{ Market: { createOrOpen(name: string): Region<MarketData> } }>(
      { "market.shm.ts": SCHEMA },
      "market.shm.ts",
    );
    const region = Market.createOrOpen("market");
    opened.push(region);
    const { ticks, numbers: bigs, names } = region.data;
    expect([ticks.producer().push({ id: 1, price: 2.5 }), ticks.consumer().pop()]).toEqual([
      true,
      { id: 1, price: 2.5, name: "" },
    ]);
    expect([bigs.producer().push(2n ** 63n), bigs.consumer().pop()]).toEqual([true, 2n ** 63n]);
    expect([names.producer().push("someone"), names.consumer().pop()]).toEqual([true, "someone"]);
    expect(region.participants()[0]?.holds).toEqual(
      ["ticks", "numbers", "names"].map((name) => `${name}: producer and consumer`),
    );
  });

  interface MarketData extends Flyweight {
    readonly ticks: Ring<Flyweight & { id: number; price: number }, { id?: number; price?: number }>;
    readonly numbers: Ring<bigint>;
    readonly names: Ring<string>;
  }
});

it("straight-line code of a generator stores and copies the same as the fields one by one", () => {
  const { Order: of } = ELEMENTS;
  const names = ["id", "kind", "quantity", "sum", "price", "name"] as const;
  const plain = {
    store(slot: Order, value: Readonly<Record<string, unknown>>): number {
      const given = names.filter((name) => value[name] !== undefined);
      for (const name of given) Object.assign(slot, { [name]: value[name] });
      return given.length;
    },
    load: (slot: Order) => Object.fromEntries(names.map((name) => [name, slot[name]])) as never,
  };
  const { memory, data } = open(1);
  const ring = new Ring(memory, data.ordersAt, { ...ringShape(1, of), plain: plain as never }, "Floor.orders");
  using producer = ring.producer();
  using consumer = ring.consumer();
  const full = { id: 1, kind: 2, quantity: 3, sum: 4, price: 5.5, name: "six" };
  for (const value of [full, { id: 7 }, {}]) {
    expect(producer.push(value)).toBe(true);
    expect(consumer.pop()).toEqual({ ...ZEROS, id: 0, ...value });
  }
  expect(codeOf(() => producer.push({ whatever: 1 } as object))).toBe("ERR_SHM_RANGE");
});

describe("slots in place", () => {
  it("claimed slots follow each other, become visible in order, and are dropped by discard and close", () => {
    const { orders } = floor(4);
    const producer = orders.producer();
    using consumer = orders.consumer();
    const claimed = [1, 2, 3, 4, 5].map((id) => {
      const slot = producer.claim();
      if (slot !== undefined) slot.id = id;
      return slot;
    });
    expect([claimed.at(-1), new Set(claimed).size, consumer.available, producer.room]).toEqual([undefined, 5, 0, 0]);
    expect(codeOf(() => producer.push({ id: 9 }))).toBe("ERR_SHM_BUSY");
    for (const count of [0, 5, -1, 1.5, NaN, "2"]) {
      expect(codeOf(() => producer.publish(count as number))).toBe("ERR_SHM_RANGE");
    }
    producer.publish(2);
    expect([consumer.peek()?.id, consumer.peek(1)?.id, consumer.peek(2)]).toEqual([1, 2, undefined]);
    producer.discard();
    expect([producer.room, codeOf(() => producer.publish())]).toEqual([2, "ERR_SHM_RANGE"]);
    expect(() => producer.publish()).toThrow(/no slot is claimed, .*; claim one first$/);
    producer.claim();
    producer.close();
    using next = orders.producer();
    expect([next.room, next.push({ id: 3 }), consumer.available]).toEqual([2, true, 3]);
  });

  it("a consumer looks ahead within what is there, releases no more than that, and gets the same object for a slot", () => {
    const { orders } = floor(2);
    using producer = orders.producer();
    using consumer = orders.consumer();
    producer.push({ id: 1 });
    const first = consumer.peek();
    expect([consumer.peek(), consumer.peek(1)]).toEqual([first, undefined]);
    for (const index of [-1, 2, 0.5, NaN]) expect(codeOf(() => consumer.peek(index))).toBe("ERR_SHM_RANGE");
    for (const count of [0, 2, -1, 0.5, NaN]) expect(codeOf(() => consumer.release(count))).toBe("ERR_SHM_RANGE");
    producer.push({ id: 2 });
    consumer.release(2);
    producer.push({ id: 3 });
    expect(consumer.peek()).toBe(first);
    expect(first?.id).toBe(3);
  });

  it("drain releases together, up to the element whose call threw, and its calls take nothing themselves", () => {
    const { data, producer, consumer } = numbers(8);
    for (let value = 0; value < 8; value += 1) producer.push(value);
    const seen: (number | string)[] = [];
    expect(consumer.drain((value) => seen.push(value, data.word("head")), 3)).toBe(3);
    expect([seen, data.word("head")]).toEqual([[0, 0, 1, 0, 2, 0], 3]);
    const refused = [
      () => consumer.pop(),
      () => consumer.peek(),
      () => consumer.release(),
      () => consumer.drain(() => 1),
    ];
    expect(consumer.drain((value) => seen.push(value, ...refused.map(codeOf)), 1)).toBe(1);
    expect(seen.slice(6)).toEqual([3, ...refused.map(() => "ERR_SHM_BUSY")]);
    const thrower = (value: number): void => {
      if (value === 6) throw new Error("no six");
    };
    expect(messageOf(() => consumer.drain(thrower))).toBe("no six");
    expect([data.word("head"), consumer.pop()]).toEqual([6, 6]);
    expect(consumer.drain(() => consumer.close())).toBe(1);
    expect([data.word("head"), data.word("consumer")]).toEqual([7, 0]);
    using next = data.orders.consumer();
    expect([0, -1, NaN, 0.5].map((max) => next.drain(() => undefined, max))).toEqual([0, 0, 0, 0]);
  });
});
