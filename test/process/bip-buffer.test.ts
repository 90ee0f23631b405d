/** What a buffer of bytes holds: pieces in place, in order, through the end of its laps, and how long they may be. */
import { describe, expect, it } from "vitest";
import { codeOf } from "../support/processes/processes.js";
import { messageOf } from "../support/containers/floors.js";
import { logs, piece } from "../support/containers/logs.js";
import { Random, runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";

const { open, words } = logs();
const both = async (size = 256) => {
  const region = await open(size);
  const { bytes } = region.data;
  return { region, bytes, producer: bytes.producer(), consumer: bytes.consumer(), at: words(region, "bytes") };
};

describe("pieces", () => {
  it("are claimed, filled, published, shown and released in place, on two lines of words [P-02]", async () => {
    const { bytes, producer, consumer, at } = await both();
    const claimed = producer.claim(10) as Uint8Array;
    claimed.set(piece(0, 10));
    expect([consumer.peek(), bytes.used]).toEqual([undefined, 0]);
    producer.publish();
    const shown = consumer.peek() as Uint8Array;
    expect([...shown]).toEqual([...piece(0, 10)]);
    expect([shown.buffer === claimed.buffer, shown.byteOffset]).toEqual([true, claimed.byteOffset]);
    expect([bytes.used, bytes.capacity, consumer.available, producer.room]).toEqual([10, 256, 10, 246]);
    consumer.release(4);
    expect([...(consumer.peek() as Uint8Array)]).toEqual([...piece(4, 6)]);
    consumer.release();
    expect([at.get("write"), at.get("read"), bytes.used]).toEqual([10, 10, 0]);
    expect(claimed.byteOffset % 64).toBe(0);
  });

  it("are published in part, claimed anew, discarded, and never more than was claimed [P-04]", async () => {
    const { producer, consumer } = await both();
    (producer.claim(100) as Uint8Array).fill(1);
    expect(codeOf(() => producer.push(piece(0, 1)))).toBe("ERR_SHM_BUSY");
    for (const count of [101, -1, 0.5, NaN]) expect(codeOf(() => producer.publish(count))).toBe("ERR_SHM_RANGE");
    producer.publish(3);
    expect([consumer.available, codeOf(() => producer.publish(1))]).toEqual([3, "ERR_SHM_RANGE"]);
    producer.claim(8);
    expect((producer.claim(16) as Uint8Array).length).toBe(16);
    producer.publish();
    expect(consumer.available).toBe(19);
    producer.claim(16);
    producer.discard();
    expect(() => producer.publish()).toThrow(/no bytes are claimed, .*; claim some first$/);
    expect([producer.push(piece(0, 0)), (producer.claim(0) as Uint8Array).length]).toEqual([true, 0]);
    producer.publish();
    expect(consumer.available).toBe(19);
    for (const count of [20, -1, 0.5]) expect(codeOf(() => consumer.release(count))).toBe("ERR_SHM_RANGE");
    expect(messageOf(() => consumer.release())).toContain("no bytes were shown");
    consumer.release(0);
    expect(consumer.available).toBe(19);
  });

  it("go to the start when they do not fit before the end, and room says beforehand whether there is such a piece [P-03, P-04]", async () => {
    const { bytes, producer, consumer, at } = await both();
    expect(producer.push(piece(0, 200))).toBe(true);
    expect([producer.room, producer.claim(57), producer.room]).toEqual([56, undefined, 56]);
    consumer.peek();
    consumer.release(150);
    // Not more than what is free at the start, though there is as much in two pieces.
    expect([producer.room, producer.claim(151)]).toEqual([150, undefined]);
    expect(producer.push(piece(200, 150))).toBe(true);
    expect([at.get("watermark"), at.get("write"), bytes.used, producer.room]).toEqual([200, 256 + 150, 256, 0]);
    expect([...(consumer.peek() as Uint8Array)]).toEqual([...piece(150, 50)]);
    consumer.release();
    expect([at.get("read"), ...(consumer.peek() as Uint8Array)]).toEqual([256, ...piece(200, 150)]);
    consumer.release();
    expect(bytes.used).toBe(0);
  });

  it.each([1, 128, 129, 200, 256])(
    "of %i of 256 bytes fit sooner or later, wherever the sides stand; longer ones are an error with numbers",
    async (size) => {
      const { producer, consumer } = await both();
      for (let start = 0; start < 256; start += 1) {
        let tries = 0;
        while (!producer.push(piece(start, size))) {
          expect((tries += 1)).toBeLessThan(4);
          if (consumer.peek() !== undefined) consumer.release();
        }
        const shown: number[] = [];
        for (let bytes = consumer.peek(); bytes !== undefined; bytes = consumer.peek()) {
          shown.push(...bytes);
          consumer.release();
        }
        expect(shown.slice(-size)).toEqual([...piece(start, size)]);
        producer.push(piece(0, 1));
      }
      expect(messageOf(() => producer.claim(257))).toMatch(/Log.bytes|bytes has pieces of 0\.\.256 bytes: .*found=257/);
      expect(codeOf(() => producer.claim(-1))).toBe("ERR_SHM_RANGE");
      expect(codeOf(() => producer.push("text" as never))).toBe("ERR_SHM_RANGE");
    },
  );

  it("come as a stream whatever their sizes are, through hundreds of laps", async () => {
    const random = new Random(runSeed("bip buffer"));
    for (const size of [64, 192, 1024]) {
      const { region, producer, consumer } = await both(size);
      let put = 0;
      let got = 0;
      const count = byDepth(20_000, 200_000, 2_000_000);
      while (got < count) {
        const next = random.integer(0, random.chance(0.1) ? size : size / 4);
        if (random.chance(0.5) ? producer.push(piece(put, next)) : claimed(producer, put, next)) put += next;
        if (random.chance(0.4)) continue;
        const shown = consumer.peek();
        if (shown === undefined) continue;
        const part = random.chance(0.7) ? shown.length : random.integer(1, shown.length);
        expect(Buffer.compare(shown.subarray(0, part), piece(got, part))).toBe(0);
        consumer.release(part);
        got += part;
      }
      region.close();
      (await import("node:fs")).rmSync(region.path, { force: true });
    }
  });
});

function claimed(
  producer: { claim(size: number): Uint8Array | undefined; publish(): void },
  start: number,
  size: number,
): boolean {
  const bytes = producer.claim(size);
  bytes?.set(piece(start, size));
  if (bytes !== undefined) producer.publish();
  return bytes !== undefined;
}
