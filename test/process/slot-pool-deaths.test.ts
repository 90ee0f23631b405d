/** Deaths of those who have slots of a pool: before each of their atomic operations, and at any time in a storm. */
import { describe, expect, it } from "vitest";
import { killedAtEach } from "../support/containers/depot-deaths.js";
import type { DepotData } from "../support/containers/depot.js";
import { storm } from "../support/containers/depot-storm.js";
import { depots } from "../support/containers/depots.js";
import { codeOf, regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

regionDirectory();
const all = await depots();

/** All slots that nobody has can be had, each once; gives them back. */
function had({ frames }: DepotData, count: number): void {
  const slots = Array.from({ length: count }, () => frames.alloc());
  expect(new Set(slots.map((slot) => slot?.index)).size).toBe(count);
  expect(slots.includes(undefined)).toBe(false);
  expect(frames.alloc()).toBeUndefined();
  for (const slot of slots) slot?.free();
}

describe("a process or a thread that dies before any of its atomic operations, over a mapping of either kind [P-w1]", () => {
  it("while it takes a slot and frees it: all slots are there", async () => {
    await killedAtEach(all, "pool alloc and free", {
      prepare: ({ frames }) => frames.alloc(),
      operation(data) {
        const slot = data.frames.alloc();
        data.frames.alloc();
        slot?.free();
      },
      check(data, slot) {
        had(data, 2);
        slot?.free();
        had(data, 3);
      },
    });
  });

  it("while it passes one on: its receiver has it, or is told that it is stale, and nothing leaks", async () => {
    await killedAtEach(all, "pool send", {
      prepare: () => undefined,
      operation(data) {
        const slot = data.frames.alloc();
        if (slot === undefined) return;
        slot.data.owner = 5;
        data.handles.push(slot.handle);
        slot.lend();
      },
      check(data, _state, hasEnded) {
        data.frames.alloc()?.free();
        const handle = data.handles.pop();
        if (hasEnded) expect(handle).toBeTypeOf("bigint");
        if (handle !== undefined) {
          const code = codeOf(() => {
            const slot = data.frames.take(handle);
            expect(slot.data.owner).toBe(5);
            slot.free();
          });
          // Not lent yet, it was freed when its owner was found dead.
          expect(hasEnded ? ["none"] : ["none", "ERR_SHM_STALE"]).toContain(code);
        }
        had(data, 3);
      },
    });
  });

  it("while it takes what was lent: the slot is lent still, or it comes back", async () => {
    await killedAtEach(all, "pool take", {
      prepare({ frames, handles }) {
        const slot = frames.alloc();
        handles.push(slot?.handle ?? 0n);
        slot?.lend();
        return slot?.handle ?? 0n;
      },
      operation(data) {
        const handle = data.handles.pop();
        if (handle !== undefined) data.frames.take(handle);
      },
      check(data, handle) {
        if (data.frames.lent === 1) data.frames.take(handle).free();
        had(data, 3);
      },
    });
  });
});

describe("a storm of deaths and stops", { tags: ["soak"] }, () => {
  it("slots that are passed on from process to process are each one's at a time, and none leaks", async () => {
    await storm(all, {
      what: "pools",
      field: "lent",
      producers: "fill",
      consumers: "drain",
      elements: byDepth(10_000, 50_000, 2_000_000),
      isAtLeastOnce: false,
      atEnd: (data) => had(data, 3),
    });
  });
});
