// SHM4002-reader-twice.shm.ts:10:13 - error SHM4002: 'SwitchesReader' would be generated twice, for 'SwitchesReader' and for 'Switches'.
// 10 | export type Switches = bits<{ light: 1; horn: 1 }, u8>;
//    |             ^^^^^^^^
//   hint: rename one of them: each struct X also gets a class XReader, for memory that is only read.
//   SHM4002-reader-twice.shm.ts:12:18 - SwitchesReader needs the name SwitchesReader, too
//   12 | export interface SwitchesReader {
//      |                  ^^^^^^^^^^^^^^
import type { bits, u8 } from "@shmgen/schema";

export type Switches = bits<{ light: 1; horn: 1 }, u8>;

export interface SwitchesReader {
  port: u8;
}
