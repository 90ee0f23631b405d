import type { Region, atomic, bytes, ring, slotPool, u32, u64 } from "@shmgen/schema";

/** One picture of a camera, 1 MiB. */
export interface Frame {
  id: u32;
  /** Of the pixels, so that a frame that is not whole would show. */
  sum: u32;
  pixels: bytes<1048568>;
}

export interface Camera extends Region<{ type: 0x15; version: 1 }> {
  frames: slotPool<Frame, 8>;
  /** Handles of frames, from the camera to the viewer. */
  toViewer: ring<u64, 8>;
  seen: atomic<u32>;
  stale: atomic<u32>;
  broken: atomic<u32>;
  isOver: atomic<u32>;
}
