/** Participants in lists of regions, which are counted without mapping anything. */
import * as fs from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type ListedRegion, listRegions } from "@shmgen/runtime";
import { HEADER_OFFSET, HEADER_SIZE } from "@shmgen/schema/region-format";
import { shmgen } from "../cli/run-cli.js";
import { Board, boardOf } from "../support/containers/board.mjs";
import { sittingProcess } from "../support/containers/sitters.js";
import { regionDirectory } from "../support/processes/processes.js";
import { Counter } from "../support/regions/counter.mjs";
import { regionBytes } from "../support/regions/region-bytes.js";
import { resume, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();

/** Of the regions that have any, by name. */
function participants(): Record<string, ListedRegion["participants"]> {
  return Object.fromEntries(
    listRegions().flatMap(({ name, participants: counts }) => (counts === undefined ? [] : [[name, counts]])),
  );
}

it("are counted in regions that have a table, and the dead until somebody recovers them", async () => {
  using plain = Counter.createOrOpen("plain");
  expect(plain.outcome).toBe("created");
  const [one, other] = [await sittingProcess("board"), await sittingProcess("board")];
  using region = Board.open("board", { cleanup: "keep" });
  expect(participants()).toEqual({ board: { taken: 0, dead: 0, capacity: 3 } });
  await one.sit(0);
  await other.sit(1);
  region.data.sit(2);
  expect(participants()).toEqual({ board: { taken: 3, dead: 0, capacity: 3 } });
  suspend(other.at);
  await one.at.kill();
  // Who is stopped is alive.
  expect(participants()).toEqual({ board: { taken: 3, dead: 1, capacity: 3 } });
  resume(other.at);
  expect(shmgen(["list"]).out).toContain("\nboard: 3 participants, 1 dead\n");
  const json = JSON.parse(shmgen(["list", "--json"]).out) as ListedRegion[];
  expect(json.map(({ name, participants: counts }) => [name, counts])).toEqual([
    ["board", { taken: 3, dead: 1, capacity: 3 }],
    ["plain", undefined],
  ]);
  // Looking recovers nothing.
  expect(region.recover()).toEqual([1]);
  expect(participants()).toEqual({ board: { taken: 2, dead: 0, capacity: 3 } });
  expect(shmgen(["list"]).out).toContain("\nboard: 2 participants\n");
  region.close();
  await other.at.kill();
  expect(listRegions().find(({ name }) => name === "board")).toMatchObject({
    state: "stale",
    participants: { taken: 1, dead: 1, capacity: 3 },
  });
  fs.rmSync(join(directory, "board"));
});

it("are counted for each layout, however many regions there are", () => {
  const boards = [1, 2, 3].map((version) => boardOf({ version, participants: version * 10 }));
  const regions = boards.flatMap((board, kind) =>
    Array.from({ length: 15 }, (_, index) => board.createOrOpen(`board-${kind}-${index}`)),
  );
  for (const { data } of regions) data.sit(0);
  const found = Object.entries(participants());
  expect(found.length).toBe(45);
  for (const [name, counts] of found) {
    expect(counts).toEqual({ taken: 1, dead: 0, capacity: (Number(name.split("-")[1]) + 1) * 10 });
  }
  for (const region of regions) region.close();
});

it("leave no descriptor open, and nobody a user", () => {
  using region = Board.createOrOpen("board");
  expect(region.participants()).toEqual([]);
  Board.createOrOpen("left", { cleanup: "keep" }).close();
  const descriptors = (): number => fs.readdirSync("/proc/self/fd").length;
  listRegions();
  const before = descriptors();
  for (let count = 0; count < 5; count += 1) listRegions();
  expect(descriptors()).toBe(before);
  expect(listRegions().map(({ name, state }) => [name, state])).toEqual([
    ["board", "live"],
    ["left", "stale"],
  ]);
  fs.rmSync(join(directory, "left"));
});

it("are left out where a descriptor is damaged, or has a table that cannot be in the region", () => {
  const path = join(directory, "board");
  const found = (bytes: Uint8Array): ReturnType<typeof participants> => {
    fs.writeFileSync(path, bytes, { mode: 0o600 });
    try {
      expect(listRegions()).toMatchObject([{ name: "board", state: "stale" }]);
      return participants();
    } finally {
      fs.rmSync(path);
    }
  };
  Board.createOrOpen("board", { cleanup: "keep" }).close();
  const whole = fs.readFileSync(path);
  expect(found(whole)).toEqual({ board: { taken: 0, dead: 0, capacity: 3 } });
  const damaged = Uint8Array.from(whole);
  damaged.fill(0xff, Number(whole.readBigUInt64LE(HEADER_OFFSET.descriptorOffset)) + 16);
  expect(found(damaged)).toEqual({});
  // A table of so many, in a region that has room for three or says itself what cannot be.
  const described = (count: number, payloadSize: number): Uint8Array => {
    const descriptor = Buffer.from(boardOf({ participants: count }).definition.descriptor, "base64");
    const version = { version: 1, readableFrom: 1, fingerprint: "1".repeat(16) };
    return regionBytes({ typeId: 77, ...version, payloadSize, tailStride: 0, tailLength: 0, descriptor });
  };
  expect(found(described(3, 272))).toEqual({ board: { taken: 0, dead: 0, capacity: 3 } });
  for (const count of [4, 63, 0xffff, 2 ** 40]) expect(found(described(count, 272))).toEqual({});
  const size = 64 + 64 * 0xffff + 16;
  expect(found(described(0xffff, size))).toEqual({});
  const everybody = Uint8Array.from(whole);
  for (let number = 1; number <= 3; number += 1) everybody[HEADER_SIZE + 64 * number] = 1;
  expect(found(everybody)).toEqual({ board: { taken: 3, dead: 3, capacity: 3 } });
});
