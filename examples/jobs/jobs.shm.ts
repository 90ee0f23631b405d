import type { Region, array, atomic, u32, utf8, workQueue } from "@shmgen/schema";

/** A picture to be made smaller. */
export interface Picture {
  id: u32;
  name: utf8<28>;
}

export interface Jobs extends Region<{ type: 0x14; version: 1 }> {
  todo: workQueue<Picture, 256>;
  /** What failed three times. */
  failed: workQueue<Picture, 16>;
  /** Per picture, how often it was done: in memory that outlives the workers. */
  done: array<atomic<u32>, 10000>;
}
