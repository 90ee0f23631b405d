/** Which containers a region of another version has, by what it says of itself. */
import { describe, expect, it } from "vitest";
import type { CanonicalLayout, CanonicalStruct } from "../../schema/dist/evolution/canonical.js";
import type { TypeIr } from "../../schema/dist/type-kinds.js";
import type { PlacedContainer, RegionContainers } from "../../runtime/dist/runtime/access/placed.js";
import { containersOfVersion } from "../../runtime/dist/runtime/format/containers-of-version.js";

const type = { recover: () => undefined };
const shape = { size: 16, align: 8, at: {} };
const placed = (name: string, offset: number, repeat?: PlacedContainer["repeat"]): PlacedContainer => ({
  type,
  name,
  offset,
  shape,
  ...(repeat && { repeat }),
});

type Field = readonly [name: string, offset: number, type: TypeIr];
const of = (index: number): TypeIr => ({ kind: "struct", struct: String(index) });
function struct(name: string, size: number, fields: readonly Field[], role?: string): CanonicalStruct {
  const all = fields.map(([field, offset, type]) => ({ name: field, type, offset, size: 0 }));
  return { name, size, align: 8, packed: false, fields: all, ...(role !== undefined && { role }) };
}
const MUTEX = struct("mutex", 16, [["word", 0, { kind: "atomic", of: { kind: "scalar", scalar: "u32" } }]], "mutex");
const EVENT = struct("event", 16, [], "event");
const TABLE = struct("$participants", 128, [], "participants");
const ROOM = struct("Room", 64, [["door", 16, of(1)]]);
/** Structs 1 to 4 are mutex, event, table, room. */
const layout = (fields: readonly Field[], more: readonly CanonicalStruct[] = []): CanonicalLayout => ({
  structs: [struct("Root", 1024, [["$participants", 0, of(3)], ...fields]), MUTEX, EVENT, TABLE, ROOM, ...more],
  enums: [],
  bits: [],
});

const DOOR: Field = ["door", 128, of(1)];
const ROOMS: Field = ["rooms", 192, { kind: "array", of: of(4), length: 3 }];
const BELL: Field = ["bell", 512, of(2)];
const containers: RegionContainers = {
  participants: 1,
  placed: [placed("door", 128), placed("rooms[].door", 208, [[3, 64]])],
};
const names = (found: ReturnType<typeof containersOfVersion>): unknown => [
  found?.placed.map(({ name }) => name),
  found?.hasOthers,
];

describe("containers of another version", () => {
  const ours = layout([DOOR, ROOMS, BELL]);

  it("are all of them where the region has the same, also by another name, and with events, which have no owners", () => {
    const theirs = layout([["gate", 128, of(1)], ROOMS, BELL, ["bells", 600, of(2)]]);
    expect(names(containersOfVersion(containers, ours, theirs))).toEqual([["door", "rooms[].door"], false]);
    expect(containersOfVersion(undefined, ours, theirs)).toBeUndefined();
  });

  it("are those alone that lie in both, of the same kind and as often", () => {
    expect(names(containersOfVersion(containers, ours, layout([DOOR])))).toEqual([["door"], false]);
    const fewer: Field = ["rooms", 192, { kind: "array", of: of(4), length: 2 }];
    expect(names(containersOfVersion(containers, ours, layout([DOOR, fewer])))).toEqual([["door"], true]);
    const other = struct("semaphore", 16, [["gate", 0, { kind: "scalar", scalar: "u32" }]], "semaphore");
    const replaced = layout([["door", 128, of(5)], ROOMS], [other]);
    expect(names(containersOfVersion(containers, ours, replaced))).toEqual([["rooms[].door"], true]);
  });

  it("are not all where the region has one more, known or unknown", () => {
    const more: Field = ["more", 700, of(1)];
    expect(names(containersOfVersion(containers, ours, layout([DOOR, ROOMS, more])))).toEqual([
      ["door", "rooms[].door"],
      true,
    ]);
    const unknown = struct("tombola", 16, [], "tombola");
    const theirs = layout([DOOR, ROOMS, ["more", 700, of(5)]], [unknown]);
    expect(names(containersOfVersion(containers, ours, theirs))).toEqual([["door", "rooms[].door"], true]);
  });

  it("are never looked for without end in what a region says of itself", () => {
    const endless = struct("Endless", 64, [
      ["a", 0, of(5)],
      ["b", 32, of(5)],
    ]);
    const theirs = layout([DOOR, ROOMS, ["more", 700, of(5)]], [endless]);
    expect(names(containersOfVersion(containers, ours, theirs))).toEqual([["door", "rooms[].door"], true]);
  });
});
