/** Tails that grow under everybody's hands, whatever the region is mapped with. */
import * as fs from "node:fs";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { rawMemory } from "@shmgen/runtime/codegen-v1";
import { attachForeign, element, ArrayAccessor } from "@shmgen/runtime/codegen-v1";
import { Random, runSeed } from "../support/run/random.js";
import { descriptorIn } from "../support/regions/region-bytes.js";
import { counterOf } from "../support/regions/counter.mjs";
import {
  codeOf,
  mappedFrom,
  regionDirectory,
  startProcess,
  startProcesses,
  until,
} from "../support/processes/processes.js";
import { IS_WINDOWS, KINDS } from "../support/run/system.js";

const directory = regionDirectory();
const STRIDE = 8;
const FIELDS = [
  { name: "count", type: "atomic<u32>", offset: 0, size: 4, align: 4, docs: "" },
  { name: "tail", type: "tail<u64>", offset: 32, size: 0, align: 8, docs: "" },
];
/** `Counter` with `tail: tail<u64>` behind its 32 bytes. */
const Tailed = counterOf({ tailStride: STRIDE, fingerprint: "00000000000000cd", fields: FIELDS });
const DATA = 128;
const TAIL = DATA + 32;

/** The words of the tail in a region's memory. */
function tailOf(region: {
  readonly memory: Parameters<typeof rawMemory>[0];
  readonly tailLength: number;
}): BigUint64Array {
  const { u64 } = rawMemory(region.memory);
  return u64.subarray(TAIL / 8, TAIL / 8 + region.tailLength);
}

describe.each(KINDS)("a growing tail in a region mapped as %s", (mapping) => {
  const options = { mapping };

  it("grows with its data and descriptor kept, old accessors working, nothing but zeros in what is new [C-17 S-07 I-05]", () => {
    using region = Tailed.createOrOpen("grow", { ...options, tailLength: 4 });
    const before = { data: region.data, memory: region.memory, tail: tailOf(region), size: region.size };
    before.tail.set([1n, 2n, 3n, 4n]);
    before.data.count = 77;
    const descriptor = descriptorIn(region.path);
    region.growTail(5);
    expect([...tailOf(region)]).toEqual([1n, 2n, 3n, 4n, 0n]);
    // Byte by byte the descriptor is in its own way; each step has to find another place for it.
    for (let length = 6; length <= 200; length += 1) region.growTail(length);
    region.growTail(2000);
    expect([region.tailLength, region.size > before.size, region.memory === before.memory]).toEqual([
      2000,
      true,
      false,
    ]);
    expect([...tailOf(region).subarray(0, 4)]).toEqual([1n, 2n, 3n, 4n]);
    expect(
      tailOf(region)
        .subarray(4)
        .every((word) => word === 0n),
    ).toBe(true);
    expect(descriptorIn(region.path)).toEqual(descriptor);
    // What was handed out before sees the same memory, both ways.
    before.data.count = 78;
    before.tail[0] = 9n;
    tailOf(region)[1] = 8n;
    expect([region.data.count, tailOf(region)[0], before.tail[1], before.tail.length]).toEqual([78, 9n, 8n, 4]);
    region.close();
    expect(codeOf(() => before.data.count)).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => before.memory.u8)).toBe("ERR_SHM_CLOSED");
    expect(before.tail.every((word) => word === 0n)).toBe(true);
    expect(mappedFrom(region.path)).toEqual([]);
  });

  it("never shrinks; the length it has is fine; a file that would be too large is an error before anything changes [S-07]", () => {
    using region = Tailed.createOrOpen("shrink", { ...options, tailLength: 10 });
    const { size } = region;
    region.growTail(10);
    expect(region.size).toBe(size);
    expect(() => region.growTail(9)).toThrow(/a tail never shrinks.*expected="at least 10" found=9 path=/);
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53, "7" as unknown as number]) {
      expect(
        codeOf(() => region.growTail(bad)),
        String(bad),
      ).toBe("ERR_SHM_RANGE");
    }
    expect(codeOf(() => region.growTail(2 ** 52))).toBe("ERR_SHM_RANGE");
    expect([region.tailLength, region.size, fs.statSync(region.path).size]).toEqual([10, size, size]);
    using plain = counterOf({ fingerprint: "00000000000000ce" }).createOrOpen("plain", options);
    expect(codeOf(() => plain.growTail(1))).toBe("ERR_SHM_RANGE");
    expect(plain.refresh()).toBe(false);
    expect(codeOf(() => plain.onGrow(() => {}))).toBe("ERR_SHM_RANGE");
    using reader = Tailed.openReadOnly("shrink", options);
    expect(codeOf(() => reader.growTail(20))).toBe("ERR_SHM_READ_ONLY");
    using copy = Tailed.open("shrink", { ...options, access: "private" });
    expect(codeOf(() => copy.growTail(20))).toBe("ERR_SHM_READ_ONLY");
    region.close();
    expect(codeOf(() => region.growTail(20))).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => region.refresh())).toBe("ERR_SHM_CLOSED");
  });

  it("others notice: refresh, an event, and an error instead of a wrong read [C-17 S-08]", async () => {
    const child = await startProcess();
    using region = Tailed.createOrOpen("notice", { ...options, tailLength: 3 });
    using reader = Tailed.openReadOnly("notice", options);
    const array = new ArrayAccessor(region.memory, TAIL, 3, element.num("u64"), "Counter.tail");
    const heard: number[] = [];
    const stop = region.onGrow((length) => void heard.push(length));
    expect([region.refresh(), reader.refresh()]).toEqual([false, false]);
    await child.run(
      ({ counterOf }, name, fields) => {
        const region = counterOf({ tailStride: 8, fingerprint: "00000000000000cd", fields }).open(name);
        region.growTail(1000);
        region.memory.u64[(128 + 32) / 8 + 999] = 5n;
        region.close();
      },
      "notice",
      FIELDS,
    );
    expect(() => array.at(3)).toThrow(
      /Counter\.tail has grown from 3 to 1000 elements.*element 3.*region\.refresh\(\)/,
    );
    expect(() => array.at(1000)).toThrow(/has no element 1000/);
    await until(() => heard.length > 0, "the event");
    expect([heard, region.tailLength]).toEqual([[1000], 1000]);
    expect([reader.tailLength, reader.refresh(), reader.tailLength, reader.refresh()]).toEqual([3, true, 1000, false]);
    expect([tailOf(region)[999], tailOf(reader)[999]]).toEqual([5n, 5n]);
    stop();
    region.growTail(1001);
    await sleep(30);
    expect(heard).toEqual([1000]);
    await child.kill();
  });

  it("a region that exists keeps its length, whatever an opener would have made [C-19]", () => {
    using region = Tailed.createOrOpen("kept", { ...options, tailLength: 100 });
    using small = Tailed.createOrOpen("kept", { ...options, tailLength: 1 });
    using large = Tailed.createOrOpen("kept", { ...options, tailLength: 100_000 });
    expect([small.tailLength, large.tailLength, region.refresh()]).toEqual([100, 100, false]);
  });

  it("four processes grow one tail at the same time: the longest wins, and no element is lost", async () => {
    using region = Tailed.createOrOpen("together", { ...options, tailLength: 1 });
    const children = await startProcesses(4);
    await Promise.all(
      children.map((child, who) =>
        child.run(
          ({ counterOf }, who, fields, mapping) => {
            const region = counterOf({ tailStride: 8, fingerprint: "00000000000000cd", fields }).open("together", {
              mapping,
            });
            for (let length = 2 + who; length < 3000; length += 4) {
              region.refresh();
              if (length > region.tailLength) region.growTail(length);
              Atomics.add(region.memory.u64, (128 + 32) / 8, 1n);
            }
            region.close();
          },
          who,
          FIELDS,
          mapping,
        ),
      ),
    );
    expect(region.refresh()).toBe(true);
    expect([region.tailLength, tailOf(region)[0]]).toEqual([2999, 2998n]);
    expect(
      tailOf(region)
        .subarray(1)
        .every((word) => word === 0n),
    ).toBe(true);
    for (const child of children) await child.kill();
  });

  it("a tail that cannot grow leaves the region as it is [fault 37]", () => {
    using region = Tailed.createOrOpen("huge", { ...options, tailLength: 1 });
    const { size } = region;
    // 16 TiB: more than the machine has, and than most versions of Node can show.
    expect(codeOf(() => region.growTail(2 ** 41))).toMatch(/ERR_SHM_(NO_SPACE|SYSCALL|UNSUPPORTED|RANGE)/);
    expect([region.tailLength, region.size]).toEqual([1, size]);
    region.growTail(2);
    expect(region.tailLength).toBe(2);
  });
});

describe("address space kept by maxTail", () => {
  // Only a Wasm memory keeps addresses.
  it.skipIf(IS_WINDOWS)("the memory stays where it is, for growing and for refreshing [C-13 I-06]", () => {
    using region = Tailed.createOrOpen("max", { tailLength: 4, maxTail: 100_000 });
    using reader = Tailed.openReadOnly("max", { maxTail: 100_000 });
    const { buffer } = rawMemory(region.memory);
    const readersBuffer = rawMemory(reader.memory).buffer;
    const first = tailOf(region);
    first[0] = 3n;
    for (const length of [5, 600, 601, 70_000, 100_000]) {
      region.growTail(length);
      tailOf(region)[length - 1] = BigInt(length);
      expect(reader.refresh()).toBe(true);
      expect([tailOf(reader)[0], tailOf(reader)[length - 1]]).toEqual([3n, BigInt(length)]);
      expect([rawMemory(region.memory).buffer === buffer, rawMemory(reader.memory).buffer === readersBuffer]).toEqual([
        true,
        true,
      ]);
    }
    // Beyond what was kept it grows all the same, in another place.
    region.growTail(100_000 * 2);
    tailOf(region)[1] = 11n;
    expect([rawMemory(region.memory).buffer === buffer, first[0], first[1], tailOf(region)[599]]).toEqual([
      false,
      3n,
      11n,
      600n,
    ]);
  });

  it("sees exactly what is mapped, not what is kept", () => {
    using region = Tailed.createOrOpen("exact", { tailLength: 1, maxTail: 1_000_000 });
    expect([region.size, region.memory.u8.length]).toEqual([4096, 4096]);
    expect(codeOf(() => Tailed.createOrOpen("exact2", { tailLength: 1, maxTail: -1 }))).toBe("ERR_SHM_RANGE");
    expect(codeOf(() => Tailed.createOrOpen("exact2", { tailLength: 1, maxTail: 2 ** 52, mapping: "wasm" }))).toMatch(
      /ERR_SHM_(RANGE|UNSUPPORTED)/,
    );
  });
});

it("killed while it grows: the tail has one length or another, all of it usable, and the descriptor is whole [figure 2]", async () => {
  const seed = runSeed("killed while it grows");
  const random = new Random(seed);
  using region = Tailed.createOrOpen("killed", { tailLength: 1 });
  const descriptor = descriptorIn(region.path);
  for (let round = 0; round < 12; round += 1) {
    const child = await startProcess();
    const growing = child.run(
      async ({ counterOf }, round, fields) => {
        const region = counterOf({ tailStride: 8, fingerprint: "00000000000000cd", fields }).open("killed");
        region.data.count = round;
        for (let length = region.tailLength + 1; ; length += 1) {
          region.growTail(length);
          region.memory.u64[(128 + 32) / 8 + length - 1] = BigInt(length);
          if (length % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
      },
      round + 1,
      FIELDS,
    );
    growing.catch(() => {});
    await until(() => region.data.count === round + 1, "it begins to grow");
    await sleep(random.integer(5, 65));
    await child.kill();
    region.refresh();
    expect(descriptorIn(region.path), `SHMGEN_SEED=${seed}`).toEqual(descriptor);
    const tail = tailOf(region);
    // The last element may not have been written; all before it have.
    const wrong = tail.findIndex((word, index) => index > 0 && word !== BigInt(index + 1));
    expect(wrong === -1 || wrong === tail.length - 1, `SHMGEN_SEED=${seed} element ${wrong} of ${tail.length}`).toBe(
      true,
    );
    if (wrong !== -1) tail[wrong] = BigInt(wrong + 1);
    const next = Tailed.open("killed", { mapping: "view" });
    expect(next.tailLength).toBe(region.tailLength);
    next.close();
  }
  expect(region.tailLength).toBeGreaterThan(1);
}, 60_000);

it("a foreign file that its owner has made longer is seen after refresh [S-08]", async () => {
  const path = `${directory}/foreign-log`;
  fs.writeFileSync(path, Buffer.alloc(32 + 8 * 3, 1));
  const { accessor, reader } = Tailed.definition;
  using region = attachForeign({ accessor, reader, expects: [] }, path);
  expect([region.tailLength, region.refresh()]).toEqual([3, false]);
  fs.appendFileSync(path, Buffer.alloc(8 * 1000, 2));
  expect([region.refresh(), region.tailLength, region.size]).toEqual([true, 1003, 32 + 8 * 1003]);
  expect(rawMemory(region.memory).u8[32 + 8 * 1002]).toBe(2);
});

it("a watched region does not keep its process alive", async () => {
  const child = await startProcess();
  const work = child.run(({ counterOf, kept }, fields) => {
    const region = counterOf({ tailStride: 8, fingerprint: "00000000000000cd", fields }).createOrOpen("watched", {
      tailLength: 1,
    });
    region.onGrow(() => {});
    kept["it"] = region;
    // Nothing else keeps it: not its parent, and no exit of its own.
    process.removeAllListeners("disconnect");
    process.disconnect();
  }, FIELDS);
  // Its answer finds nobody.
  work.catch(() => undefined);
  const { code, signal } = await Promise.race([
    child.exited,
    once(AbortSignal.timeout(60_000), "abort").then(() => ({ code: -1, signal: null })),
  ]);
  expect([code, signal]).toEqual([0, null]);
});
