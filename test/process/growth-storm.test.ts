/** Containers in regions with a tail, which some make longer while others use the containers, and all of them are killed and stopped. */
import { expect, it } from "vitest";
import { depots } from "../support/containers/depots.js";
import { storm } from "../support/containers/depot-storm.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

regionDirectory();
const all = await depots({ grows: true });

it.each([
  { field: "jobs", producers: "push", consumers: "pop", isAtLeastOnce: false },
  { field: "many", producers: "push", consumers: "work", isAtLeastOnce: true },
] as const)(
  "a storm of deaths and stops beside a tail that grows: what $consumers takes from $field is whole, in order and there once",
  { tags: ["soak"] },
  async (given) => {
    let grown = 0;
    await storm(all, {
      ...given,
      what: "growth",
      beside: ["grow", "grow"],
      elements: byDepth(10_000, 50_000, 2_000_000),
      atEnd() {
        const { grains } = all.again();
        // Each of the two who grow it lives through one turn at least.
        expect(grains?.length).toBeGreaterThan(0);
        grown += grains?.length ?? 0;
      },
    });
    console.log(`${grown} elements of tails`);
  },
);
