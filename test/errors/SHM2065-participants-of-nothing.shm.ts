// SHM2065-participants-of-nothing.shm.ts:7:18 - error SHM2065: 'Floor' has participants, but no container with owners.
// 7 | export interface Floor extends Region<{ type: 1; version: 1; participants: 8 }> {
//   |                  ^^^^^
//   hint: remove participants, or add a container that has owners: every one but event.
import type { event, Region, u32 } from "@shmgen/schema";

export interface Floor extends Region<{ type: 1; version: 1; participants: 8 }> {
  speed: u32;
  lights: event;
}
