// SHM1067-timestamp-without-unit.shm.ts:14:20 - error SHM1067: timestamp takes a unit, not 'u64'.
// 14 |   ended: timestamp<u64>;
//    |                    ^^^
//   hint: write timestamp<"ms">, or "s", "us" or "ns"; it counts since 1970 in an i64, or as timestamp<"ms", u64> says.
//
// SHM1067-timestamp-without-unit.shm.ts:15:19 - error SHM1067: timestamp takes a unit, not "minutes".
// 15 |   seen: timestamp<"minutes">;
//    |                   ^^^^^^^^^
//   hint: write timestamp<"ms">, or "s", "us" or "ns"; it counts since 1970 in an i64, or as timestamp<"ms", u64> says.
import type { timestamp, u64 } from "@shmgen/schema";

export interface Car {
  started: timestamp<"ms">;
  ended: timestamp<u64>;
  seen: timestamp<"minutes">;
}
