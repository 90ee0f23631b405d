import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { HEADER_OFFSET } from "@shmgen/schema/region-format";
import { Counter } from "./counter.mjs";

/** A region that nobody has open, complete and with 11 in it, as one whose users have died leaves it: nobody has said that it is to stay. */
export function left(name: string, directory?: string): void {
  const options = { cleanup: "keep", ...(directory !== undefined && { directory }) } as const;
  const region = Counter.createOrOpen(name, options);
  region.data.count = 11;
  const { path } = region;
  region.close();
  forgetKept(path);
}

/** Takes from a region's header that it is to stay. */
export function forgetKept(path: string): void {
  const fd = openSync(path, "r+");
  const top = Buffer.alloc(1);
  readSync(fd, top, 0, 1, HEADER_OFFSET.initialisedAt + 7);
  writeSync(fd, Uint8Array.of((top[0] ?? 0) & 0x7f), 0, 1, HEADER_OFFSET.initialisedAt + 7);
  closeSync(fd);
}
