import type { Migration } from "@shmgen/runtime";
import type { Counter, CounterStatics } from "./counter.mjs";

/** Version 2 of `Counter`. */
export declare const NextCounter: CounterStatics;
/** From version 1: one more in `count`, twice as much in `big`. */
export declare const toNext: Migration<Counter>;
/** With a tail of 8 bytes for each element. */
export declare const TailedCounter: CounterStatics;
