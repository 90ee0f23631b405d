/**
 * How far a run goes. `npm test` keeps every promise in a short form: some rounds of what repeats, some system calls of many.
 * `npm run test:deep` runs the files that import this one with all of them. `SHMGEN_DEPTH=full npm run test:deep -- FILE` takes
 * the figures that documents and decisions name, which is up to an hour for a file.
 */
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

/** Of things that are tried one by one, in order: one in `every` of them, all, or each of them five times. */
export function someOf<T>(all: readonly T[], every = 6): T[] {
  if (isFull) return Array.from({ length: 5 }, () => all).flat();
  return byDepth(
    all.filter((_, index) => index % every === Math.floor(every / 2)),
    [...all],
  );
}
