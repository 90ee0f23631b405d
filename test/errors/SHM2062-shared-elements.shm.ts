// SHM2062-shared-elements.shm.ts:21:3 - error SHM2062: Field 'orders' is ring<Order, 64>, whose elements are copied, but Order.id is shared.
// 21 |   orders: ring<Order, 64>;
//    |   ^^^^^^
//   hint: drop atomic<>, relaxed<> or the container in what it holds: 'ring<Order, 64>' keeps its elements whole by itself.
//
// SHM2062-shared-elements.shm.ts:22:3 - error SHM2062: Field 'count' is seqlock<atomic<u32>>, whose elements are copied, but they are shared.
// 22 |   count: seqlock<atomic<u32>>;
//    |   ^^^^^
//   hint: drop atomic<>, relaxed<> or the container in what it holds: 'seqlock<atomic<u32>>' keeps its elements whole by itself.
//
// SHM2062-shared-elements.shm.ts:23:3 - error SHM2062: Field 'doors' is ring<mutex, 4>, whose elements are copied, but they are shared.
// 23 |   doors: ring<mutex, 4>;
//    |   ^^^^^
//   hint: drop atomic<>, relaxed<> or the container in what it holds: 'ring<mutex, 4>' keeps its elements whole by itself.
import type { atomic, mutex, Region, ring, seqlock, u32 } from "@shmgen/schema";

export interface Order {
  id: atomic<u32>;
}
export interface Floor extends Region<{ type: 1; version: 1 }> {
  orders: ring<Order, 64>;
  count: seqlock<atomic<u32>>;
  doors: ring<mutex, 4>;
}
