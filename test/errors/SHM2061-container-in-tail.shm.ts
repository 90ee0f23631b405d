// SHM2061-container-in-tail.shm.ts:27:3 - error SHM2061: Field 'accounts' is tail<Account>: mutex cannot stand in a tail.
// 27 |   accounts: tail<Account>;
//    |   ^^^^^^^^
//   hint: write array<T, N> with the most that there can be.
//
// SHM2061-container-in-tail.shm.ts:30:3 - error SHM2061: Field 'doors' is tail<mutex>: mutex cannot stand in a tail.
// 30 |   doors: tail<mutex>;
//    |   ^^^^^
//   hint: write array<T, N> with the most that there can be.
//
// SHM2061-container-in-tail.shm.ts:33:3 - error SHM2061: Field 'frames' is slotPool<Account, 4>: mutex cannot stand in a slot.
// 33 |   frames: slotPool<Account, 4>;
//    |   ^^^^^^
//   hint: keep it beside the pool; what a slot holds may have atomic<> fields.
//
// SHM2061-container-in-tail.shm.ts:34:3 - error SHM2061: Field 'rings' is slotPool<ring<u32, 4>, 4>: ring<u32, 4> cannot stand in a slot.
// 34 |   rings: slotPool<ring<u32, 4>, 4>;
//    |   ^^^^^
//   hint: keep it beside the pool; what a slot holds may have atomic<> fields.
import type { Region, mutex, ring, slotPool, tail, u32 } from "@shmgen/schema";

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
export interface Frames extends Region<{ type: 3; version: 1 }> {
  frames: slotPool<Account, 4>;
  rings: slotPool<ring<u32, 4>, 4>;
}
