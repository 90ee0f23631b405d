// SHM3006-too-large.shm.ts:18:3 - error SHM3006: Field 'Log.lines' would take 281474976645120 bytes; the largest struct has 1099511627776.
// 18 |   lines: array<bytes<65536>, 4294967295>;
//    |   ^^^^^
//   hint: check the lengths of its arrays; for data whose amount is known only at run time, end the region with a tail<T>.
//
// SHM3006-too-large.shm.ts:21:3 - error SHM3006: Field 'Beyond.cells' would take more than 2^53 bytes; the largest struct has 1099511627776.
// 21 |   cells: array<array<array<f64, 4294967295>, 4294967295>, 4294967295>;
//    |   ^^^^^
//   hint: check the lengths of its arrays; for data whose amount is known only at run time, end the region with a tail<T>.
//
// SHM3006-too-large.shm.ts:23:18 - error SHM3006: Struct 'Sum' would take 1099511627777 bytes; the largest struct has 1099511627776.
// 23 | export interface Sum {
//    |                  ^^^
//   hint: check the lengths of its arrays; for data whose amount is known only at run time, end the region with a tail<T>.
import type { array, bytes, u8, f64 } from "@shmgen/schema";

export interface Log {
  lines: array<bytes<65536>, 4294967295>;
}
export interface Beyond {
  cells: array<array<array<f64, 4294967295>, 4294967295>, 4294967295>;
}
export interface Sum {
  first: array<bytes<1048576>, 1048576>;
  second: u8;
}
