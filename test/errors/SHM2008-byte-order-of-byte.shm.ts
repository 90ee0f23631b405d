// SHM2008-byte-order-of-byte.shm.ts:8:3 - error SHM2008: Field 'ready' is be<bool>, but byte order means nothing for bool, one byte.
// 8 |   ready: be<bool>;
//   |   ^^^^^
//   hint: drop be<> or le<>: one byte has no order.
import type { be, bool } from "@shmgen/schema";

export interface Header {
  ready: be<bool>;
}
