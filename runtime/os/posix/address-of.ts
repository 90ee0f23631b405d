import { libc } from "./libc.js";

/** Where a buffer lies. The same in all threads of a process. */
export function addressOf(buffer: ArrayBufferLike): number {
  return libc().addressOf(new Uint8Array(buffer));
}
