/**
 * C and Node in the same queues, pools of slots and queues of work, stopped and killed at any moment, and replaced by others of either
 * language. Elements prove themselves by their sums, and a ledger says of each what became of it.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { depots } from "../support/containers/depots.js";
import { storm } from "../support/containers/depot-storm.js";
import { depotProgram } from "../support/containers/depot-workers.js";
import { withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

regionDirectory();
const all = await depots({ targets: "js,c" });
const ELEMENTS = byDepth(5000, 200_000, 3_000_000);

describe.skipIf(withoutCompilers !== undefined)(
  `a storm of deaths and stops of C and Node ${withoutCompilers ?? ""}`,
  { tags: ["soak"] },
  () => {
    let program = "";
    beforeAll(() => void (program = depotProgram(all)));
    const mixed = { kinds: ["C", "Node"], elements: ELEMENTS } as const;

    it.each(byDepth(["jobs"], ["one", "jobs", "wide"]) as readonly ("one" | "jobs" | "wide")[])(
      "a queue (%s) gives each element at most once, whole, and those of each producer in order",
      (field) =>
        storm(all, {
          ...mixed,
          program,
          what: "queues of C and Node",
          field,
          producers: "push",
          consumers: "pop",
          isAtLeastOnce: false,
          atEnd: (data) => expect(data[field].popMany()).toEqual([]),
        }),
    );

    it.each(byDepth(["work"], ["work", "many"]) as readonly ("work" | "many")[])(
      "a queue of work (%s) has each job done at least once, and twice for each death at most [P-15]",
      (field) =>
        storm(all, {
          ...mixed,
          program,
          what: "work of C and Node",
          field,
          producers: "push",
          consumers: "work",
          isAtLeastOnce: true,
          atEnd: (data) => expect([data[field].lease(), data[field].leasedCount]).toEqual([undefined, 0]),
        }),
    );

    it("slots that are passed on are each one's at a time, by handles that are stale when their slots came back, and none leaks [P-05, P-06, P-w1]", () =>
      storm(all, {
        ...mixed,
        program,
        what: "pools of C and Node",
        field: "lent",
        producers: "fill",
        consumers: "drain",
        isAtLeastOnce: false,
        atEnd({ frames }) {
          const slots = [0, 1, 2].map(() => frames.alloc()?.index);
          expect(slots.sort()).toEqual([0, 1, 2]);
          expect(frames.alloc()).toBeUndefined();
        },
      }));
  },
);
