/** What of Linux is numbers and names, as posix/differences.ts wants it. The same on all processors that we know. */
import type { PosixSystem } from "../posix/differences.js";
import { O_PATH } from "./flags.js";
import { explainMissing, through } from "./proc.js";

export const LINUX: PosixSystem = {
  MAP_ANONYMOUS: 0x20,
  MAP_NORESERVE: 0x4000,
  SEEK_DATA: 3,
  F_OFD_GETLK: 36,
  F_OFD_SETLK: 37,
  F_WRLCK: 1,
  F_UNLCK: 2,
  lock: { type: 0, whence: 2, start: 8, length: 16, pid: 24, size: 32 },
  O_LOOK: O_PATH,
  variadicApart: false,
  through,
  explainMissing,
};
