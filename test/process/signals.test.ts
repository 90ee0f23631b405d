/** An AbortSignal ends every wait that does not block, with its reason, and leaves nothing behind: no waiter, no listener, nothing held. */
import { getEventListeners } from "node:events";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendRegion } from "@shmgen/runtime";
import { whenForeignAttached } from "@shmgen/runtime/codegen-v1";
import { Counter, counterDefinition, counterOf } from "../support/regions/counter.mjs";
import { generateModule } from "../support/containers/generated-module.js";
import { regionDirectory } from "../support/processes/processes.js";
import { BY_THREAD, runScript } from "../support/processes/scripts.js";

const directory = regionDirectory();
const SCHEMA = `
import type { Region, atomic, bipBuffer, broadcast, event, f64, map, messages, mutex, queue, ring, semaphore, seqlock,
  slotPool, u32, u64, u8, utf8, workQueue } from "@shmgen/schema";
export interface Order { id: u64; price: f64 }
export interface Floor extends Region<{ type: 0x62; version: 1 }> {
  small: atomic<u8>; word: atomic<u32>; big: atomic<u64>;
  limits: seqlock<Order>; orders: ring<Order, 2>; orders2: ring<Order, 2>; tasks: queue<Order, 2>; tasks2: queue<Order, 2>; frames: slotPool<Order, 1>;
  jobs: workQueue<Order, 2>; jobs2: workQueue<Order, 2>; ticks: broadcast<Order, 4>; door: mutex; opened: event; desks: semaphore<1>;
  stream: bipBuffer<64>; stream2: bipBuffer<64>; log: messages<128>; log2: messages<128>; sessions: map<utf8<8>, Order, 4>;
}`;

interface Options {
  readonly signal: AbortSignal;
}
type Wait = (options: Options) => Promise<unknown>;
/** As far as these tests need what is generated. */
type Loose = { readonly [key: string]: Loose } & ((...values: unknown[]) => Loose) & PromiseLike<unknown>;

const ORDER = { id: 1n, price: 2 };
let region: Loose;
let reader: Loose;
const sides: Loose[] = [];

const iterated = (items: unknown): Promise<unknown> => (items as AsyncIterable<unknown>)[Symbol.asyncIterator]().next();
const side = (made: Loose): Loose => {
  sides.push(made);
  return made;
};

/** Each is pending until somebody does something that nobody here does. */
const WAITS: Record<string, () => Wait | Promise<Wait>> = {
  "field.waitAsync, 1 byte": () => (o) => region["data"]!["$small"]!["waitAsync"]!(0, o) as never,
  "field.waitAsync, 4 bytes": () => (o) => region["data"]!["$word"]!["waitAsync"]!(0, o) as never,
  "field.waitAsync, 8 bytes": () => (o) => region["data"]!["$big"]!["waitAsync"]!(0n, o) as never,
  "field.waitAsync of a reader": () => (o) => reader["data"]!["$word"]!["waitAsync"]!(0, o) as never,
  "field.changes": () => (o) => iterated(region["data"]!["$word"]!["changes"]!(o)),
  "field.changes of a reader": () => (o) => iterated(reader["data"]!["$big"]!["changes"]!(o)),
  "mutex.lockAsync": async () => {
    await region["data"]!["door"]!["lockAsync"]!();
    return (o) => region["data"]!["door"]!["lockAsync"]!(o) as never;
  },
  "event.waitAsync": () => (o) => region["data"]!["opened"]!["waitAsync"]!(o) as never,
  "semaphore.acquireAsync": () => {
    region["data"]!["desks"]!["acquire"]!();
    return (o) => region["data"]!["desks"]!["acquireAsync"]!(o) as never;
  },
  "seqlock.changed": () => (o) =>
    region["data"]!["limits"]!["changed"]!(region["data"]!["limits"]!["sequence"], o) as never,
  "seqlock.changes": () => (o) => iterated(region["data"]!["limits"]!["changes"]!(o)),
  "queue.popAsync": () => (o) => region["data"]!["tasks"]!["popAsync"]!(o) as never,
  "queue.pushAsync": () => {
    for (let n = 0; n < 2; n += 1) region["data"]!["tasks2"]!["push"]!(ORDER);
    return (o) => region["data"]!["tasks2"]!["pushAsync"]!(ORDER, o) as never;
  },
  "ring.consumer.waitAsync": () => {
    const consumer = side(region["data"]!["orders"]!["consumer"]!());
    return (o) => consumer["waitAsync"]!(o) as never;
  },
  "ring.consumer.items": () => (o) => iterated(sides[0]!["items"]!(o)),
  "ring.producer.pushAsync": () => {
    const producer = side(region["data"]!["orders2"]!["producer"]!());
    for (let n = 0; n < 2; n += 1) producer["push"]!(ORDER);
    return (o) => producer["pushAsync"]!(ORDER, o) as never;
  },
  "ring.producer.waitAsync": () => (o) => sides[1]!["waitAsync"]!(o) as never,
  "slotPool.allocAsync": () => {
    region["data"]!["frames"]!["alloc"]!();
    return (o) => region["data"]!["frames"]!["allocAsync"]!(o) as never;
  },
  "workQueue.leased": () => (o) => region["data"]!["jobs"]!["leased"]!(o) as never,
  "workQueue.items": () => (o) => iterated(region["data"]!["jobs"]!["items"]!(o)),
  "workQueue.pushAsync": () => {
    for (let n = 0; n < 2; n += 1) region["data"]!["jobs2"]!["push"]!(ORDER);
    return (o) => region["data"]!["jobs2"]!["pushAsync"]!(ORDER, o) as never;
  },
  "broadcast.reader.waitAsync": () => (o) => region["data"]!["ticks"]!["reader"]!()["waitAsync"]!(o) as never,
  "broadcast.reader.items": () => (o) => iterated(region["data"]!["ticks"]!["reader"]!()["items"]!(o)),
  "bipBuffer.consumer.waitAsync": () => {
    const consumer = side(region["data"]!["stream"]!["consumer"]!());
    return (o) => consumer["waitAsync"]!(o) as never;
  },
  "bipBuffer.producer.pushAsync": () => {
    const producer = side(region["data"]!["stream2"]!["producer"]!());
    while (producer["push"]!(new Uint8Array(16)) as unknown as boolean);
    return (o) => producer["pushAsync"]!(new Uint8Array(16), o) as never;
  },
  "messages.consumer.waitAsync": () => {
    const consumer = side(region["data"]!["log"]!["consumer"]!());
    return (o) => consumer["waitAsync"]!(o) as never;
  },
  "messages.pushAsync": () => {
    while (region["data"]!["log2"]!["push"]!("a message") as unknown as boolean);
    return (o) => region["data"]!["log2"]!["pushAsync"]!("a message", o) as never;
  },
  whenReady: () => (o) => Counter.whenReady("never", { timeoutMs: Infinity, ...o }),
  whenAttached: () => (o) =>
    whenForeignAttached({ ...counterDefinition(), expects: [] }, join(directory, "no"), { timeoutMs: Infinity, ...o }),
  receiveRegion: () => (o) => Counter.receiveRegion(join(directory, "in"), { timeoutMs: Infinity, ...o }),
  sendRegion: () => (o) => sendRegion(region as never, join(directory, "out"), { timeoutMs: Infinity, ...o }),
};
/** Of these nothing waits here; they have nobody to wait for. */
const AT_ONCE: Record<string, Wait> = {
  "seqlock.updateAsync": (o) => region["data"]!["limits"]!["updateAsync"]!(() => undefined, o) as never,
  "map.setAsync": (o) => region["data"]!["sessions"]!["setAsync"]!("a", ORDER, o) as never,
  "map.updateAsync": (o) => region["data"]!["sessions"]!["updateAsync"]!("a", () => undefined, o) as never,
  "map.deleteAsync": (o) => region["data"]!["sessions"]!["deleteAsync"]!("a", o) as never,
  "map.clearAsync": (o) => region["data"]!["sessions"]!["clearAsync"]!(o) as never,
};

const waits = new Map<string, Wait>(Object.entries(AT_ONCE));
const REASON = new Error("enough");
const reasonOf = (wait: Promise<unknown>): Promise<unknown> =>
  wait.then(
    () => "resolved",
    (reason: unknown) => reason,
  );
const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

beforeAll(async () => {
  const { Floor } = (await import(generateModule("floor", SCHEMA))) as Record<string, typeof Counter>;
  region = Floor!.createOrOpen("floor") as never;
  reader = Floor!.openReadOnly("floor") as never;
  for (const [name, make] of Object.entries(WAITS)) waits.set(name, await make());
});
afterAll(() => {
  region?.["close"]!();
  reader?.["close"]!();
});

describe.each([...Object.keys(AT_ONCE), ...Object.keys(WAITS)])("%s", (name) => {
  it("with a signal that is aborted already rejects with its reason, and has done nothing", async () => {
    const signal = AbortSignal.abort(REASON);
    const before = readFileSync(join(directory, "floor"));
    expect(await reasonOf(waits.get(name)!({ signal }))).toBe(REASON);
    expect(readFileSync(join(directory, "floor")).equals(before)).toBe(true);
    expect(listeners(signal)).toBe(0);
  });
});

describe.each(Object.keys(WAITS))("%s", (name) => {
  it("that is pending rejects with the reason, a hundred of them by one listener, and leaves none", async () => {
    const control = new AbortController();
    // Who waits at a path is the only one.
    const count = /Region$|items|changes$/.test(name) ? 1 : 100;
    const pending = Array.from({ length: count }, () => reasonOf(waits.get(name)!({ signal: control.signal })));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(listeners(control.signal)).toBe(1);
    control.abort(REASON);
    expect(new Set(await Promise.all(pending))).toEqual(new Set([REASON]));
    expect(listeners(control.signal)).toBe(0);
    expect(readdirSync(directory)).toEqual(["floor"]);
  });
});

const COUNT = 10_000;
const SCRIPT = `
  const { EventEmitter, getEventListeners } = await import("node:events");
  const warnings = [];
  process.on("warning", ({ message }) => warnings.push(message));
  const region = Counter.createOrOpen("one");
  const port = futexOf(region);
  const { signal } = new AbortController();
`;

it.each([
  ["by io_uring, where there is that", {}],
  ["by a thread", BY_THREAD],
])(
  `one signal for ${COUNT} waits, one after the other and at once: no warning, no listener left, and the process ends; %s`,
  (_how, env) => {
    const text = runScript(
      `${SCRIPT}
      for (let n = 0; n < ${COUNT}; n += 1) await port.waitAsync(128, 0, 0, signal);
      const waits = Array.from({ length: ${COUNT} }, () => port.waitAsync(128, 0, 60_000, signal));
      await new Promise((resolve) => setImmediate(resolve));
      console.log(getEventListeners(signal, "abort").length);
      region.data.count = 1;
      port.notify(128, ${COUNT});
      console.log((await Promise.all(waits)).every((result) => result === "ok"));
      console.log(getEventListeners(signal, "abort").length, warnings.length);
      await Promise.allSettled(Array.from({ length: 100 }, () => Counter.whenReady("never", { timeoutMs: 5, signal })));
      console.log(getEventListeners(signal, "abort").length, warnings.length);
      region.close();`,
      { env },
    );
    expect(text.split("\n")).toEqual(["1", "true", "0 0", "0 0"]);
  },
);

it.each([
  ["by io_uring, where there is that", {}],
  ["by a thread", BY_THREAD],
])("a wake-up that had met a wait which is aborted just then wakes the next one; %s", (_how, env) => {
  const text = runScript(
    `const region = Counter.createOrOpen("next");
      const port = futexOf(region);
      let passed = 0;
      for (let round = 0; round < 50; round += 1) {
        const control = new AbortController();
        const first = port.waitAsync(128, 0, 60_000, control.signal).catch((reason) => reason);
        const second = port.waitAsync(128, 0, 60_000);
        await new Promise((resolve) => setTimeout(resolve, 5));
        // The first in the kernel's queue gets it; the loop of events has not heard of it when the signal comes.
        const woken = port.notify(128, 1);
        control.abort("over");
        let isOver = false;
        void second.then(() => (isOver = true));
        // Nobody was asleep just then, on a busy machine: that says nothing.
        while (woken === 0 && !isOver) {
          port.notify(128, 1);
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
        const results = await Promise.all([first, second]);
        if (results[0] === "over" && results[1] === "ok") passed += 1;
      }
      console.log(passed);
      region.close();`,
    { env },
  );
  expect(text).toBe("50");
});

it("an aborted wait keeps no process alive, and no memory: the region closes at once", () => {
  const text = runScript(
    `const region = Counter.createOrOpen("short");
    const control = new AbortController();
    const wait = futexOf(region).waitAsync(128, 0, Infinity, control.signal).catch((reason) => reason);
    setTimeout(() => control.abort("over"), 20);
    console.log(await wait);
    region.close();`,
  );
  expect(text).toBe("over");
});

it("the timeout and the signal of a field's wait are one object of options, and a number is short for the first", async () => {
  const word = region["data"]!["$word"]!;
  expect(await word["waitAsync"]!(0, 5)).toBe("timed-out");
  expect(await word["waitAsync"]!(0, { timeoutMs: 5 })).toBe("timed-out");
  expect(await word["waitAsync"]!(1, { signal: new AbortController().signal })).toBe("not-equal");
  for (const options of [{ timeoutMs: -1 }, { timeoutMs: "5" }, { signal: 5 }, -1, "5"]) {
    await expect((async () => word["waitAsync"]!(0, options))()).rejects.toMatchObject({ code: "ERR_SHM_RANGE" });
  }
});

it("everything public that returns a promise takes a signal", () => {
  const lib = new URL("../../runtime/lib/", import.meta.url);
  const types = readdirSync(lib)
    .filter((name) => name.endsWith(".d.cts"))
    .map((name) => readFileSync(new URL(name, lib), "utf8"))
    .join("\n");
  /** Types of options that have a signal, by what they extend. */
  const having = new Set(["AbortOptions"]);
  for (let size = 0; size !== having.size;) {
    size = having.size;
    for (const [, name = "", body = ""] of types.matchAll(
      /(?:interface|type) (\w+)(?:<[^>]*>)?((?: extends|\s=)[^{;]*)/g,
    )) {
      if ([...having].some((one) => new RegExp(`\\b${one}\\b`).test(body))) having.add(name);
    }
  }
  expect([...having]).toEqual(expect.arrayContaining(["WaitAsyncOptions", "WhenReadyOptions", "LockAsyncOptions"]));
  const methods = [
    ...types.matchAll(
      /^\s+(?:static |declare function )?(\w+)(?:<[^>]*>)?\(([^)]*(?:\([^)]*\)[^)]*)*)\): (?:Promise|AsyncIterableIterator|AsyncGenerator)</gm,
    ),
  ];
  const without = methods
    .filter(
      ([, , parameters = ""]) =>
        ![...having].some((one) => new RegExp(`\\b${one}\\b`).test(parameters)) && !parameters.includes("signal"),
    )
    .map(([, name]) => name);
  expect(methods.length).toBeGreaterThan(20);
  expect([...new Set(without)]).toEqual([]);
});

it("a region of another layout is not waited for, signal or not", async () => {
  using other = counterOf({ version: 2 }).createOrOpen("other");
  expect(other.outcome).toBe("created");
  const { signal } = new AbortController();
  await expect(Counter.whenReady("other", { signal })).rejects.toMatchObject({ code: "ERR_SHM_VERSION" });
  expect(listeners(signal)).toBe(0);
});
