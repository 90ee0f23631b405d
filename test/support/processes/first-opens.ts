/** Processes that open one region after the other for the first time, all at once. */
import { expect } from "vitest";
import type { Child } from "./processes.js";

/** Of each process: how long its opens took, ms. Each round has exactly one creator, and nobody fails. */
export async function firstOpens(
  children: readonly Child[],
  rounds: number,
): Promise<readonly { readonly took: readonly number[] }[]> {
  const outcomes = await Promise.all(
    children.map((child) =>
      child.run(
        ({ Counter, futexOf }, processes, rounds) => {
          const barrier = Counter.createOrOpen("barrier", { timeoutMs: 60_000 });
          const futex = futexOf(barrier);
          const WORD = 132;
          // The last to come wakes all others at once.
          const meet = (round: number): void => {
            if (barrier.data.addCount(1) + 1 === round * processes) {
              barrier.data.word = round;
              futex.notify(WORD, processes);
            }
            for (let seen = barrier.data.word; seen < round; seen = barrier.data.word) futex.wait(WORD, seen, 60_000);
          };
          const seen: string[] = [];
          const took: number[] = [];
          for (let round = 0; round < rounds; round += 1) {
            meet(round * 2 + 1);
            const start = performance.now();
            const region = Counter.createOrOpen(`r${round}`, {
              initialise: (data) => {
                data.big = 1000n;
              },
              timeoutMs: 60_000,
            });
            took.push(performance.now() - start);
            // Everybody sees what the one creator wrote, whoever that was.
            const before = region.data.addBig(1n);
            seen.push(before >= 1000n && before < 1000n + BigInt(processes) ? region.outcome : `torn: ${before}`);
            meet(round * 2 + 2);
            if (region.data.big !== 1000n + BigInt(processes)) seen.push(`lost: ${region.data.big}`);
            region.close();
          }
          barrier.close();
          return { seen, took };
        },
        children.length,
        rounds,
      ),
    ),
  );
  for (let round = 0; round < rounds; round += 1) {
    const together = outcomes.map(({ seen }) => seen[round]).sort();
    expect(together, `round ${round}`).toEqual(["created", ...Array<string>(children.length - 1).fill("opened")]);
  }
  expect(outcomes.every(({ seen }) => seen.length === rounds)).toBe(true);
  return outcomes;
}
