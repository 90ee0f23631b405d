/** Who has the roles of buffers and messages, how their sides wait for each other, and what damaged words do to them. */
import { afterEach, describe, expect, it } from "vitest";
import { MemoryView } from "@shmgen/runtime/codegen-v1";
import type { BipBufferConsumer, BipBufferProducer, MessagesConsumer } from "@shmgen/runtime";
import { BipBuffer, Messages } from "@shmgen/runtime/containers-v1";
import { codeOf } from "../support/processes/processes.js";
import { messageOf } from "../support/containers/floors.js";
import { logs, piece, type Words } from "../support/containers/logs.js";
import { killAllSides, startSide } from "../support/containers/log-sides.js";
import { Random, runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";
import { suspend } from "../support/processes/stops.js";
import { IS_WINE } from "../support/run/system.js";

const { open, opened, typeOf, written, words } = logs();
afterEach(killAllSides);
const slow = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

describe("roles", () => {
  it("one thread has each, close gives it back, and closed ones refuse everything", async () => {
    const { bytes, log } = (await open()).data;
    const [producer, consumer, listener] = [bytes.producer(), bytes.consumer(), log.consumer()];
    const roles = [() => bytes.producer(), () => bytes.consumer(), () => log.consumer()];
    expect(roles.map(codeOf)).toEqual(Array(3).fill("ERR_SHM_BUSY"));
    expect(messageOf(() => log.consumer())).toMatch(/this thread is its consumer already/);
    producer.push(piece(0, 3));
    producer.claim(3);
    log.push("a");
    const message = listener.peek();
    for (const side of [producer, consumer, listener]) {
      side.close();
      side[Symbol.dispose]();
    }
    const uses = [
      () => producer.push(piece(0, 1)),
      () => producer.claim(1),
      () => producer.discard(),
      () => producer.room,
      () => producer.wait(1),
      () => consumer.peek(),
      () => consumer.release(1),
      () => consumer.available,
      () => consumer.wait(),
      () => listener.peek(),
      () => listener.take(),
      () => listener.release(),
      () => listener.drain(() => undefined),
      () => listener.wait(),
      () => message?.text,
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => "ERR_SHM_CLOSED"));
    expect(roles.map(codeOf)).toEqual(Array(3).fill("none"));
  });

  it("of a dead one are taken over, and others are told who has them", async () => {
    const url = await written(256, 256);
    const region = await open();
    const { bytes, log, isOver } = region.data;
    expect(isOver).toBe(0);
    const [writer, listener] = [startSide(url, "bytes", "producer", 1, 10_000), startSide(url, "log", "consumer")];
    await Promise.all([writer.atWork, listener.atWork]);
    expect(messageOf(() => bytes.producer())).toContain(`pid=${writer.child.pid}`);
    expect(log.toJSON().consumer).toMatch(new RegExp(`^process ${listener.child.pid} `));
    expect(region.participants().flatMap(({ holds }) => holds)).toEqual(
      expect.arrayContaining(["bytes: producer", "log: consumer"]),
    );
    for (const { child } of [writer, listener]) child.kill("SIGKILL");
    await Promise.all([writer.ended, listener.ended]);
    expect(bytes.toJSON().producer).toMatch(/dead$/);
    bytes.producer().close();
    log.consumer().close();
    expect([bytes.toJSON().producer, log.toJSON().consumer]).toEqual([null, null]);
  });

  it("after the region's close everything is refused, also of what was frozen, but close", async () => {
    const region = await open();
    const { bytes, log } = region.data;
    const [producer, consumer, listener] = [bytes.producer(), bytes.consumer(), log.consumer()];
    producer.push(piece(0, 3));
    log.push("a");
    const message = listener.peek();
    for (const one of [producer, consumer, listener, bytes, log]) Object.freeze(one);
    region.close();
    const uses = [
      () => producer.push(piece(0, 1)),
      () => producer.room,
      () => consumer.peek(),
      () => consumer.release(),
      () => listener.peek(),
      () => listener.take(),
      () => log.push("b"),
      () => log.used,
      () => log.claim(1),
      () => log.consumer(),
      () => bytes.used,
      () => bytes.producer(),
      () => bytes.capacity,
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => "ERR_SHM_CLOSED"));
    await expect(log.pushAsync("c")).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
    for (const side of [producer, consumer, listener]) side.close();
    expect(message?.length).toBe(1);
  });

  it("memory that nobody can take part in, or write, has none", async () => {
    const { memory } = await open();
    expect(memory.byteLength).toBeGreaterThan(0);
    const region = (await typeOf()).openReadOnly("log");
    opened.push(region);
    const { bytes, log } = region.data;
    const uses = [
      () => bytes.producer(),
      () => bytes.consumer(),
      () => log.consumer(),
      () => log.push("x"),
      () => log.claim(1),
    ];
    expect(uses.map(codeOf)).toEqual(uses.map(() => "ERR_SHM_READ_ONLY"));
    const idle = { used: 0, capacity: 256, producer: null, consumer: null };
    expect([bytes.toJSON(), log.toJSON(), bytes.used, log.longest]).toEqual([idle, idle, 0, 248]);
    const buffer = new ArrayBuffer(1024);
    const view = new MemoryView({ buffer, byteLength: 1024, readOnly: false, label: "ours" });
    const shape = { size: 384, align: 64, length: 256 };
    expect(codeOf(() => new BipBuffer(view, 0, { ...shape, at: { bytes: 128 } }, "ours").producer())).toBe(
      "ERR_SHM_UNSUPPORTED",
    );
    expect(codeOf(() => new Messages(view, 0, { ...shape, at: { frames: 128 } }, "ours").push("x"))).toBe(
      "ERR_SHM_UNSUPPORTED",
    );
  });
});

describe("waits", () => {
  it("blocking ones end at their timeouts, with who is on the other side", async () => {
    const { bytes, log } = (await open(64, 64)).data;
    const [producer, consumer] = [bytes.producer(), bytes.consumer()];
    expect(messageOf(() => consumer.wait({ timeoutMs: 20 }))).toContain(`producer="process ${process.pid}`);
    producer.push(piece(0, 60));
    consumer.wait();
    consumer.close();
    expect(messageOf(() => producer.pushWait(piece(0, 5), { timeoutMs: 20 }))).toContain("consumer=nobody");
    expect(messageOf(() => producer.wait(5, { timeoutMs: 20 }))).toMatch(/is full, and its consumer made no room/);
    producer.wait(4);
    const listener = log.consumer();
    expect(messageOf(() => listener.wait({ timeoutMs: 20 }))).toContain("producer=nobody");
    log.push("x".repeat(56));
    listener.wait();
    expect(messageOf(() => log.pushWait("y", { timeoutMs: 20 }))).toContain(`consumer="process ${process.pid}`);
    expect(log.push("y")).toBe(false);
    for (const call of [
      () => log.pushWait("y", { timeoutMs: -1 }),
      () => producer.wait(65),
      () => log.claim(1, { timeoutMs: NaN }),
    ]) {
      expect(codeOf(call)).toBe("ERR_SHM_RANGE");
    }
  });

  it("asynchronous ones let the loop go on, end at timeouts and by signals, and pushes keep their order", async () => {
    const region = await open(64, 64);
    const { bytes, log } = region.data;
    const [producer, consumer, listener] = [bytes.producer(), bytes.consumer(), log.consumer()];
    const order: string[] = [];
    const kept = (promise: Promise<void>, what: string): Promise<unknown> => promise.then(() => order.push(what));
    const pushes = [1, 2, 3, 4].flatMap((value) => [
      kept(producer.pushAsync(piece(value, 40)), `bytes ${value}`),
      kept(log.pushAsync(`${value}`.repeat(40)), `text ${value}`),
    ]);
    const aborted = new AbortController();
    const late = [
      producer.pushAsync(piece(5, 40), { signal: aborted.signal }),
      log.pushAsync("5", { signal: aborted.signal }),
    ];
    await expect(producer.pushAsync(piece(6, 40), { timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    await expect(log.pushAsync("6".repeat(40), { timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    aborted.abort(new Error("enough"));
    for (const one of late) await expect(one).rejects.toThrow("enough");
    for (let value = 1; value <= 4; value += 1) {
      await Promise.all([consumer.waitAsync(), listener.waitAsync()]);
      expect([...(consumer.peek() as Uint8Array)]).toEqual([...piece(value, 40)]);
      consumer.release();
      expect(listener.take()?.text).toBe(`${value}`.repeat(40));
    }
    await Promise.all(pushes);
    expect(order.filter((what) => what.startsWith("text"))).toEqual([1, 2, 3, 4].map((value) => `text ${value}`));
    await expect(consumer.waitAsync({ timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    await expect(listener.waitAsync({ timeoutMs: 10 })).rejects.toMatchObject({ code: "ERR_SHM_BUSY" });
    await expect(log.pushAsync(1 as never)).rejects.toMatchObject({ code: "ERR_SHM_RANGE" });
    await producer.waitAsync(24);
    const pending = [listener.waitAsync(), consumer.waitAsync()];
    pending.map((one) => one.catch(() => undefined));
    await slow();
    region.close();
    for (const one of pending) await expect(one).rejects.toMatchObject({ code: "ERR_SHM_CLOSED" });
  });

  it.skipIf(IS_WINE)(
    "pushAsync does not block behind a producer that is stopped with the lock, and says who that is",
    async () => {
      const url = await written(256, 256);
      const { log } = (await open()).data;
      const holder = startSide(url, "log", "producer", 1, 1, "hold");
      await holder.atWork;
      while (log.toJSON().producer === null) await slow();
      suspend(holder.child);
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 5);
      await expect(log.pushAsync("x", { timeoutMs: 150 })).rejects.toMatchObject({ pid: holder.child.pid });
      expect(turns).toBeGreaterThan(5);
      expect(messageOf(() => log.push("x", { timeoutMs: 20 }))).toContain(`pid=${holder.child.pid}`);
      const waiting = log.pushAsync("y");
      const ending = new AbortController();
      const dropped = log.pushAsync("z", { signal: ending.signal });
      ending.abort(new Error("dropped"));
      await expect(dropped).rejects.toThrow("dropped");
      holder.child.kill("SIGKILL");
      const begun = performance.now();
      await waiting;
      expect(performance.now() - begun).toBeLessThan(1000);
      clearInterval(timer);
      using listener = log.consumer();
      expect([listener.take()?.text, listener.take()]).toEqual(["y", undefined]);
    },
  );

  it("for await shows each in place, releases it when it goes on, and leaves the one on which it broke", async () => {
    const { bytes, log } = (await open()).data;
    const [producer, consumer, listener] = [bytes.producer(), bytes.consumer(), log.consumer()];
    for (let value = 0; value < 4; value += 1) log.push(`${value}`);
    const seen: (string | number)[] = [];
    for await (const { text } of listener) {
      seen.push(text);
      if (text === "2") break;
    }
    expect([seen, listener.peek()?.text]).toEqual([["0", "1", "2"], "2"]);
    producer.push(piece(0, 10));
    for await (const shown of consumer) {
      seen.push(shown.length);
      // What its body has released, the loop does not release again.
      if (shown.length === 10) consumer.release(4);
      else break;
    }
    expect([seen.slice(3), consumer.available]).toEqual([[10, 6], 6]);
    const stop = new AbortController();
    setTimeout(() => producer.push(piece(10, 1)), 10);
    const all = async (): Promise<void> => {
      for await (const shown of consumer.items({ signal: stop.signal })) {
        seen.push(shown.length);
        if (shown.length === 1) stop.abort(new Error("stopped"));
      }
    };
    await expect(all()).rejects.toThrow("stopped");
    expect(seen.slice(5)).toEqual([6, 1]);
  });
});

describe("words and frames that others have damaged", () => {
  const KNOWN = new Set(["ERR_SHM_FORMAT", "ERR_SHM_BUSY", "ERR_SHM_CLOSED", "ERR_SHM_RANGE", "none"]);
  const BYTES = ["write", "watermark", "producer", "consumerSleeps", "read", "consumer", "producerSleeps"];
  const FRAMES = BYTES.filter((name) => name !== "watermark");

  it("places that cannot be are refused with their numbers, and roles are not taken", async () => {
    const region = await open();
    const { bytes, log } = region.data;
    const [at, frames] = [words(region, "bytes"), words(region, "log")];
    for (const [write, read] of [
      [300, 10],
      [512, 0],
      [0, 0xffff_ffff],
    ] as const) {
      for (const one of [at, frames]) {
        one.set("write", write);
        one.set("read", read);
      }
      for (const call of [
        () => bytes.producer(),
        () => bytes.consumer(),
        () => bytes.used,
        () => log.push("x"),
        () => log.consumer(),
        () => log.used,
      ]) {
        expect(codeOf(call)).toBe("ERR_SHM_FORMAT");
      }
    }
    expect([at.get("producer"), at.get("consumer"), frames.get("producer"), frames.get("consumer")]).toEqual([
      0, 0, 0, 0,
    ]);
    expect(messageOf(() => bytes.consumer())).toMatch(/damaged.*capacity=256/);
  });

  it("a length that reaches beyond what was published, or the end, is never read", async () => {
    const region = await open();
    const { log } = region.data;
    const { u32, first } = words(region, "log");
    log.push("message");
    using consumer = log.consumer();
    for (const [length, kind] of [
      [9, 1],
      [0xffff_ffff, 1],
      [248, 0],
      [0x7fff_fff8, 2],
      [7, 4],
      [7, 3],
      [7, 0xffff_ffff],
    ] as const) {
      u32[first] = length;
      u32[first + 1] = kind;
      expect(messageOf(() => consumer.peek())).toMatch(
        /damaged: a frame is none that a producer leaves: .*length=\d+ kind=\d+ capacity=256/,
      );
      expect(codeOf(() => consumer.take())).toBe("ERR_SHM_FORMAT");
    }
    u32[first] = 5;
    u32[first + 1] = 1;
    expect(consumer.take()?.text).toBe("messa");
  });

  it("any bytes give a piece, a message, a refusal, or an error of ours, within what was asked for", async () => {
    const random = new Random(runSeed("bytes and frames"));
    const codes = new Set<string>();
    for (let round = 0; round < byDepth(60, 300, 6_000); round += 1) {
      const region = await open();
      const { bytes, log } = region.data;
      const [at, frames] = [words(region, "bytes"), words(region, "log")];
      const value = (): number =>
        random.pick([0, 1, 8, 255, 256, 264, 511, 0xffff, 0x8000_0000, 0xffff_ffff, random.bits()]);
      const damage = ({ set, u32, first }: Words, names: readonly string[]): void => {
        for (let times = random.integer(0, 3); times > 0; times -= 1) set(random.pick(names), value());
        if (random.chance(0.5))
          u32[first + random.integer(0, 63)] = random.chance(0.5) ? random.integer(0, 4) : value();
      };
      for (const one of [at, frames])
        for (const name of BYTES) if (one === at || name !== "watermark") one.set(name, 0);
      const use = (call: () => unknown): void => {
        damage(at, BYTES);
        damage(frames, FRAMES);
        codes.add(codeOf(call));
      };
      let [producer, consumer, listener]: [BipBufferProducer?, BipBufferConsumer?, MessagesConsumer?] = [];
      use(() => (producer = bytes.producer()));
      use(() => (consumer = bytes.consumer()));
      use(() => (listener = log.consumer()));
      for (let step = 0; step < 20; step += 1) {
        use(() => producer?.push(piece(step, random.integer(0, 256))));
        use(() => producer?.claim(random.integer(0, 256))?.fill(1));
        use(() => producer?.publish(random.integer(0, 9)));
        use(() => expect((consumer?.peek() ?? []).length).toBeLessThanOrEqual(256));
        use(() => consumer?.release(random.integer(0, 9)));
        use(() => consumer?.wait({ timeoutMs: 0 }));
        use(() => log.push("x".repeat(random.integer(0, 248)), { timeoutMs: 0 }));
        use(() => log.claim(random.integer(0, 248), { timeoutMs: 0 })?.publish());
        use(() => expect(listener?.peek()?.text.length ?? 0).toBeLessThanOrEqual(248));
        use(() => listener?.take()?.bytes);
        use(() => listener?.drain(({ text }) => expect(text).toBeTypeOf("string")));
        use(() => [bytes.toJSON(), log.toJSON()]);
        use(() => bytes.used + log.used);
      }
      for (const one of [at, frames]) for (const name of ["producer", "consumer"]) one.set(name, 0);
      opened.splice(0).forEach((one) => one.close());
    }
    expect([...codes].filter((code) => !KNOWN.has(code))).toEqual([]);
    expect(codes.has("ERR_SHM_FORMAT")).toBe(true);
  });
});
