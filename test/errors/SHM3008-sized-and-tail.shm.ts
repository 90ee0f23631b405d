// SHM3008-sized-and-tail.shm.ts:8:3 - error SHM3008: Tail 'lines' is put at byte 32, but 'Log' is Sized<64>, and its tail begins where it ends.
// 8 |   lines: at<tail<u8>, 32>;
//   |   ^^^^^
//   hint: drop at<T, 32> or write Sized<32>.
import type { Region, Sized, at, tail, u8 } from "@shmgen/schema";

export interface Log extends Region<{ type: 1; version: 1 }>, Sized<64> {
  lines: at<tail<u8>, 32>;
}
