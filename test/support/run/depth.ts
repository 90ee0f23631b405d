/**
 * How far a run goes. `npm test` keeps every promise in a short form: some rounds of what repeats, some system calls of many.
 * `npm run test:deep` runs the files that import this one with more of them: of what takes long it draws a part, another one for
 * each SHMGEN_SEED, so that each is met by one change or another. `SHMGEN_DEPTH=full npm run test:deep -- FILE` leaves out none
 * and takes the figures that documents and decisions name, which is up to an hour for a file.
 */
import { Random, runSeed } from "./random.js";

const DEPTHS = ["short", "deep", "full"] as const;
type Depth = (typeof DEPTHS)[number];

function chosen(): Depth {
  const given = process.env["SHMGEN_DEPTH"] ?? "short";
  const depth = DEPTHS.find((one) => one === given);
  if (depth === undefined) throw new Error(`SHMGEN_DEPTH is ${DEPTHS.join(", ")}, and not ${given}`);
  return depth;
}

export const depth = chosen();
export const isFull = depth === "full";

/** One of three figures, by how far the run goes. */
export function byDepth<T>(short: T, deep: T, full: T = deep): T {
  return { short, deep, full }[depth];
}

/** Of things that are tried one by one, in order: one in `every` of them; one in `deep`, from a drawn one on; or each of them five times. */
export function someOf<T>(all: readonly T[], every = 6, deep = 1): T[] {
  if (isFull) return Array.from({ length: 5 }, () => all).flat();
  const step = byDepth(every, deep);
  const first = depth === "short" ? Math.floor(every / 2) : drawnOf(deep) - 1;
  return all.filter((_, index) => index % step === first);
}

/** From 1 to `every`: where a walk that takes one in `every` begins. */
export function drawnOf(every: number): number {
  return new Random(runSeed(`one in ${every}`)).integer(1, every);
}
