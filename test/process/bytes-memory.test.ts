/** Buffers and messages over each kind of memory, in threads of one process, and as people see them. */
import { once } from "node:events";
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { snapshot } from "@shmgen/runtime";
import { logs, piece } from "../support/containers/logs.js";
import { KINDS } from "../support/run/system.js";

const { open, opened, typeOf, written } = logs();

it.each(KINDS)("both work over memory that was mapped as %s", async (mapping) => {
  const Log = (await typeOf()) as unknown as {
    createOrOpen(name: string, options: object): Awaited<ReturnType<typeof open>>;
  };
  const region = Log.createOrOpen("log", { mapping });
  opened.push(region);
  const { bytes, log } = region.data;
  using producer = bytes.producer();
  using consumer = bytes.consumer();
  using listener = log.consumer();
  for (let round = 0; round < 50; round += 1) {
    const claimed = producer.claim(100);
    claimed?.set(piece(round, 100));
    if (claimed !== undefined) producer.publish();
    const shown = consumer.peek();
    if (shown !== undefined) {
      expect(shown.buffer instanceof SharedArrayBuffer).toBe(mapping === "wasm");
      expect(shown).toHaveLength(100);
      consumer.release();
    }
    expect([log.push(`text ${round} é`), log.pushJson({ round }), log.push(piece(round, 9))]).toEqual([
      true,
      true,
      true,
    ]);
    expect([listener.take()?.text, listener.take()?.json()]).toEqual([`text ${round} é`, { round }]);
    const last = listener.take()?.bytes as Uint8Array;
    expect([[...last], last.buffer instanceof ArrayBuffer]).toEqual([[...piece(round, 9)], true]);
  }
  // Node decodes text over shared memory.
  log.push("grüße");
  expect(new TextDecoder().decode(listener.peek()?.bytes)).toBe("grüße");
});

it("threads of one process are several producers", async () => {
  const url = await written(256, 4096);
  const region = await open(256, 4096);
  const { log } = region.data;
  using listener = log.consumer();
  const code = `
    const { workerData } = require("node:worker_threads");
    import(workerData.url).then(({ Log }) => {
      const region = Log.open("log");
      for (let at = 0; at < 2000; at += 1) region.data.log.pushWait(workerData.who + " " + at);
      region.close();
    });`;
  const workers = [1, 2, 3].map((who) => new Worker(code, { eval: true, workerData: { url, who } }));
  const next = [0, 0, 0, 0];
  const failed = Promise.all(workers.map((worker) => once(worker, "exit"))).then((ends) =>
    expect(ends.flat()).toEqual([0, 0, 0]),
  );
  for await (const { text } of listener) {
    const [who = 0, at] = text.split(" ").map(Number);
    expect(at).toBe(next[who]);
    next[who]! += 1;
    if (next.reduce((sum, count) => sum + count) < 6000) continue;
    listener.release();
    break;
  }
  await failed;
  expect([next, log.used]).toEqual([[0, 2000, 2000, 2000], 0]);
});

it("console.log, snapshot and JSON show how full they are, and who has them", async () => {
  const region = await open();
  const { bytes, log } = region.data;
  using producer = bytes.producer();
  using listener = log.consumer();
  producer.push(piece(0, 5));
  log.push("hello");
  const me = expect.stringMatching(new RegExp(`^process ${process.pid} `)) as string;
  const [shown, said] = [
    { used: 5, capacity: 256, producer: me, consumer: null },
    { used: 16, capacity: 256, producer: null, consumer: me },
  ];
  expect(snapshot(region.data)).toMatchObject({ bytes: shown, log: said });
  expect(JSON.parse(JSON.stringify({ bytes, log }))).toEqual({ bytes: shown, log: said });
  expect(inspect(bytes)).toMatch(/^BipBuffer \{ ?\n? *used: 5/);
  const message = listener.peek();
  expect(inspect(message)).toBe("Message { kind: 'text', length: 5, text: 'hello' }");
  expect(() => structuredClone(listener)).toThrow();
});
