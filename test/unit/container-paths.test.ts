/** Paths of containers by their places, for messages. */
import { expect, it } from "vitest";
import type { PlacedContainer } from "../../runtime/dist/runtime/access/placed.js";
import { forEachContainer, nameOf, pathAt } from "../../runtime/dist/runtime/participants/recovery.js";

const placed = (name: string, offset: number, repeat?: PlacedContainer["repeat"]): PlacedContainer => ({
  name,
  offset,
  type: { recover: () => undefined },
  shape: { size: 16, align: 8, at: {} },
  ...(repeat && { repeat }),
});
const ALL = [
  placed("door", 4096),
  placed("left.lock", 4112),
  placed("rooms[].doors[]", 4160, [
    [2, 56],
    [3, 16],
  ]),
];

it("every container that stands in a struct or an array has its path, and the region's own have none", () => {
  const paths: (string | undefined)[] = [];
  forEachContainer(ALL, (container, offset) => {
    const path = pathAt(ALL, offset);
    if (path !== undefined) expect(path).toBe(nameOf(container, offset));
    paths.push(path);
  });
  expect(paths).toEqual([
    undefined,
    "left.lock",
    ...[0, 1].flatMap((room) => [0, 1, 2].map((door) => `rooms[${room}].doors[${door}]`)),
  ]);
});

it.each([0, 4095, 4104, 4144, 4104 - 56, 4160 + 48, 4160 + 2 * 56, 10_000])("nothing begins at %i", (place) => {
  expect(pathAt(ALL, place)).toBeUndefined();
});
