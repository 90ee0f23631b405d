/**
 * Locks of generated code in a storm: processes that take them in every way, and are killed, stopped and replaced meanwhile. Under each
 * lock stand two numbers that are equal unless somebody died between them, and one for each process.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Region } from "@shmgen/runtime";
import type { AtomicNum, Flyweight } from "@shmgen/runtime/codegen-v1";
import type { Event, Mutex, Semaphore } from "@shmgen/runtime/containers-v1";
import { type Child, type ChildContext, regionDirectory, startProcess } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { compileSchema } from "../support/schemas/generated.js";
import { resume, STOPS, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const folder = mkdtempSync(join(tmpdir(), "shmgen-storm-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const MODULE = pathToFileURL(join(folder, "storm.js")).href;

const ROOMS = 3;
const SLOTS = 64;
const SCHEMA = `
import type { array, atomic, event, mutex, Region, semaphore, u32 } from "@shmgen/schema";
export interface Room { total: u32; door: mutex; half: u32; mine: array<u32, ${SLOTS}>; }
export interface Hotel extends Region<{ type: 91; version: 1; participants: 15 }> {
  isOver: atomic<u32>;
  bell: event;
  seats: semaphore<2>;
  rooms: array<Room, ${ROOMS}>;
}`;

interface Room {
  total: number;
  half: number;
  readonly door: Mutex;
  readonly mine: { [index: number]: number; readonly length: number };
}
interface Hotel extends Flyweight {
  isOver: number;
  readonly $isOver: AtomicNum;
  readonly bell: Event;
  readonly seats: Semaphore;
  readonly rooms: { at(index: number): Room };
}
interface Generated {
  readonly Hotel: { createOrOpen(name: string): Region<Hotel> };
}

beforeAll(async () => {
  const { files, diagnostics } = await compileSchema({ "storm.shm.ts": SCHEMA });
  expect(diagnostics).toEqual([]);
  const { resolve } = createRequire(import.meta.url);
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  for (const { path, text } of files) {
    const own = text.replaceAll(/"(@shmgen\/runtime\/[a-z0-9-]+)"/g, (_, door: string) =>
      JSON.stringify(pathToFileURL(resolve(door)).href),
    );
    writeFileSync(join(folder, path), own);
  }
});

interface Order {
  readonly directory: string;
  readonly module: string;
  readonly slot: number;
  readonly rooms: number;
}

/** Until it is over, or killed. Says how many turns it had, and what was wrong. */
async function live({ load }: ChildContext, { directory: own, module, slot, rooms }: Order) {
  process.env["SHMGEN_DIR"] = own;
  const { Hotel: OwnHotel } = (await load(module)) as Generated;
  const region = OwnHotel.createOrOpen("storm");
  const { data } = region;
  const wrong: string[] = [];
  let turns = 0;
  const mend = (room: Room) => (): void => {
    room.half = room.total;
  };
  const change = (room: Room, isWhole: boolean): void => {
    if (isWhole && room.total !== room.half) wrong.push(`total ${room.total}, half ${room.half}`);
    room.total += 1;
    room.mine[slot] = (room.mine[slot] ?? 0) + 1;
    room.half += 1;
    turns += 1;
  };
  const options = { timeoutMs: 30_000 };
  const ways: ((room: Room) => void | Promise<void>)[] = [
    (room) => {
      const lock = room.door.lock({ ...options, repair: mend(room) });
      change(room, true);
      lock.unlock();
    },
    (room) => {
      const lock = room.door.tryLock({ repair: mend(room) });
      if (lock !== undefined) change(room, true);
      lock?.unlock();
    },
    async (room) => {
      const flow = async (): Promise<void> => {
        const lock = await room.door.lockAsync({ ...options, repair: mend(room) });
        change(room, true);
        lock.unlock();
      };
      await Promise.all([flow(), flow(), flow()]);
    },
    () => {
      const permit = data.seats.acquire(options);
      if (data.seats.available > 1) wrong.push("a permit is taken, and all are there");
      permit.release();
    },
    async () => {
      const permit = await data.seats.acquireAsync(options);
      await Promise.resolve();
      permit.release();
    },
    () => {
      data.bell.set();
      data.bell.reset();
    },
  ];
  for (let round = 0; data.$isOver.load() === 0; round += 1) {
    try {
      await ways[Math.floor(Math.random() * ways.length)]?.(data.rooms.at(round % rooms));
    } catch (error) {
      wrong.push(String(error));
    }
    if (round % 100 === 0) await new Promise((done) => setTimeout(done, 0));
  }
  region.close();
  return { turns, wrong: wrong.slice(0, 3) };
}

it(
  "loses nothing, has nobody wait for the dead, and leaves every lock and permit usable",
  { tags: ["soak"] },
  async () => {
    const { Hotel: OwnHotel } = (await import(/* @vite-ignore */ MODULE)) as Generated;
    using region = OwnHotel.createOrOpen("storm");
    const { data } = region;
    const random = new Random(runSeed("storm of locks"));
    const rounds = byDepth(12, 24, 150);
    let slots = 0;
    let [kills, stops] = [0, 0];
    const start = async (): Promise<{ child: Child; ended: Promise<Awaited<ReturnType<typeof live>> | undefined> }> => {
      const child = await startProcess();
      const order: Order = { directory, module: MODULE, slot: slots++ % SLOTS, rooms: ROOMS };
      return { child, ended: child.run(live, order).catch(() => undefined) };
    };
    const lives = await Promise.all([start(), start(), start()]);
    for (let round = 0; round < rounds; round += 1) {
      await new Promise((done) => setTimeout(done, random.integer(5, 60)));
      const at = random.integer(0, lives.length - 1);
      const one = lives[at];
      if (one === undefined) continue;
      if (random.chance(STOPS)) {
        suspend(one.child);
        stops += 1;
        await new Promise((done) => setTimeout(done, random.integer(1, 150)));
        resume(one.child);
      } else {
        await one.child.kill();
        kills += 1;
        lives[at] = await start();
      }
    }
    data.$isOver.store(1);
    const ended = await Promise.all(lives.map(({ ended: end }) => end));
    expect(ended.flatMap((end) => end?.wrong ?? ["it ended"])).toEqual([]);
    await Promise.all(lives.map(({ child }) => child.kill()));
    let total = 0;
    for (let index = 0; index < ROOMS; index += 1) {
      const room = data.rooms.at(index);
      const lock = room.door.lock({ repair: () => void (room.half = room.total) });
      expect(room.half).toBe(room.total);
      const mine = Array.from({ length: SLOTS }, (_, slot) => room.mine[slot] ?? 0).reduce(
        (sum, count) => sum + count,
        0,
      );
      expect(room.total - mine).toBeGreaterThanOrEqual(0);
      expect(room.total - mine).toBeLessThanOrEqual(kills);
      total += room.total;
      lock.unlock();
    }
    const permits = [data.seats.acquire(), data.seats.acquire()];
    expect(data.seats.available).toBe(0);
    for (const permit of permits) permit.release();
    tally("locks", { operations: total, kills, stops, bells: data.bell.count });
    expect(total).toBeGreaterThan(100);
  },
);
