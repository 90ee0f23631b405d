/** Who has the roles of a ring, how its sides wait for each other, and what damaged words do to them. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { MemoryView } from "@shmgen/runtime/codegen-v1";
import { Ring, type RingConsumer, type RingProducer } from "@shmgen/runtime/containers-v1";
import { RING } from "../../schema/containers/ring.js";
import { Random, runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";
import { type Child, codeOf, startProcess } from "../support/processes/processes.js";
import { floors, messageOf } from "../support/containers/floors.js";
import type * as RingRegion from "../support/containers/ring-region.mjs";
import { ELEMENTS, floorOf, ringShape } from "../support/containers/ring-region.mjs";

const { opened, floor, numbers } = floors();
const SUPPORT = new URL("../support/containers/ring-region.mjs", import.meta.url).href;
const children: Child[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(children.splice(0).map((child) => child.kill()));
});

describe("roles", () => {
  it("one thread has each, others are told who, and close gives it back", async () => {
    const { orders } = floor();
    const producer = orders.producer();
    expect(messageOf(() => orders.producer())).toMatch(/this thread is its producer already/);
    const child = await startProcess();
    children.push(child);
    const taken = (who: "producer" | "consumer", hold = false): Promise<string> =>
      child.run(
        async ({ load, kept }, url, role, keep) => {
          const { floorOf } = (await load(url)) as typeof RingRegion;
          const region = floorOf().open("floor");
          Object.assign(kept, { region });
          try {
            region.data.orders[role]();
            return `took as ${process.pid}`;
          } catch (error) {
            return String((error as Error).message);
          } finally {
            if (!keep) region.close();
          }
        },
        SUPPORT,
        who,
        hold,
      );
    expect(await taken("producer")).toContain(
      `there is a producer already: pid=${process.pid} holder="process ${process.pid}`,
    );
    producer.close();
    expect(await taken("producer", true)).toBe(`took as ${child.pid}`);
    expect(messageOf(() => orders.producer())).toContain(`pid=${child.pid}`);
    expect(orders.toJSON().producer).toMatch(new RegExp(`^process ${child.pid} `));
    // The region's close gives back what its thread has.
    await child.run(({ kept }) => kept["region"]?.close());
    using again = orders.producer();
    expect(again.push({ id: 1 })).toBe(true);
    expect(await taken("consumer", true)).toBe(`took as ${child.pid}`);
    await child.kill();
    expect(orders.toJSON().consumer).toMatch(/dead$/);
    using consumer = orders.consumer();
    expect(consumer.pop()?.id).toBe(1);
    expect(orders.toJSON()).toMatchObject({ length: 0, capacity: 8 });
  });

  it("a role of a handle that was closed is free for other handles of its thread", () => {
    const Floor = floorOf();
    const region = Floor.createOrOpen("floor");
    opened.push(region);
    const { data } = region;
    const other = Floor.open("floor");
    const producer = other.data.orders.producer();
    expect(codeOf(() => data.orders.producer())).toBe("ERR_SHM_BUSY");
    other.close();
    using next = data.orders.producer();
    producer.close();
    expect([next.push({ id: 1 }), codeOf(() => data.orders.producer())]).toEqual([true, "ERR_SHM_BUSY"]);
    next.close();
    data.orders.producer().close();
  });

  it("closed ones refuse everything, closing again does nothing, and their successors go on", () => {
    const { data, producer, consumer } = numbers(4);
    producer.push(1);
    producer.close();
    consumer.close();
    producer.close();
    consumer.close();
    const uses = [
      () => producer.push(1),
      () => producer.publish(),
      () => producer.discard(),
      () => producer.room,
      () => producer.pushWait(1),
      () => consumer.pop(),
      () => consumer.peek(),
      () => consumer.release(),
      () => consumer.available,
      () => consumer.drain(() => undefined),
      () => consumer.wait(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => "ERR_SHM_CLOSED"));
    using next = data.orders.consumer();
    expect(next.pop()).toBe(1);
  });

  it("after the region's close everything is refused, also of what was frozen, but close", () => {
    const { ring, producer, consumer } = numbers(4);
    Object.freeze(producer);
    producer.push(1);
    opened.splice(0).forEach((region) => region.close());
    const uses = [
      () => producer.push(1),
      () => producer.room,
      () => consumer.peek(),
      () => consumer.release(),
      () => ring.length,
      () => ring.producer(),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => "ERR_SHM_CLOSED"));
    producer.close();
    consumer[Symbol.dispose]();
  });

  it("memory that nobody can take part in, or write, has none", () => {
    floor();
    const region = floorOf().openReadOnly("floor");
    opened.push(region);
    const { orders } = region.data;
    expect([codeOf(() => orders.producer()), codeOf(() => orders.consumer())]).toEqual(
      Array(2).fill("ERR_SHM_READ_ONLY"),
    );
    expect(orders.toJSON()).toEqual({ length: 0, capacity: 8, producer: null, consumer: null });
    const shape = ringShape(4, ELEMENTS.u32);
    const buffer = new ArrayBuffer(shape.size);
    const view = new MemoryView({ buffer, byteLength: shape.size, readOnly: false, label: "ours" });
    expect(codeOf(() => new Ring(view, 0, shape, "ours").producer())).toBe("ERR_SHM_UNSUPPORTED");
  });
});

describe("the role of a dead one", () => {
  /**
   * A ring whose producer was participant 1, whom somebody else recovers: that ends at the third look, or never. Each look takes 10 ms by
   * the clock.
   */
  function given({ ends, looksAlive }: { ends: boolean; looksAlive: boolean }) {
    const shape = ringShape(4, ELEMENTS.u32);
    const buffer = new ArrayBuffer(shape.size);
    const words = new Uint32Array(buffer);
    const word = RING.at.producer / 4;
    words[word] = 1;
    let looks = 0;
    const begun = process.uptime();
    vi.spyOn(process, "uptime").mockImplementation(() => begun + looks / 100);
    const participants = {
      self: () => 2,
      isAlive: () => looksAlive,
      isRecovering: () => !ends || looks < 3,
      recover() {
        looks += 1;
        if (ends && looks === 3) words[word] = 0;
        return ends && looks > 3;
      },
      describe: (number: number) => `participant ${number}`,
      nameOf: () => undefined,
      pidOf: () => undefined,
    };
    const view = new MemoryView({ buffer, byteLength: shape.size, readOnly: false, label: "ours", participants });
    return { ring: new Ring(view, 0, shape, "ours"), looks: () => looks };
  }

  it.each([true, false])("is waited for while somebody recovers it, looks alive: %s", (looksAlive) => {
    const { ring, looks } = given({ ends: true, looksAlive });
    ring.producer().close();
    expect(looks()).toBe(3);
  });

  it.each([true, false])(
    "is not called damaged when its recoverer does not come to an end, looks alive: %s",
    (looksAlive) => {
      const { ring, looks } = given({ ends: false, looksAlive });
      expect(codeOf(() => ring.producer())).toBe("ERR_SHM_BUSY");
      expect(looks()).toBeGreaterThan(3);
    },
  );
});

describe("waits", () => {
  const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

  it("blocking ones end at their timeouts, with who is on the other side", () => {
    const { data, producer, consumer } = numbers(1);
    expect(messageOf(() => consumer.wait({ timeoutMs: 20 }))).toContain(`producer="process ${process.pid}`);
    consumer.close();
    producer.push(1);
    expect(messageOf(() => producer.pushWait(2, { timeoutMs: 20 }))).toContain("consumer=nobody");
    expect(codeOf(() => producer.pushWait(2, { timeoutMs: -1 }))).toBe("ERR_SHM_RANGE");
    expect(data.orders.length).toBe(1);
  });

  it("asynchronous ones let the loop go on, end at timeouts and by signals, and pushes keep their order", async () => {
    const { producer, consumer } = numbers(2);
    const order: string[] = [];
    const pushes = [1, 2, 3, 4, 5].map((value) => producer.pushAsync(value).then(() => order.push(`pushed ${value}`)));
    const aborted = new AbortController();
    const six = producer.pushAsync(6, { signal: aborted.signal });
    const seven = producer.pushAsync(7, { timeoutMs: 10 });
    await expect(seven).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    aborted.abort(new Error("enough"));
    await expect(six).rejects.toThrow("enough");
    await expect(producer.pushAsync(8, { signal: aborted.signal })).rejects.toThrow("enough");
    for (let value = 1; value <= 5; value += 1) {
      await consumer.waitAsync();
      expect(consumer.pop()).toBe(value);
    }
    await Promise.all(pushes);
    expect(order).toEqual([1, 2, 3, 4, 5].map((value) => `pushed ${value}`));
    await expect(consumer.waitAsync({ timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    producer.push(1);
    producer.push(2);
    const late = producer.pushAsync(3);
    const bad = producer.pushAsync("x" as never);
    await slow();
    producer.close();
    await expect(late).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    await expect(bad).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    const waiting = consumer.waitAsync();
    expect([consumer.pop(), consumer.pop()]).toEqual([1, 2]);
    await waiting;
    const pending = consumer.waitAsync();
    opened.splice(0).forEach((region) => region.close());
    await expect(pending).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
  });

  it("for await shows each in place, releases it when it goes on, and leaves the one on which it broke or threw", async () => {
    const { data, producer, consumer } = numbers(8);
    for (let value = 0; value < 6; value += 1) producer.push(value);
    const seen: number[] = [];
    for await (const value of consumer) {
      seen.push(value, data.word("head"));
      if (value === 2) break;
    }
    expect([seen, data.word("head")]).toEqual([[0, 0, 1, 1, 2, 2], 2]);
    const throwing = async (): Promise<void> => {
      for await (const value of consumer.items()) if (value === 3) throw new Error("three");
    };
    await expect(throwing()).rejects.toThrow("three");
    expect(data.word("head")).toBe(3);
    for await (const value of consumer) {
      // Who takes it out of the loop's hands has released it.
      consumer.release();
      if (value === 4) break;
    }
    expect(consumer.pop()).toBe(5);
    const stop = new AbortController();
    setTimeout(() => producer.push(7), 10);
    const all = async (): Promise<void> => {
      for await (const value of consumer.items({ signal: stop.signal })) {
        seen.push(value);
        setTimeout(() => stop.abort(new Error("stopped")), 10);
      }
    };
    await expect(all()).rejects.toThrow("stopped");
    expect([seen.at(-1), consumer.available]).toEqual([7, 0]);
  });

  it("a later iteration takes the place of an earlier one, and what never ends lets others have their turns", async () => {
    const { producer, consumer } = numbers(8);
    producer.push(1);
    producer.push(2);
    const [first, second] = [consumer.items(), consumer.items()];
    await expect(first.next()).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    expect(await second.next()).toEqual({ done: false, value: 1 });
    await second.return?.();
    expect(await second.next()).toEqual({ done: true, value: undefined });
    let isOver = false;
    setTimeout(() => (isOver = true), 5);
    for await (const value of consumer) {
      producer.push(value);
      if (isOver) break;
    }
    expect(isOver).toBe(true);
  });
});

describe("words that others have damaged", () => {
  const WORDS = ["tail", "producer", "consumerSleeps", "head", "consumer", "producerSleeps"] as const;
  const KNOWN = new Set(["ERR_SHM_FORMAT", "ERR_SHM_BUSY", "ERR_SHM_CLOSED", "none"]);

  it("counters that cannot be are refused with their numbers, and roles are not taken", () => {
    const data = floor(4);
    data.setWord("tail", 9);
    data.setWord("head", 3);
    for (const take of [() => data.orders.producer(), () => data.orders.consumer(), () => data.orders.length]) {
      expect(messageOf(take)).toMatch(/damaged.*tail=9 head=3 capacity=4/);
    }
    expect([data.word("producer"), data.word("consumer"), data.orders.toJSON().length]).toEqual([0, 0, 6]);
    data.setWord("producer", 0x8000_4000);
    expect(codeOf(() => data.orders.producer())).toBe("ERR_SHM_FORMAT");
  });

  it("any bytes give an element, a refusal, or an error of ours, within what was asked for", () => {
    const random = new Random(runSeed("ring words"));
    const rounds = byDepth(60, 500, 10_000);
    const codes = new Set<string>();
    for (let round = 0; round < rounds; round += 1) {
      const data = floor(4, "u32");
      for (const name of WORDS) data.setWord(name, 0);
      let sides: { close(): void }[] = [];
      const damage = (): void => {
        for (let times = random.integer(0, 3); times > 0; times -= 1) {
          data.setWord(random.pick(WORDS), random.pick([0, 1, 3, 5, 0xffff, 0x8000_0000, 0xffff_ffff, random.bits()]));
        }
      };
      const use = (call: () => unknown): void => {
        damage();
        codes.add(codeOf(call));
      };
      let [producer, consumer]: [RingProducer<number>?, RingConsumer<number>?] = [];
      use(() => sides.push((producer = data.orders.producer())));
      use(() => sides.push((consumer = data.orders.consumer())));
      for (let step = 0; step < 20; step += 1) {
        use(() => producer?.push(step));
        use(() => producer?.pushWait(step, { timeoutMs: 0 }));
        use(() => void consumer?.peek(random.integer(0, 3)));
        use(() => consumer?.pop());
        use(() => consumer?.drain((value) => expect(value).toBeTypeOf("number")) ?? 0);
        use(() => consumer?.wait({ timeoutMs: 0 }));
        use(() => data.orders.length);
        use(() => data.orders.toJSON());
      }
      for (const side of sides) side.close();
      sides = [];
      opened.splice(0).forEach((region) => region.close());
    }
    expect([...codes].filter((code) => !KNOWN.has(code))).toEqual([]);
    expect(codes.has("ERR_SHM_FORMAT")).toBe(true);
  });
});
