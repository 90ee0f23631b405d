/** Seqlocks of real regions, over both kinds of mappings: with kernels, and without. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import type * as Codegen from "@shmgen/runtime/codegen-v1";
import { codec, element, isShmError, MemoryView, rawMemory } from "@shmgen/runtime/codegen-v1";
import { Seqlock } from "@shmgen/runtime/containers-v1";
import {
  type GaugesData,
  type GaugesModule,
  generateGauges,
  type Words as Copy,
  WORDS,
} from "../support/containers/gauges.js";
import { codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { startThread } from "../support/threads/threads.mjs";
import { A_KIND, KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const CODEGEN = pathToFileURL(createRequire(import.meta.url).resolve("@shmgen/runtime/codegen-v1")).href;
const GAUGES = generateGauges();
const { Gauges, Words } = (await import(GAUGES)) as GaugesModule;
const HEADER = 128;
/** A seqlock of a u64. */
const NUMBER = {
  size: 32,
  align: 8,
  of: element.data("u64", true, codec.number("u64")),
  stride: 8,
  at: { even: 16, odd: 24 },
};
let regions = 0;

/** Where it begins in the region, and how long it is, in bytes. */
function placeOf(name: keyof GaugesData): { readonly at: number; readonly size: number } {
  const field = Gauges.layout.fields.find((one) => one.name === name);
  return { at: HEADER + (field?.offset ?? 0), size: field?.size ?? 0 };
}

function gauges(mapping: "wasm" | "view" = A_KIND): Region<GaugesData> {
  return Gauges.createOrOpen(`gauges-${(regions += 1)}`, { mapping });
}

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "none",
    (error: unknown) => (isShmError(error) ? error.code : error),
  );
}

describe.each(KINDS)("a seqlock over a mapping of kind %s", (mapping) => {
  it("is read as it was updated, whatever it holds", () => {
    using region = gauges(mapping);
    const { number, record, large, text, real, gear, grid, position, status, lanes } = region.data;
    expect(number.read()).toBe(0n);
    expect(number.update((value) => value + 2n ** 63n)).toBe(1);
    expect([number.read(), number.sequence]).toEqual([2n ** 63n, 1]);
    for (const filled of [7, 8, 9]) {
      record.update(({ words }) => void words.fill(filled));
      expect(record.read().words).toEqual(Array.from({ length: WORDS }, () => filled));
    }
    large.update(({ words }) => void (words[249] = 5));
    expect(large.read().words).toEqual([...Array.from({ length: 249 }, () => 0), 5]);
    expect(text.update((before) => `${before}ayse`)).toBe(1);
    text.write("thirteen byte");
    expect(text.read()).toBe("thirteen byte");
    real.write(1.5);
    expect(real.update((value) => value * 2)).toBe(2);
    expect(real.read()).toBe(3);
    gear.update(() => 3);
    expect(gear.read()).toBe(3);
    grid.write([1, 2, Number.NaN, -0]);
    expect(grid.read()).toEqual([1, 2, Number.NaN, -0]);
    position.write({ name: "x", x: 2.5 });
    position.update((value) => Object.assign(value, { gear: 3 }));
    expect(position.read()).toEqual({ name: "x", x: 2.5, gear: 3 });
    status.update((value) => Object.assign(value, { mode: 5 }));
    expect([status.read(), status.sequence]).toEqual([{ ready: 0, mode: 5 }, 1]);
    for (const lane of [0, 1, 2]) lanes.at(lane).update((value) => value + lane);
    expect([0, 1, 2].map((lane) => lanes.at(lane).read())).toEqual([0, 1, 2]);
    expect(JSON.stringify(record)).toBe(JSON.stringify({ words: record.read().words }));
  });

  it("is copied to an accessor over private memory, and to no other", () => {
    using region = gauges(mapping);
    const { record, number } = region.data;
    const copy = Words.local();
    expect([...copy.words]).toEqual(Array.from({ length: WORDS }, () => 0));
    record.update(({ words }) => void words.fill(1));
    expect(record.read(copy)).toBe(copy);
    record.update(({ words }) => void words.fill(2));
    expect([...copy.words]).toEqual(Array.from({ length: WORDS }, () => 1));
    copy.words[0] = 9;
    expect(record.read().words[0]).toBe(2);
    const shared = new Words(region.memory, HEADER);
    for (const other of [shared, region.data, {}, null, 1]) {
      expect(codeOf(() => record.read(other as Copy))).toBe("ERR_SHM_RANGE");
    }
    expect(() => number.read(copy)).toThrow(/use read\(\)/);
    expect([...record.read(copy).words]).toEqual(Array.from({ length: WORDS }, () => 2));
  });

  it("publishes nothing of an update that throws, or that returns a promise, and the next one goes on", async () => {
    using region = gauges(mapping);
    const { record, text } = region.data;
    const thrown = new Error("no");
    const throws = (value: Copy): void => {
      value.words.fill(3);
      throw thrown;
    };
    expect(() => record.update(throws)).toThrow(thrown);
    await expect(record.updateAsync(throws)).rejects.toBe(thrown);
    expect(() => text.update(() => "more than thirteen")).toThrow(/18 bytes/);
    const promises = async (value: Copy): Promise<void> => {
      value.words[0] = 4;
      return Promise.reject(thrown);
    };
    expect(() => record.update(promises)).toThrow(/waits for nothing itself/);
    expect([record.sequence, record.read().words[0], text.sequence]).toEqual([0, 0, 0]);
    expect(record.update((value) => void (value.words[0]! += 1))).toBe(1);
    expect(record.read().words[0]).toBe(1);
    expect(codeOf(() => record.update(undefined as never))).toBe("ERR_SHM_RANGE");
  });

  it("is read, and others updated, inside of an update, but not updated again", () => {
    using region = gauges(mapping);
    const { number, real } = region.data;
    const again = new Seqlock<bigint>(region.memory, placeOf("number").at, NUMBER, "again");
    number.update((value) => {
      expect(codeOf(() => number.update(() => 5n))).toBe("ERR_SHM_BUSY");
      expect(() => number.update(() => 5n)).toThrow(/this thread is within an update of it: .*; make all changes/);
      expect(codeOf(() => again.write(5n))).toBe("ERR_SHM_BUSY");
      real.write(2);
      expect([number.read(), real.read()]).toEqual([0n, 2]);
      return value + 1n;
    });
    expect([number.read(), number.sequence]).toEqual([1n, 1]);
  });

  it("is the same for all threads that share the mapping, whose updates add up", async () => {
    using region = gauges(mapping);
    const shared = mapping === "wasm" ? region.share() : undefined;
    const worker = await startThread();
    const done = worker.run(
      async ({ load }, { url, codegen, given, name, kind, directory: own }) => {
        process.env["SHMGEN_DIR"] = own;
        const { Gauges: OwnGauges } = (await load(url)) as GaugesModule;
        const opened = given === undefined ? OwnGauges.open(name, { mapping: kind }) : OwnGauges.fromShared(given);
        for (let count = 0; count < 2000; count += 1) opened.data.number.update((value) => value + 1n);
        const { wasm } = ((await load(codegen)) as typeof Codegen).rawMemory(opened.memory);
        opened.close();
        return wasm !== undefined;
      },
      { url: GAUGES, codegen: CODEGEN, given: shared, name: region.name, kind: mapping, directory },
    );
    for (let count = 0; count < 2000; count += 1) {
      region.data.number.update((value) => value + 1n);
      if (count % 100 === 0) await region.data.number.updateAsync((value) => value);
    }
    // The kernels are for threads that were given the mapping as well.
    expect(await done).toBe(mapping === "wasm");
    expect(region.data.number.read()).toBe(4000n);
    await worker.end();
  });

  it("never reads or writes outside of its cells, and never hangs, whatever stands in its words", () => {
    using region = gauges(mapping);
    const { data } = region;
    const raw = rawMemory(region.memory);
    const { at, size } = placeOf("record");
    const before = raw.u8.slice();
    const outside = (bytes: Uint8Array): Uint8Array => bytes.slice().fill(0, at, at + size);
    for (const word of [0, 4, 8, 12, 16, 76, 80, 140]) {
      for (const value of [1, 2, 15, 16, 0x7fff_ffff, 0x8000_0000, 0xffff, 0xffff_ffff]) {
        raw.u32[(at + word) / 4] = value;
        expect(data.record.read().words).toHaveLength(WORDS);
        const code = codeOf(() => data.record.update((record) => void (record.words[0]! += 1), { timeoutMs: 50 }));
        expect(["none", "ERR_SHM_FORMAT", "ERR_SHM_BUSY"]).toContain(code);
        raw.u32.fill(0, at / 4, at / 4 + 4);
      }
    }
    // But for the table of participants, which has this thread's number now.
    const table = HEADER + 64 * 16;
    expect(outside(raw.u8).subarray(table)).toEqual(outside(before).subarray(table));
  });

  it("does not hand on what somebody has put into the padding", () => {
    using region = gauges(mapping);
    const { at } = placeOf("text");
    const { u8 } = rawMemory(region.memory);
    u8.fill(0xee, at + 128, at + 128 + 64 + 16);
    region.data.text.update(() => "x");
    expect([...u8.subarray(at + 192, at + 208)]).toEqual([120, ...Array.from({ length: 15 }, () => 0)]);
  });
});

describe("a seqlock", () => {
  it("tells of changes by others, at once, until its signal or its region ends", async () => {
    const region = gauges();
    const { number } = region.data;
    const child = await startProcess();
    const update = async (): Promise<void> =>
      child.run(
        async ({ load }, url, name, own) => {
          process.env["SHMGEN_DIR"] = own;
          const { Gauges: OwnGauges } = (await load(url)) as GaugesModule;
          const opened = OwnGauges.open(name);
          opened.data.number.update((value) => value + 1n);
          opened.close();
        },
        GAUGES,
        region.name,
        directory,
      );
    const first = number.changed(0, { timeoutMs: 60_000 });
    await update();
    expect(await first).toBe(1);
    expect(await number.changed(0)).toBe(1);
    expect(await rejection(number.changed(1, { timeoutMs: 30 }))).toBe("ERR_SHM_BUSY");
    const seen: bigint[] = [];
    const abort = new AbortController();
    const loop = rejection(
      (async () => {
        for await (const value of number.changes({ signal: abort.signal })) seen.push(value);
      })(),
    );
    await update();
    await until(() => seen.length === 1, "the second value is seen");
    await update();
    await until(() => seen.length === 2, "the third value is seen");
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await loop).toBe(reason);
    expect(seen).toEqual([2n, 3n]);
    expect(await rejection(number.changed(3, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const pending = rejection(number.changed(3));
    const iterating = rejection(
      (async () => {
        for await (const value of number) seen.push(value);
      })(),
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
    region.close();
    expect([await pending, await iterating]).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
    await child.kill();
  });

  it("has an update that waited done as soon as it can be, so that others of the same thread never meet it half way", async () => {
    using region = gauges();
    const { number } = region.data;
    const order: string[] = [];
    let waited: Promise<number> | undefined;
    number.update((value) => {
      waited = number.updateAsync((later) => (order.push("waited"), later + 10n));
      return value + 1n;
    });
    expect(number.update((value) => (order.push("next"), value + 100n))).toBe(3);
    expect([await waited, number.read(), order]).toEqual([2, 111n, ["waited", "next"]]);
  });

  it("skips what was replaced before the loop came to it", async () => {
    using region = gauges();
    const { number } = region.data;
    const values = number[Symbol.asyncIterator]();
    for (let count = 0; count < 5; count += 1) number.update((value) => value + 1n);
    expect(await values.next()).toEqual({ done: false, value: 5n });
    number.update((value) => value + 1n);
    expect(await values.next()).toEqual({ done: false, value: 6n });
    await values.return?.();
  });
});

describe("what a seqlock refuses", () => {
  it("an update that returns a new object instead of changing what it is given, of which it publishes nothing", () => {
    using region = Gauges.createOrOpen("returned");
    const { record } = region.data;
    const before = record.sequence;
    expect(() => record.update((draft) => ({ ...draft }) as never)).toThrow(
      "what an update of fields returns is not used",
    );
    expect(record.sequence).toBe(before);
    expect(record.update((draft) => draft as never)).toBe(before + 1);
  });

  it("writing over memory that is only read, which is read and watched", async () => {
    using region = gauges();
    using reader = Gauges.openReadOnly(region.name);
    const { number, record } = reader.data;
    const writing = number as unknown as GaugesData["number"];
    for (const write of [() => writing.update(() => 1n), () => writing.write(1n)]) {
      expect(codeOf(write)).toBe("ERR_SHM_READ_ONLY");
    }
    expect(await rejection(writing.updateAsync(() => 1n))).toBe("ERR_SHM_READ_ONLY");
    expect([number.read(), number.sequence]).toEqual([0n, 0]);
    const change = number.changed(0);
    region.data.number.write(6n);
    expect([await change, number.read()]).toEqual([1, 6n]);
    region.data.record.update(({ words }) => void words.fill(3));
    expect([...record.read(Words.local()).words]).toEqual(Array.from({ length: WORDS }, () => 3));
    expect(await rejection(number.changed(1, { timeoutMs: 50 }))).toBe("ERR_SHM_BUSY");
  });

  it("writing and watching memory that belongs to no region, which is read", async () => {
    const buffer = new SharedArrayBuffer(64);
    const view = new MemoryView({ buffer, byteLength: 64, readOnly: false, label: "apart" });
    const apart = new Seqlock<bigint>(view, 8, NUMBER, "apart");
    new BigUint64Array(buffer)[3] = 77n;
    expect([apart.read(), apart.sequence]).toEqual([77n, 0]);
    expect(codeOf(() => apart.write(1n))).toBe("ERR_SHM_UNSUPPORTED");
    expect(() => apart.write(1n)).toThrow(/nobody does in private memory: path=apart; use the data of a region/);
    expect(await rejection(apart.changed(0))).toBe("ERR_SHM_UNSUPPORTED");
    expect(await apart.changed(1)).toBe(0);
    for (const place of [4, 40, 64, 1e9]) {
      expect(codeOf(() => new Seqlock(view, place, NUMBER, "outside"))).toBe("ERR_SHM_RANGE");
    }
  });

  it("everything after close, frozen or not, and what was begun before", async () => {
    const region = gauges();
    const { number, real } = region.data;
    Object.freeze(real);
    number.update((value) => value + 1n);
    expect(() =>
      real.update((value) => {
        region.close();
        return value + 1;
      }),
    ).toThrow(/closed/);
    for (const use of [
      () => number.read(),
      () => number.sequence,
      () => number.write(1n),
      () => number.changes(),
      () => real.read(),
      () => real.sequence,
      () => real.write(1),
    ]) {
      expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    }
    expect(await rejection(real.changed(0))).toBe("ERR_SHM_CLOSED");
  });

  it("names who writes when its time is over, waits without blocking, and outlives a writer that is killed", async () => {
    using region = gauges();
    const { number } = region.data;
    number.write(5n);
    const child = await startProcess();
    const writes = child
      .run(
        async ({ load, fs }, url, name, own) => {
          process.env["SHMGEN_DIR"] = own;
          const { Gauges: OwnGauges } = (await load(url)) as GaugesModule;
          OwnGauges.open(name).data.number.update(() => {
            fs.writeFileSync(`${own}/writes`, "");
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
            return 6n;
          });
        },
        GAUGES,
        region.name,
        directory,
      )
      .catch(() => undefined);
    const { existsSync } = await import("node:fs");
    await until(() => existsSync(`${directory}/writes`), "the other process writes");
    expect(number.read()).toBe(5n);
    expect(() => number.update(() => 7n, { timeoutMs: 20 })).toThrow(new RegExp(`${child.pid}`));
    const reason = new Error("enough");
    const abort = new AbortController();
    const aborted = rejection(number.updateAsync(() => 7n, { signal: abort.signal }));
    const waiting = number.updateAsync((value) => value + 2n, { timeoutMs: 60_000 });
    let turns = 0;
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        turns += 1;
        if (turns < 5) return;
        clearInterval(timer);
        resolve();
      }, 5);
    });
    abort.abort(reason);
    expect(await aborted).toBe(reason);
    await child.kill();
    await writes;
    expect(await waiting).toBe(2);
    expect(number.read()).toBe(7n);
  });
});
