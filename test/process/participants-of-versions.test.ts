/** Regions of one version under the code of another, with containers that one of them does not have. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Flyweight, Region, ShmError } from "@shmgen/runtime";
import type { Mutex } from "@shmgen/runtime/containers-v1";
import { codeOf, regionDirectory, startProcess } from "../support/processes/processes.js";
import { writeSchema } from "../support/schemas/generated.js";

regionDirectory();
const folder = mkdtempSync(join(tmpdir(), "shmgen-floors-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface FloorData extends Flyweight {
  readonly door: Mutex;
  readonly rooms: { at(index: number): { readonly lock: Mutex } };
  readonly gate: Mutex | undefined;
}
type Open = (name: string, options?: object) => Region<FloorData>;
interface Module {
  readonly Floor: { readonly createOrOpen: Open; readonly openReadOnly: Open };
}

const schema = (options: string, more: string): string =>
  `import type { Region, array, mutex, since, u32 } from "@shmgen/schema";
  export interface Floor extends Region<{ type: 1; participants: 3; ${options} }> { door: mutex; rooms: array<Room, 2>; ${more} }
  export interface Room { floor: u32; lock: mutex }`;
const urlOf = (version: number): string => pathToFileURL(join(folder, String(version), "floor.js")).href;

let one: Module["Floor"];
let two: Module["Floor"];

beforeAll(async () => {
  const load = async (version: number, options: string, more: string): Promise<Module["Floor"]> => {
    await writeSchema({ "floor.shm.ts": schema(options, more) }, join(folder, String(version)));
    return ((await import(/* @vite-ignore */ urlOf(version))) as Module).Floor;
  };
  one = await load(1, "version: 1", "");
  two = await load(2, "version: 2; readableFrom: 1", "gate: since<mutex, 2>");
});

/** Another process takes all locks that its version has, and is killed. */
async function dieWithAll(version: number, name: string): Promise<void> {
  const child = await startProcess();
  await child.run(
    async ({ load, kept }, url, name) => {
      const { Floor } = (await load(url)) as Module;
      const region = Floor.createOrOpen(name);
      region.data.door.lock();
      region.data.rooms.at(1).lock.lock();
      region.data.gate?.lock();
      kept["floor"] = region as never;
    },
    urlOf(version),
    name,
  );
  await child.kill();
}

it("newer code recovers what an older region has, and touches nothing where it has something else", async () => {
  using old = one.createOrOpen("older");
  const bytes = old.memory.u8;
  const before = bytes.slice(128 + 64 + 3 * 64 + 64);
  await dieWithAll(2, "older");
  using region = two.createOrOpen("older", { mapping: "view" });
  expect([region.actingVersion, region.data.gate]).toEqual([1, undefined]);
  expect(region.participants()).toMatchObject([
    { number: 1, alive: false, holds: ["door: holds the lock", "rooms[1].lock: holds the lock"] },
  ]);
  expect([region.recover(), region.participants()]).toEqual([[1], []]);
  expect(codeOf(() => region.data.door.lock())).toBe("ERR_SHM_ABANDONED");
  // Behind the payload, where the gate would be, lies the region's own description.
  expect(bytes.slice(128 + 64 + 3 * 64 + 64)).toEqual(before);
});

it("errors say which one of several containers it was, by its path", async () => {
  using region = one.createOrOpen("paths");
  const child = await startProcess();
  await child.run(async ({ load, kept }, url) => {
    const { Floor } = (await load(url)) as Module;
    const own = Floor.createOrOpen("paths");
    own.data.door.lock();
    own.data.rooms.at(1).lock.lock();
    kept["floor"] = own as never;
  }, urlOf(1));
  const fieldOf = (lock: Mutex): string => {
    try {
      return String(lock.lock({ timeoutMs: 0 }).abandoned);
    } catch (error) {
      return (error as ShmError).field ?? "none";
    }
  };
  const { door, rooms } = region.data;
  expect([door, rooms.at(1).lock].map(fieldOf)).toEqual(["Floor.door", "rooms[1].lock"]);
  await child.kill();
  expect(fieldOf(rooms.at(1).lock)).toBe("rooms[1].lock");
  expect(fieldOf(rooms.at(0).lock)).toBe("false");
});

it("older code gives back what it knows of a newer region, and leaves the number to newer code", async () => {
  using newer = two.createOrOpen("newer");
  await dieWithAll(2, "newer");
  const region = one.createOrOpen("newer", { mapping: "view" });
  expect([region.actingVersion, region.recover()]).toEqual([2, [1]]);
  expect(codeOf(() => region.data.door.lock())).toBe("ERR_SHM_ABANDONED");
  // Nobody else gets the number while a container may have it that older code does not know.
  expect(region.participants()).toMatchObject([
    { number: 1, alive: false },
    { number: 2, alive: true },
  ]);
  region.close();
  expect(newer.participants()).toMatchObject([{ number: 1, holds: ["gate: holds the lock"] }]);
  expect([newer.recover(), newer.participants()]).toEqual([[1], []]);
  expect(codeOf(() => newer.data.gate?.lock())).toBe("ERR_SHM_ABANDONED");
});
