/** What messages hold: bytes, text and JSON of any length, whole and in order, in place and as copies. */
import { describe, expect, it } from "vitest";
import type { Message, MessageGrant } from "@shmgen/runtime";
import { codeOf } from "../support/processes/processes.js";
import { messageOf } from "../support/containers/floors.js";
import { logs, piece } from "../support/containers/logs.js";
import { Random, runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";

const { open, words } = logs();
const messages = async (size = 256) => {
  const region = await open(256, size);
  const { log } = region.data;
  return { region, log, consumer: log.consumer(), at: words(region, "log") };
};

describe("messages", () => {
  it("are bytes, text or JSON, in place until they are released", async () => {
    const { log, consumer } = await messages();
    expect([log.capacity, log.longest, log.used, consumer.peek()]).toEqual([256, 248, 0, undefined]);
    expect([log.push(piece(0, 5)), log.push("grüße 🚗"), log.pushJson({ a: [1, null] }), log.push("")]).toEqual(
      Array(4).fill(true),
    );
    expect(log.used).toBe(16 + 24 + 8 + 24 - 8 + 8 + 0);
    const first = consumer.peek() as Message;
    expect(consumer.peek()).toBe(first);
    expect([first.kind, first.length, [...first.bytes]]).toEqual(["bytes", 5, [...piece(0, 5)]]);
    consumer.release();
    for (const use of [() => first.bytes, () => first.text, () => first.json()]) {
      expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    }
    const text = consumer.take() as Message;
    const json = consumer.take() as Message;
    const empty = consumer.take() as Message;
    expect([text.kind, text.text, text.length]).toEqual(["text", "grüße 🚗", 12]);
    expect([json.kind, json.json(), json.text]).toEqual(["json", { a: [1, null] }, '{"a":[1,null]}']);
    expect([empty.kind, empty.text, empty.length, consumer.take(), log.used]).toEqual(["text", "", 0, undefined, 0]);
    expect(json.bytes.buffer).not.toBe(first);
    expect([codeOf(() => text.json()), JSON.stringify(text)]).toEqual([
      "ERR_SHM_FORMAT",
      '{"kind":"text","length":12,"text":"grüße 🚗"}',
    ]);
  });

  it("text is UTF-8, and what has no UTF-8 is replaced", async () => {
    const { log, consumer } = await messages(262_144);
    for (const text of ["a".repeat(20_000), "é".repeat(20_000), "→".repeat(21_842), "\ud800x", "🚗".repeat(10_000)]) {
      expect(log.push(text)).toBe(true);
      const { length, text: found } = consumer.take() as Message;
      expect(found).toBe(Buffer.from(text).toString());
      expect(length).toBe(Buffer.byteLength(text));
    }
  });

  it("are of any length that fits, wherever their sides stand; longer ones are an error with numbers", async () => {
    for (const size of [0, 1, 100, 121, 180, 247, 248]) {
      const { log, consumer, region } = await messages();
      for (let start = 0; start < 64; start += 1) {
        const message = start % 2 === 0 ? piece(start, size) : "x".repeat(size);
        for (let tries = 0; !log.push(message); tries += 1) {
          expect(tries).toBeLessThan(4);
          consumer.take();
          consumer.peek();
        }
        let last: Message | undefined;
        for (let one = consumer.take(); one !== undefined; one = consumer.take()) last = one;
        expect(last?.length).toBe(size);
        expect(Buffer.compare(last?.bytes as Uint8Array, Buffer.from(message as Uint8Array))).toBe(0);
        log.push(piece(0, start % 9));
      }
      region.close();
    }
    const { log } = await messages();
    expect(messageOf(() => log.push(piece(0, 249)))).toMatch(/log has messages of 0\.\.248 bytes: .*found=249/);
    expect(messageOf(() => log.push("é".repeat(125)))).toContain("found=250");
    expect(codeOf(() => log.claim(249))).toBe("ERR_SHM_RANGE");
    for (const wrong of [1, null, undefined, {}, [1], new Float64Array(1)]) {
      expect(codeOf(() => log.push(wrong as never))).toBe("ERR_SHM_RANGE");
    }
    for (const wrong of [undefined, () => 1, Symbol("s")])
      expect(codeOf(() => log.pushJson(wrong))).toBe("ERR_SHM_RANGE");
    expect(() => log.pushJson(1n)).toThrow(TypeError);
    expect(codeOf(() => log.push("text", { kind: "bytes" }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => log.push("text", { kind: "padding" as never }))).toBe("ERR_SHM_RANGE");
    expect([log.push('{"a":1}', { kind: "json" }), log.push(piece(0, 2), { kind: "text" })]).toEqual([true, true]);
  });

  it("a full container takes nothing, and room that was released is used again, through hundreds of laps", async () => {
    const random = new Random(runSeed("messages"));
    for (const size of [64, 192, 4096]) {
      const { log, consumer, region } = await messages(size);
      const expected: { readonly start: number; readonly length: number }[] = [];
      let put = 0;
      for (let round = 0; round < byDepth(4000, 40_000, 400_000); round += 1) {
        const length = random.integer(0, random.chance(0.1) ? size - 8 : size / 4);
        if (random.chance(0.6) && log.push(piece(put, length))) {
          expected.push({ start: put, length });
          put += length + 1;
        }
        if (random.chance(0.5)) continue;
        const one = consumer.peek();
        expect(one === undefined).toBe(expected.length === 0);
        const next = expected.shift();
        if (one === undefined || next === undefined) continue;
        expect(Buffer.compare(one.bytes, piece(next.start, next.length))).toBe(0);
        consumer.release();
      }
      region.close();
      (await import("node:fs")).rmSync(region.path, { force: true });
    }
  });

  it("drain releases together, up to the message whose call threw, and its calls take nothing themselves", async () => {
    const { log, consumer, at } = await messages();
    for (let number = 0; number < 6; number += 1) log.push(`${number}`);
    const seen: (number | string)[] = [];
    expect(consumer.drain(({ text }) => seen.push(text, at.get("read")), 2)).toBe(2);
    expect([seen, at.get("read")]).toEqual([["0", 0, "1", 0], 32]);
    const refused = [
      () => consumer.take(),
      () => consumer.peek(),
      () => consumer.release(),
      () => consumer.drain(() => 1),
    ];
    expect(consumer.drain(() => seen.push(...refused.map(codeOf)), 1)).toBe(1);
    expect(seen.slice(4)).toEqual(refused.map(() => "ERR_SHM_BUSY"));
    const thrower = ({ text }: Message): void => {
      if (text === "4") throw new Error("no four");
    };
    expect([messageOf(() => consumer.drain(thrower)), consumer.peek()?.text]).toEqual(["no four", "4"]);
    let kept: Message | undefined;
    expect(consumer.drain((one) => ((kept = one), consumer.close()))).toBe(1);
    expect([codeOf(() => kept?.text), at.get("consumer"), log.used]).toEqual(["ERR_SHM_CLOSED", 0, 32]);
    using next = log.consumer();
    expect(next.peek()?.text).toBe("4");
    expect(codeOf(() => next.drain(1 as never))).toBe("ERR_SHM_RANGE");
  });
});

describe("a claim", () => {
  it("is filled in place and published, of any kind and length up to its own, or discarded", async () => {
    const { log, consumer } = await messages();
    const grant = log.claim(40) as MessageGrant;
    grant.bytes.set(Buffer.from('{"a":2} and more'));
    expect(messageOf(() => log.push("x"))).toMatch(/has claimed a message, and has not published it/);
    expect(codeOf(() => log.claim(1))).toBe("ERR_SHM_BUSY");
    expect([codeOf(() => grant.publish("json", 41)), codeOf(() => grant.publish("padding" as never))]).toEqual(
      Array(2).fill("ERR_SHM_RANGE"),
    );
    grant.publish("json", 7);
    expect([consumer.take()?.json(), log.used]).toEqual([{ a: 2 }, 0]);
    expect(codeOf(() => grant.publish())).toBe("ERR_SHM_CLOSED");
    grant.discard();
    {
      using dropped = log.claim(8) as MessageGrant;
      dropped.bytes.fill(1);
    }
    expect([log.push("next"), consumer.take()?.text, consumer.take()]).toEqual([true, "next", undefined]);
    expect([log.push(piece(0, 200)), log.claim(100), log.push("after")]).toEqual([true, undefined, true]);
  });

  it("that is forgotten is given back when its region is closed, and pushAsync waits behind it", async () => {
    const { log, consumer, region } = await messages();
    const grant = log.claim(8) as MessageGrant;
    const pending = log.pushAsync("behind");
    expect(codeOf(() => log.push("x"))).toBe("ERR_SHM_BUSY");
    grant.publish("text", 0);
    await pending;
    expect([consumer.take()?.length, consumer.take()?.text]).toEqual([0, "behind"]);
    log.claim(8);
    expect(region.participants()[0]?.holds).toEqual(["log: is pushing and consumer"]);
    region.close();
    expect([codeOf(() => grant.publish()), codeOf(() => log.push("x"))]).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
    const again = await open();
    expect([again.data.log.push("free"), again.data.log.consumer().take()?.text]).toEqual([true, "free"]);
  });
});
