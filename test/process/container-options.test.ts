/** Options of containers: a name that a method does not take is refused, with the one that may be meant. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { regionDirectory } from "../support/processes/processes.js";
import { importSchema } from "../support/schemas/generated.js";

const directory = regionDirectory();
const SCHEMA = `
import type { Region, bipBuffer, broadcast, counters, event, map, messages, mutex, queue, ring, semaphore, seqlock, slotPool, u32, utf8, workQueue } from "@shmgen/schema";
export interface All extends Region<{ type: 7; version: 1; participants: 15 }> {
  door: mutex; desks: semaphore<2>; lights: event; best: seqlock<u32>; tasks: queue<u32, 2>; lane: ring<u32, 2>; frames: slotPool<u32, 2>;
  jobs: workQueue<u32, 2>; fills: broadcast<u32, 2>; bytes: bipBuffer<64>; log: messages<128>; counts: map<utf8<4>, u32, 2>; stats: counters<2>;
}
`;

// What a test of untyped mistakes calls.
// oxlint-disable-next-line typescript/no-explicit-any
type Anything = any;
let region: Omit<Region, "data"> & { readonly data: Anything };
beforeAll(async () => {
  const { All } = await importSchema<{ All: { createOrOpen(name: string, options: object): typeof region } }>(
    { "all.shm.ts": SCHEMA },
    "all.shm.ts",
  );
  region = All.createOrOpen("all", { directory });
});
afterAll(() => region.close());

type Call = (all: Anything, options: object) => unknown;

/** Every method that takes options, by the options that it takes. */
const METHODS: Readonly<Record<string, readonly Call[]>> = {
  timeoutMs: [
    (all, o) => all.desks.acquire(o),
    (all, o) => all.lights.wait(o),
    (all, o) => all.best.update(() => 1, o),
    (all, o) => all.best.write(1, o),
    (all, o) => all.tasks.pushWait(1, o),
    (all, o) => all.tasks.popWait(o),
    (all, o) => all.frames.allocWait(o),
    (all, o) => all.jobs.pushWait(1, o),
    (all, o) => all.fills.reader().wait(o),
    (all, o) => all.log.claim(8, o),
    (all, o) => all.counts.delete("a", o),
    (all, o) => all.counts.clear(o),
  ],
  "signal, timeoutMs": [
    (all, o) => all.desks.acquireAsync(o),
    (all, o) => all.lights.waitAsync(o),
    (all, o) => all.best.updateAsync(() => 1, o),
    (all, o) => all.best.changed(0, o),
    (all, o) => all.tasks.pushAsync(1, o),
    (all, o) => all.tasks.popAsync(o),
    (all, o) => all.frames.allocAsync(o),
    (all, o) => all.jobs.pushAsync(1, o),
    (all, o) => all.fills.reader().waitAsync(o),
    (all, o) => all.counts.deleteAsync("a", o),
    (all, o) => all.counts.clearAsync(o),
  ],
  signal: [(all, o) => all.best.changes(o), (all, o) => all.tasks.items(o), (all, o) => all.fills.reader().items(o)],
  "onAbandoned, repair, timeoutMs": [(all, o) => all.door.lock(o), (all, o) => all.door.tryLock(o)],
  "onAbandoned, repair, signal, timeoutMs": [(all, o) => all.door.lockAsync(o)],
  "evict, timeoutMs, ttlMs": [(all, o) => all.counts.set("a", 1, o)],
  "evict, signal, timeoutMs, ttlMs": [(all, o) => all.counts.setAsync("a", 1, o)],
  "evict, initial, timeoutMs, ttlMs": [(all, o) => all.counts.update("a", () => 1, o)],
  "evict, initial, signal, timeoutMs, ttlMs": [(all, o) => all.counts.updateAsync("a", () => 1, o)],
  "failed, maxAttempts": [(all, o) => all.jobs.lease(o)],
  "failed, maxAttempts, timeoutMs": [(all, o) => all.jobs.leaseWait(o)],
  "failed, maxAttempts, signal, timeoutMs": [(all, o) => all.jobs.leased(o)],
  "failed, maxAttempts, signal": [(all, o) => all.jobs.items(o)],
  "kind, timeoutMs": [(all, o) => all.log.push("x", o), (all, o) => all.log.pushWait("x", o)],
  "kind, signal, timeoutMs": [(all, o) => all.log.pushAsync("x", o)],
  from: [(all, o) => all.fills.reader(o)],
  "help, onDeath": [(all, o) => all.stats.counter("hits", {}, o), (all, o) => all.stats.gauge("level", {}, o)],
};

async function said(call: Call, options: object): Promise<string> {
  try {
    await call(region.data, options);
    return "accepted";
  } catch (error) {
    return String((error as Error).message);
  }
}

describe("options of containers", () => {
  it.each(Object.entries(METHODS))("that take %s refuse other names", async (names, calls) => {
    for (const call of calls) {
      const text = String(call);
      expect(await said(call, { zzz: 1 }), text).toBe(`there is no option zzz here; the options are ${names}`);
      for (const name of names.split(", ")) {
        expect(await said(call, { [`${name}x`]: 1 }), text).toBe(
          `there is no option ${name}x here; did you mean '${name}'?`,
        );
      }
    }
  });

  it("sides of rings, buffers and messages too", async () => {
    const { lane, bytes, log } = region.data;
    const sides: Anything[] = [lane.consumer(), bytes.consumer(), log.consumer()];
    for (const side of sides) {
      expect(await said(() => side.waitAsync({ timeOutMs: 1 }), {})).toContain("did you mean 'timeoutMs'?");
      expect(await said(() => side.wait({ timeOutMs: 1 }), {})).toContain("did you mean 'timeoutMs'?");
      expect(await said(() => side.items({ signl: 1 }), {})).toContain("did you mean 'signal'?");
    }
    expect(await said(() => lane.producer().waitAsync({ timeOutMs: 1 }), {})).toContain("did you mean 'timeoutMs'?");
  });

  it("what is undefined is left out, also under a name that nobody knows", async () => {
    expect(await said((all) => all.door.tryLock({ timeOutMs: undefined })?.unlock(), {})).toBe("accepted");
  });
});
