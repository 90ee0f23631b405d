/** Broadcasts of real regions, over both kinds of mappings: with kernels, and without. */
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { codec, element, MemoryView, rawMemory } from "@shmgen/runtime/codegen-v1";
import { Broadcast, type BroadcastCursor } from "@shmgen/runtime/containers-v1";
import { BROADCAST } from "../../schema/containers/broadcast.js";
import {
  type FeedsData,
  type FeedsModule,
  generateFeeds,
  placeOf,
  type Tick as TickRecord,
  WORDS,
} from "../support/containers/feeds.js";
import { messageOf } from "../support/containers/floors.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { Random, runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";
import { startThread } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const FEEDS = generateFeeds();
const feeds = (await import(FEEDS)) as FeedsModule;
const { Feeds, Tick, Words } = feeds;
let regions = 0;

function feed(mapping: "wasm" | "view" = A_KIND): Region<FeedsData> {
  return Feeds.createOrOpen(`feeds-${(regions += 1)}`, { mapping });
}

const tick = (id: number): { id: number; price: number; name: string; side: number } => ({
  id,
  price: id / 2,
  name: `t${id % 1000}`,
  side: 3,
});

/** Everything that is there. */
function all<T>(cursor: BroadcastCursor<T>): unknown[] {
  const found: unknown[] = [];
  for (let one: unknown; (one = cursor.read()) !== undefined;) found.push(one);
  return found;
}

/** Puts the tail where it would be after so many elements. */
function setTail(region: Region<FeedsData>, name: keyof FeedsData, tail: bigint): void {
  const { u64 } = rawMemory(region.memory);
  u64[(placeOf(feeds, name).at + BROADCAST.at.tail) / 8] = tail;
}

describe.each(KINDS)("a broadcast over a mapping of kind %s", (mapping) => {
  it("is read in order by each of its readers, whatever it holds", () => {
    using region = feed(mapping);
    const { ticks, numbers, records, text, real, grid, line, lanes } = region.data;
    const cursors = [ticks.reader(), ticks.reader({ from: "oldest" })] as const;
    using writer = ticks.writer();
    expect(cursors.map((cursor) => cursor.read())).toEqual([undefined, undefined]);
    for (const id of [1, 2, 3]) writer.publish(tick(id));
    for (const cursor of cursors) {
      expect(cursor.lag).toBe(3);
      expect(all(cursor)).toEqual([1, 2, 3].map(tick));
      expect([cursor.position, cursor.lag, cursor.missed, cursor.missedInAll]).toEqual([3, 0, 0, 0]);
    }
    expect([ticks.published, ticks.capacity, writer.position]).toEqual([3, 8, 3]);
    expect(all(ticks.reader({ from: "oldest" }))).toEqual([1, 2, 3].map(tick));
    expect(all(ticks.reader({ from: "newest" }))).toEqual([]);
    const values = <T, W>(of: Broadcast<T, W>, ...given: W[]): unknown[] => {
      const cursor = of.reader();
      using one = of.writer();
      return given.map((value) => {
        one.publish(value);
        return cursor.read();
      });
    };
    expect(values(numbers, 0n, 2n ** 64n - 1n)).toEqual([0n, 2n ** 64n - 1n]);
    const words = Array.from({ length: WORDS }, (_, at) => at);
    expect(values(records, { words })).toEqual([{ words }]);
    expect(values(text, "thirteen byte", "", "x")).toEqual(["thirteen byte", "", "x"]);
    expect(values(real, 1.5, -0, Number.NaN)).toEqual([1.5, -0, Number.NaN]);
    expect(values(grid, [1, 2, 3])).toEqual([[1, 2, 3]]);
    expect(values(line, { id: 7 }, { id: 8 }, { id: 9 })).toEqual([{ id: 7 }, { id: 8 }, { id: 9 }]);
    expect([0, 1, 2].map((lane) => values(lanes.at(lane), lane))).toEqual([[0], [1], [2]]);
  });

  it("is copied to an accessor over private memory, and to no other", () => {
    using region = feed(mapping);
    const { ticks, numbers } = region.data;
    const cursor = ticks.reader();
    using writer = ticks.writer();
    for (const id of [1, 2]) writer.publish(tick(id));
    const copy = Tick.local();
    expect(cursor.read(copy)).toBe(copy);
    expect([copy.id, copy.price, copy.name, copy.side]).toEqual([1, 0.5, "t1", 3]);
    const shared = new Tick(region.memory, placeOf(feeds, "ticks").at);
    for (const other of [shared, region.data, Words.local(), {}, null, 1]) {
      expect(codeOf(() => cursor.read(other as TickRecord))).toBe("ERR_SHM_RANGE");
    }
    expect(() => numbers.reader().read(copy as never)).toThrow(/use read\(\)/);
    expect(cursor.read(copy)?.id).toBe(2);
    expect(cursor.read(copy)).toBeUndefined();
    expect(copy.id).toBe(2);
  });

  it("tells each reader how many elements it missed, and goes on with the oldest that is there", () => {
    using region = feed(mapping);
    const { ticks } = region.data;
    const [slow, steady] = [ticks.reader(), ticks.reader()];
    using writer = ticks.writer();
    const seen: unknown[] = [];
    for (let id = 0; id < 20; id += 1) {
      writer.publish(tick(id));
      seen.push((steady.read() as TickRecord).id);
    }
    expect(seen).toEqual(Array.from({ length: 20 }, (_, id) => id));
    expect(steady.missedInAll).toBe(0);
    expect(slow.lag).toBe(20);
    expect((slow.read() as TickRecord).id).toBe(12);
    expect([slow.missed, slow.missedInAll, slow.position, slow.lag]).toEqual([12, 12, 13, 7]);
    expect((slow.read() as TickRecord).id).toBe(13);
    expect([slow.missed, slow.missedInAll]).toEqual([0, 12]);
    // One that is exactly a lap behind has missed nothing.
    const edge = ticks.reader({ from: "oldest" });
    expect(edge.position).toBe(12);
    expect(all(edge)).toHaveLength(8);
    expect(edge.missedInAll).toBe(0);
  });

  it("keeps readers that are overtaken again and again away from the writer, and counts all the same", () => {
    using region = feed(mapping);
    const { numbers } = region.data;
    using writer = numbers.writer();
    const cursor = numbers.reader();
    let read = 0;
    for (let round = 0, id = 0n; round < 200; round += 1) {
      for (let times = 0; times < 20; times += 1) writer.publish(id++);
      for (let times = 0; times < 3; times += 1) {
        const value = cursor.read();
        if (value === undefined) continue;
        expect(value).toBe(BigInt(cursor.position - 1));
        read += 1;
      }
      expect(read + cursor.missedInAll).toBe(cursor.position);
    }
    expect(read).toBeGreaterThan(300);
  });

  it("is filled in place, in memory of the writer's, and published when that says so", () => {
    using region = feed(mapping);
    const { ticks, numbers } = region.data;
    const cursor = ticks.reader();
    using writer = ticks.writer();
    const draft = writer.claim();
    draft.id = 5;
    draft.name = "five";
    expect(cursor.read()).toBeUndefined();
    expect(codeOf(() => writer.publish(tick(6)))).toBe("ERR_SHM_BUSY");
    writer.publish();
    expect(cursor.read()).toEqual({ id: 5, price: 0, name: "five", side: 0 });
    expect(writer.claim()).toBe(draft);
    expect([draft.id, draft.name]).toEqual([0, ""]);
    writer.discard();
    expect(messageOf(() => writer.publish())).toContain("claim one first");
    writer.publish({ id: 7 });
    expect(cursor.read()).toEqual({ id: 7, price: 0, name: "", side: 0 });
    using other = numbers.writer();
    expect(messageOf(() => other.claim())).toContain("use publish(value)");
    expect([ticks.published, numbers.published]).toEqual([2, 0]);
  });

  it("publishes nothing of a value that is refused", () => {
    using region = feed(mapping);
    const { ticks, text } = region.data;
    const cursor = ticks.reader();
    using writer = ticks.writer();
    for (const wrong of [{ id: -1 }, { id: 1, nothing: 2 }, { name: "more than five" }, 5, null]) {
      expect(codeOf(() => writer.publish(wrong as never))).toBe("ERR_SHM_RANGE");
    }
    expect([ticks.published, cursor.read()]).toEqual([0, undefined]);
    writer.publish(tick(1));
    expect(cursor.read()).toEqual(tick(1));
    using words = text.writer();
    expect(codeOf(() => words.publish("more than thirteen"))).toBe("ERR_SHM_RANGE");
    expect(text.published).toBe(0);
  });
});

describe.each(KINDS)("a broadcast over a mapping of kind %s", (mapping) => {
  it.each([2n ** 31n - 3n, 2n ** 32n - 3n, 2n ** 33n - 3n, 2n ** 52n - 3n])(
    "counts on from %i without coming round",
    async (start) => {
      using region = feed(mapping);
      const { ticks } = region.data;
      setTail(region, "ticks", start);
      const cursor = ticks.reader();
      const late = ticks.reader();
      using writer = ticks.writer();
      expect(writer.position).toBe(Number(start));
      for (let id = 0; id < 6; id += 1) {
        const comes = cursor.waitAsync();
        writer.publish(tick(id));
        await comes;
        expect(cursor.read()).toEqual(tick(id));
      }
      expect([cursor.position, ticks.published]).toEqual([Number(start) + 6, Number(start) + 6]);
      for (let id = 6; id < 20; id += 1) writer.publish(tick(id));
      expect((late.read() as TickRecord).id).toBe(12);
      expect([late.missed, late.position]).toEqual([12, Number(start) + 13]);
    },
  );

  it("never takes one life of a slot for another, also after 2 to the 32 elements", () => {
    using region = feed(mapping);
    const { ticks } = region.data;
    const cursor = ticks.reader();
    using writer = ticks.writer();
    writer.publish(tick(1));
    expect(cursor.lag).toBe(1);
    writer.close();
    // As after 2^32 more elements, of which the last one lies where the reader is.
    setTail(region, "ticks", 2n ** 32n);
    using later = ticks.writer();
    later.publish(tick(2));
    expect(cursor.read()).toEqual(tick(2));
    expect([cursor.missed, cursor.missedInAll, cursor.position]).toEqual([2 ** 32, 2 ** 32, 2 ** 32 + 1]);
    later.publish(tick(3));
    expect(cursor.read()).toEqual(tick(3));
    expect(cursor.position).toBe(2 ** 32 + 2);
  });

  it("is the same for all threads that share the mapping", async () => {
    using region = feed(mapping);
    const given = mapping === "wasm" ? region.share() : undefined;
    const worker = await startThread();
    const cursor = region.data.numbers.reader();
    const done = worker.run(
      async ({ load }, { url, shared, name, kind, own }) => {
        process.env["SHMGEN_DIR"] = own;
        const { Feeds: OwnFeeds } = (await load(url)) as FeedsModule;
        const opened = shared === undefined ? OwnFeeds.open(name, { mapping: kind }) : OwnFeeds.fromShared(shared);
        const writer = opened.data.numbers.writer();
        for (let count = 0n; count < 2000n; count += 1n) writer.publish(count);
        opened.close();
      },
      { url: FEEDS, shared: given, name: region.name, kind: mapping, own: directory },
    );
    let read = 0;
    for (let last = -1n; last < 1999n; read += 1) {
      cursor.wait();
      const next = cursor.read();
      if (next === undefined) continue;
      expect(next).toBeGreaterThan(last);
      expect(next).toBe(BigInt(cursor.position - 1));
      last = next;
    }
    await done;
    expect(cursor.position).toBe(2000);
    await worker.end();
  });

  it("never reads or writes outside of itself, and never hangs, whatever stands in its words", async () => {
    using region = feed(mapping);
    const { ticks } = region.data;
    const raw = rawMemory(region.memory);
    const { at, size } = placeOf(feeds, "ticks");
    ticks.writer().close();
    const random = new Random(runSeed("hostile broadcasts"));
    const before = raw.u8.slice().fill(0, at, at + size);
    const odd = [0, 1, 2, 7, 8, 0xffff, 0x8000_0000, 0xffff_ffff];
    const known = ["none", "ERR_SHM_FORMAT", "ERR_SHM_BUSY"];
    for (let round = 0; round < byDepth(300, 1500, 3000); round += 1) {
      raw.u32.fill(0, at / 4, (at + size) / 4);
      const cursors: BroadcastCursor<TickRecord>[] = [];
      if (random.chance(0.5)) cursors.push(ticks.reader());
      for (let word = at / 4; word < (at + size) / 4; word += 1) {
        if (random.chance(0.7)) raw.u32[word] = random.chance(0.3) ? random.integer(0, 0xffff_ffff) : random.pick(odd);
      }
      const codes = [
        codeOf(() => cursors.push(ticks.reader({ from: "oldest" }))),
        codeOf(() => ticks.published),
        codeOf(() => JSON.stringify(ticks)),
        codeOf(() => {
          using writer = ticks.writer();
          writer.publish({ id: 1 });
        }),
        ...cursors.flatMap((cursor) => [
          codeOf(() => all(cursor)),
          codeOf(() => cursor.lag),
          codeOf(() => cursor.wait({ timeoutMs: 0 })),
        ]),
      ];
      for (const code of codes) expect(known).toContain(code);
    }
    // But for the table of participants, which has this thread's number.
    expect(Buffer.compare(raw.u8.slice().fill(0, at, at + size), before)).toBe(0);
    await Promise.resolve();
  });

  it("does not hand on what somebody has put into the padding", () => {
    using region = feed(mapping);
    const { at } = placeOf(feeds, "text");
    const { u8 } = rawMemory(region.memory);
    u8.fill(0xee, at + 64, at + 64 + 24);
    using writer = region.data.text.writer();
    writer.publish("x");
    expect([...u8.subarray(at + 72, at + 88)]).toEqual([120, ...Array.from({ length: 15 }, () => 0)]);
  });
});

describe("what a broadcast refuses", () => {
  it("writing over memory that is only read, which is read", async () => {
    using region = feed();
    using reader = Feeds.openReadOnly(region.name);
    const { ticks, records } = reader.data;
    expect(codeOf(() => (ticks as unknown as FeedsData["ticks"]).writer())).toBe("ERR_SHM_READ_ONLY");
    const cursor = ticks.reader();
    using writer = region.data.ticks.writer();
    const comes = cursor.waitAsync();
    writer.publish(tick(4));
    await comes;
    expect([cursor.read(), cursor.read(), cursor.position, ticks.published]).toEqual([tick(4), undefined, 1, 1]);
    expect(codeOf(() => cursor.wait({ timeoutMs: 30 }))).toBe("ERR_SHM_BUSY");
    using filler = region.data.records.writer();
    const copies = records.reader();
    filler.publish({ words: Array.from({ length: WORDS }, () => 3) });
    expect([...copies.read(Words.local())!.words]).toEqual(Array.from({ length: WORDS }, () => 3));
    expect(reader.participants().filter(({ pid }) => pid === process.pid)).toHaveLength(1);
  });

  it("writing memory that belongs to no region, which is read", async () => {
    const buffer = new SharedArrayBuffer(128);
    const view = new MemoryView({ buffer, byteLength: 128, readOnly: false, label: "apart" });
    const of = element.data("u64", true, codec.number("u64"));
    const at = { slots: 64, "slots.stride": 16, "slots.value": 8 };
    const shape = { size: 128, align: 64, of, stride: 8, length: 4, at };
    const apart = new Broadcast<bigint>(view, 0, shape, "apart");
    const longs = new BigUint64Array(buffer);
    [longs[0], longs[8], longs[9]] = [1n, 1n, 77n];
    const cursor = apart.reader({ from: "oldest" });
    expect([cursor.read(), cursor.read(), cursor.missedInAll]).toEqual([77n, undefined, 0]);
    expect(codeOf(() => apart.writer())).toBe("ERR_SHM_UNSUPPORTED");
    expect(messageOf(() => cursor.wait())).toContain("no wait and notify");
    await expect(cursor.waitAsync()).rejects.toMatchObject({ code: "ERR_SHM_UNSUPPORTED" });
    for (const place of [4, 8, 64, 1e9]) {
      expect(codeOf(() => new Broadcast(view, place, shape, "outside"))).toBe("ERR_SHM_RANGE");
    }
    const smaller = { ...at, "slots.stride": 8 };
    expect(() => new Broadcast(view, 0, { ...shape, at: smaller }, "other").reader()).toThrow(/another element/);
  });

  it("a tail that no writer leaves, also one that goes back", () => {
    using region = feed();
    const { ticks } = region.data;
    setTail(region, "ticks", 5n);
    const cursor = ticks.reader();
    for (const tail of [4n, 0n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n]) {
      setTail(region, "ticks", tail);
      expect(codeOf(() => cursor.read())).toBe("ERR_SHM_FORMAT");
      expect(codeOf(() => cursor.lag)).toBe("ERR_SHM_FORMAT");
      if (tail < 6n) continue;
      for (const use of [() => ticks.published, () => ticks.reader(), () => ticks.writer()]) {
        expect(codeOf(use)).toBe("ERR_SHM_FORMAT");
      }
    }
    expect(ticks.toJSON()).toMatchObject({ capacity: 8, writer: null });
    setTail(region, "ticks", 6n);
    using writer = ticks.writer();
    writer.publish(tick(6));
    expect(cursor.read()).toEqual(tick(6));
  });

  it("options that are none", async () => {
    using region = feed();
    const { ticks } = region.data;
    for (const options of [{ from: "first" }, null, 1]) {
      expect(codeOf(() => ticks.reader(options as never))).toBe("ERR_SHM_RANGE");
    }
    const cursor = ticks.reader();
    expect(codeOf(() => cursor.wait({ timeoutMs: -1 }))).toBe("ERR_SHM_RANGE");
    await expect(cursor.waitAsync({ signal: 1 } as never)).rejects.toMatchObject({ code: "ERR_SHM_RANGE" });
    expect(codeOf(() => cursor.items({ signal: 1 } as never))).toBe("ERR_SHM_RANGE");
  });
});
