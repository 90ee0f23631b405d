/** What of macOS is numbers and names, as posix/differences.ts wants it. */
import { fs } from "../node.js";
import type { PosixSystem } from "../posix/differences.js";
import { NUMBERS, STRUCTS } from "./headers.js";

const flock = STRUCTS["struct flock"];

export const DARWIN: PosixSystem = {
  MAP_ANONYMOUS: NUMBERS.MAP_ANON,
  MAP_NORESERVE: NUMBERS.MAP_NORESERVE,
  SEEK_DATA: NUMBERS.SEEK_DATA,
  F_OFD_GETLK: NUMBERS.F_OFD_GETLK,
  F_OFD_SETLK: NUMBERS.F_OFD_SETLK,
  F_WRLCK: NUMBERS.F_WRLCK,
  F_UNLCK: NUMBERS.F_UNLCK,
  lock: {
    type: flock.l_type,
    whence: flock.l_whence,
    start: flock.l_start,
    length: flock.l_len,
    pid: flock.l_pid,
    size: flock.size,
  },
  O_LOOK: fs.constants.O_RDONLY,
  /** On arm64 they go to the stack, whatever registers are free. */
  variadicApart: true,
  /** No path leads through a descriptor: /dev/fd/N is the same open file. */
  through: (_fd, opened) => opened,
  explainMissing: () => undefined,
};
