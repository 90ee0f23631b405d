// SHM2064-participants.shm.ts:12:18 - error SHM2064: 'Floor' has 0 participants; it is 1 to 65534.
// 12 | export interface Floor extends Region<{ type: 1; version: 1; participants: 0 }> {
//    |                  ^^^^^
//   hint: write how many threads of all processes use its containers at a time; without it, it is 63.
//
// SHM2064-participants.shm.ts:15:18 - error SHM2064: 'Hall' has 70000 participants; it is 1 to 65534.
// 15 | export interface Hall extends Region<{ type: 2; version: 1; participants: 70000 }> {
//    |                  ^^^^
//   hint: write how many threads of all processes use its containers at a time; without it, it is 63.
import type { mutex, Region } from "@shmgen/schema";

export interface Floor extends Region<{ type: 1; version: 1; participants: 0 }> {
  door: mutex;
}
export interface Hall extends Region<{ type: 2; version: 1; participants: 70000 }> {
  door: mutex;
}
