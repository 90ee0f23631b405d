import type { Snapshot } from "@shmgen/runtime";
import type { Tick } from "./generated/feed.js";

/** Whether a tick is the one of this number, and whole. feed.c makes them in the same way. */
export function isWhole({ number, symbol, price, size, check }: Snapshot<Tick>, expected: number): boolean {
  const isSymbol = symbol === (number % 2n === 0n ? "EVEN" : "ODD");
  return number === BigInt(expected) && isSymbol && price === expected / 4 && check === (expected * 31 + size) >>> 0;
}
