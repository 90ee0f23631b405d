// SHM2061-container-in-tail.shm.ts:17:3 - error SHM2061: Field 'accounts' is tail<Account>: mutex cannot stand in a tail.
// 17 |   accounts: tail<Account>;
//    |   ^^^^^^^^
//   hint: write array<T, N> with the most that there can be.
//
// SHM2061-container-in-tail.shm.ts:20:3 - error SHM2061: Field 'doors' is tail<mutex>: mutex cannot stand in a tail.
// 20 |   doors: tail<mutex>;
//    |   ^^^^^
//   hint: write array<T, N> with the most that there can be.
import type { Region, mutex, tail, u32 } from "@shmgen/schema";

export interface Account {
  balance: u32;
  lock: mutex;
}
export interface Bank extends Region<{ type: 1; version: 1 }> {
  accounts: tail<Account>;
}
export interface Doors extends Region<{ type: 2; version: 1 }> {
  doors: tail<mutex>;
}
