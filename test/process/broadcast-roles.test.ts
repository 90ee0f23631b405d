/** Who is the writer of a broadcast, how its readers wait, and what closing does to them. */
import { afterEach, describe, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import { isShmError } from "@shmgen/runtime/codegen-v1";
import type { BroadcastCursor } from "@shmgen/runtime/containers-v1";
import { type FeedsData, type FeedsModule, generateFeeds, type Tick } from "../support/containers/feeds.js";
import { messageOf } from "../support/containers/floors.js";
import { type Child, codeOf, regionDirectory, startProcess, until } from "../support/processes/processes.js";
import { startThread } from "../support/threads/threads.mjs";
import { givenTo } from "../support/threads/given.js";

const directory = regionDirectory();
const FEEDS = generateFeeds();
const { Feeds } = (await import(FEEDS)) as FeedsModule;
const children: Child[] = [];
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.kill()));
});
let regions = 0;
const feed = (): Region<FeedsData> => Feeds.createOrOpen(`roles-${(regions += 1)}`);

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "none",
    (error: unknown) => (isShmError(error) ? error.code : error),
  );
}

/** A process that is the writer, and publishes when it is told. */
async function startWriter(name: string): Promise<{ readonly child: Child; publish(...ids: number[]): Promise<void> }> {
  const child = await startProcess();
  children.push(child);
  await child.run(
    async ({ load, kept }, url, region, own) => {
      process.env["SHMGEN_DIR"] = own;
      const { Feeds: OwnFeeds } = (await load(url)) as FeedsModule;
      const opened = OwnFeeds.open(region);
      Object.assign(kept, { region: opened, writer: opened.data.ticks.writer() });
    },
    FEEDS,
    name,
    directory,
  );
  const publish = async (...ids: number[]): Promise<void> =>
    child.run(({ kept }, given) => {
      const { writer } = kept as unknown as { readonly writer: { publish(tick: { id: number }): void } };
      for (const id of given) writer.publish({ id });
    }, ids);
  return { child, publish };
}

describe("the role of the writer", () => {
  it("is that of one thread, others are told whose, and a dead one's is taken over with all that it published", async () => {
    using region = feed();
    const { ticks } = region.data;
    const first = ticks.writer();
    expect(messageOf(() => ticks.writer())).toMatch(/this thread is its writer already/);
    expect(ticks.toJSON().writer).toContain(`process ${process.pid}`);
    expect(region.participants()).toMatchObject([{ pid: process.pid, holds: ["ticks: writer"] }]);
    first.close();
    first.close();
    expect(codeOf(() => first.publish({ id: 1 }))).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => first.publish())).toBe("ERR_SHM_CLOSED");
    expect(codeOf(() => first.claim())).toBe("ERR_SHM_CLOSED");
    expect(ticks.toJSON().writer).toBeNull();
    const cursor = ticks.reader();
    const { child, publish } = await startWriter(region.name);
    await publish(1, 2);
    expect(messageOf(() => ticks.writer())).toContain(
      `there is a writer already: pid=${child.pid} holder="process ${child.pid}`,
    );
    await child.kill();
    expect(ticks.toJSON().writer).toMatch(/dead$/);
    using second = ticks.writer();
    expect(second.position).toBe(2);
    second.publish({ id: 3 });
    expect([1, 2, 3].map(() => (cursor.read() as Tick).id)).toEqual([1, 2, 3]);
  });

  it("falls free with a worker that is terminated", async () => {
    using region = feed();
    const { ticks } = region.data;
    const cursor = ticks.reader();
    const thread = await startThread();
    await thread.run(
      async ({ load, kept }, { url, given }) => {
        const { Feeds: OwnFeeds } = (await load(url)) as FeedsModule;
        const opened = typeof given === "string" ? OwnFeeds.open(given) : OwnFeeds.fromShared(given);
        const writer = opened.data.ticks.writer();
        writer.publish({ id: 1 });
        writer.claim().id = 2;
        Object.assign(kept, { opened, writer });
      },
      { url: FEEDS, given: givenTo(region) },
    );
    expect(codeOf(() => ticks.writer())).toBe("ERR_SHM_BUSY");
    await thread.end();
    using writer = ticks.writer();
    writer.publish({ id: 3 });
    expect([1, 3, undefined].map(() => (cursor.read() as Tick | undefined)?.id)).toEqual([1, 3, undefined]);
  });

  it("goes to another handle of the thread when its own is closed, and falls free with the last", async () => {
    const [one, two] = [feed(), Feeds.open(`roles-${regions}`)];
    const writer = one.data.ticks.writer();
    expect(messageOf(() => two.data.ticks.writer())).toMatch(/this thread is its writer already/);
    one.close();
    expect(codeOf(() => writer.publish({ id: 1 }))).toBe("ERR_SHM_CLOSED");
    writer.close();
    const again = two.data.ticks.writer();
    again.publish({ id: 1 });
    const child = await startProcess();
    children.push(child);
    const write = async (): Promise<string> =>
      child.run(
        async ({ load }, url, name, own) => {
          process.env["SHMGEN_DIR"] = own;
          const { Feeds: OwnFeeds } = (await load(url)) as FeedsModule;
          const opened = OwnFeeds.createOrOpen(name);
          try {
            opened.data.ticks.writer().close();
            return "took it";
          } catch (error) {
            return String((error as { code?: string }).code);
          } finally {
            opened.close();
          }
        },
        FEEDS,
        two.name,
        directory,
      );
    expect(await write()).toBe("ERR_SHM_BUSY");
    two.close();
    expect(await write()).toBe("took it");
  });
});

describe("a reader that waits", () => {
  it("is woken by each publication of another process, blocking and not, and names the writer when none comes", async () => {
    using region = feed();
    const { ticks } = region.data;
    const [cursor, other] = [ticks.reader(), ticks.reader()];
    expect(messageOf(() => cursor.wait({ timeoutMs: 20 }))).toMatch(/nothing was published in time: writer=nobody/);
    const { child, publish } = await startWriter(region.name);
    for (let id = 1; id <= 20; id += 1) {
      const comes = [cursor.waitAsync({ timeoutMs: 60_000 }), other.waitAsync({ timeoutMs: 60_000 })];
      await publish(id);
      await Promise.all(comes);
      expect([(cursor.read() as Tick).id, (other.read() as Tick).id]).toEqual([id, id]);
    }
    const published = publish(21);
    cursor.wait();
    expect((cursor.read() as Tick).id).toBe(21);
    await published;
    expect(messageOf(() => cursor.wait({ timeoutMs: 20 }))).toContain(`pid=${child.pid}`);
    expect(await rejection(cursor.waitAsync({ timeoutMs: 20 }))).toBe("ERR_SHM_BUSY");
    // There is something: nobody sleeps.
    cursor.wait.call(other, { timeoutMs: 0 });
    await other.waitAsync({ timeoutMs: 0 });
    const reason = new Error("enough");
    const abort = new AbortController();
    const aborted = rejection(cursor.waitAsync({ signal: abort.signal }));
    abort.abort(reason);
    expect(await aborted).toBe(reason);
    expect(await rejection(cursor.waitAsync({ signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  it("has all elements in a loop, learns what it missed there, and ends by its signal or with its region", async () => {
    const region = feed();
    const { ticks } = region.data;
    const cursor = ticks.reader();
    const abort = new AbortController();
    const seen: (readonly [id: number, missed: number])[] = [];
    const loop = rejection(
      (async () => {
        for await (const { id } of cursor.items({ signal: abort.signal })) seen.push([id, cursor.missed]);
      })(),
    );
    const { publish } = await startWriter(region.name);
    await publish(1);
    await until(() => seen.length === 1, "the first one is seen");
    // All at once, and more than there is room for, before the loop gets its turn.
    const published = publish(...Array.from({ length: 30 }, (_, at) => at + 2));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
    await published;
    await until(() => seen.at(-1)?.[0] === 31, "the last one is seen");
    const missed = seen.reduce((sum, [, count]) => sum + count, 0);
    expect(seen.length + missed).toBe(31);
    expect(cursor.missedInAll).toBe(missed);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await loop).toBe(reason);
    await publish(32);
    for await (const { id } of cursor) {
      expect([id, cursor.missed]).toEqual([32, 0]);
      break;
    }
    const iterating = rejection(
      (async () => {
        for await (const { id } of cursor) expect.unreachable(`element ${id}`);
      })(),
    );
    const waiting = rejection(cursor.waitAsync({ timeoutMs: Infinity }));
    await new Promise((resolve) => setTimeout(resolve, 30));
    region.close();
    expect([await waiting, await iterating]).toEqual(["ERR_SHM_CLOSED", "ERR_SHM_CLOSED"]);
  });

  it("leaves the event loop its turns while elements come all the time", async () => {
    using region = feed();
    const { numbers } = region.data;
    using writer = numbers.writer();
    const cursor = numbers.reader();
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const latest = performance.now() + 10_000;
    writer.publish(1n);
    for await (const value of cursor) {
      if (turns > 2 || performance.now() > latest) break;
      writer.publish(value + 1n);
    }
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
  });
});

describe("after close", () => {
  it("everything throws, frozen or not", async () => {
    const region = feed();
    const { ticks, numbers } = region.data;
    const [cursor, frozen] = [ticks.reader(), Object.freeze(numbers.reader()) as BroadcastCursor<bigint>];
    const [writer, frozenWriter] = [ticks.writer(), Object.freeze(numbers.writer())];
    Object.freeze(numbers);
    frozenWriter.publish(1n);
    frozenWriter.publish(2n);
    expect(frozen.read()).toBe(1n);
    writer.claim();
    region.close();
    for (const use of [
      () => ticks.reader(),
      () => ticks.writer(),
      () => ticks.published,
      () => ticks.capacity,
      () => cursor.read(),
      () => cursor.lag,
      () => cursor.wait(),
      () => writer.publish({ id: 1 }),
      () => writer.publish(),
      () => writer.claim(),
      () => numbers.reader(),
      () => numbers.writer(),
      () => numbers.published,
      () => frozen.read(),
      () => frozen.lag,
      () => frozen.wait(),
      () => frozenWriter.publish(1n),
    ]) {
      expect(codeOf(use)).toBe("ERR_SHM_CLOSED");
    }
    expect(await rejection(frozen.waitAsync())).toBe("ERR_SHM_CLOSED");
    writer.close();
    frozenWriter.close();
  });

  it("a value whose getter closes the region or the writer is not published", () => {
    const region = feed();
    const { ticks } = region.data;
    const writer = ticks.writer();
    const closing = (close: () => void): { readonly id: number } => ({
      get id() {
        close();
        return 1;
      },
    });
    expect(codeOf(() => writer.publish(closing(() => writer.close())))).toBe("ERR_SHM_CLOSED");
    expect(ticks.published).toBe(0);
    const again = ticks.writer();
    expect(codeOf(() => again.publish(closing(() => region.close())))).toBe("ERR_SHM_CLOSED");
  });
});
