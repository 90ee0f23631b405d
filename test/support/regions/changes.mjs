/** What becomes of {@link Counter} in tests of its life: the next version of it, the step to that, and one with a tail. */
import { migration } from "@shmgen/runtime";
import { Counter, counterOf } from "./counter.mjs";

export const NextCounter = counterOf({ version: 2, fingerprint: "2222222222222222" });

export const toNext = migration(Counter, (old, next) => {
  next.count = old.count + 1;
  next.big = old.big * 2n;
});

export const TailedCounter = counterOf({ tailStride: 8, fingerprint: "00000000000000d7" });
