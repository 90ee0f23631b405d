/** Files that may lie in a directory of regions: what is dead and ours, and what is not ours. */
import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { join } from "node:path";
import { HEADER_OFFSET, MAGIC } from "@shmgen/schema/region-format";
import { counterOf } from "./counter.mjs";
import { left } from "./left-over.js";

/** Overwrites bytes of a file, as damage does. */
export function scribble(path: string, offset: number, bytes: readonly number[]): void {
  const fd = fs.openSync(path, "r+");
  fs.writeSync(fd, Uint8Array.from(bytes), 0, bytes.length, offset);
  fs.closeSync(fd);
}

export const own = { mode: 0o600 };
/** What a directory can have in it, by name, with the state that it is listed with and whether it goes. */
export interface Exhibit {
  readonly make: (path: string) => void;
  readonly state: string;
  readonly goes: boolean;
  readonly why?: RegExp;
}
export const DEAD: Readonly<Record<string, Exhibit>> = {
  complete: { make: (path) => left(path.split("/").pop() ?? ""), state: "stale", goes: true },
  "damaged-crc": {
    make: (path) => {
      left("damaged-crc");
      scribble(path, HEADER_OFFSET.typeId, [9]);
    },
    state: "damaged",
    goes: true,
    why: /damaged header: crc/,
  },
  "damaged-length": {
    make: (path) => {
      left("damaged-length");
      fs.truncateSync(path, 128);
    },
    state: "damaged",
    goes: true,
    why: /damaged header: payloadSize/,
  },
  empty: { make: (path) => fs.writeFileSync(path, "", own), state: "stale", goes: true, why: /nothing in it yet/ },
  zeros: { make: (path) => fs.writeFileSync(path, Buffer.alloc(4096), own), state: "stale", goes: true },
  "torn-state": {
    make: (path) => {
      fs.writeFileSync(path, Buffer.alloc(4096), own);
      scribble(path, HEADER_OFFSET.state, [1, 0, 0, 0, 1]);
    },
    state: "stale",
    goes: true,
    why: /initialisation was never completed/,
  },
  "torn-magic": {
    make: (path) => {
      fs.writeFileSync(path, Buffer.alloc(4096), own);
      scribble(path, HEADER_OFFSET.magic, MAGIC);
      scribble(path, HEADER_OFFSET.state, [1]);
    },
    state: "stale",
    goes: true,
    why: /initialisation was never completed/,
  },
  "large-zeros": {
    make: (path) => fs.writeFileSync(path, Buffer.alloc(300_000), own),
    state: "unknown",
    goes: true,
    why: /rest was not looked at/,
  },
};
export const FOREIGN: Readonly<Record<string, Exhibit>> = {
  text: { make: (path) => fs.writeFileSync(path, "hello", own), state: "foreign", goes: false },
  "readable-text": {
    make: (path) => fs.writeFileSync(path, "hello", { mode: 0o644 }),
    state: "foreign",
    goes: false,
    why: /not a shmgen region/,
  },
  "large-zeros-then-data": {
    make: (path) => {
      fs.writeFileSync(path, Buffer.alloc(300_000), own);
      scribble(path, 299_999, [1]);
    },
    state: "unknown",
    goes: false,
  },
  "zeros-then-data": {
    make: (path) => {
      fs.writeFileSync(path, Buffer.alloc(4096), own);
      scribble(path, 4095, [1]);
    },
    state: "foreign",
    goes: false,
  },
  dotnet: {
    make: () => counterOf({ header: "dotnet" }).createOrOpen("dotnet", { cleanup: "keep" }).close(),
    state: "foreign",
    goes: false,
  },
  "next-format": {
    make: (path) => {
      left("next-format");
      scribble(path, HEADER_OFFSET.magic + 7, [2]);
    },
    state: "foreign",
    goes: false,
    why: /another format/,
  },
  "other-endian": {
    make: (path) => {
      left("other-endian");
      scribble(path, HEADER_OFFSET.byteOrderMark, [0xfe, 0xff]);
    },
    state: "foreign",
    goes: false,
    why: /another byte order/,
  },
  folder: { make: (path) => fs.mkdirSync(path), state: "foreign", goes: false, why: /not a regular file/ },
  link: { make: (path) => fs.symlinkSync("complete", path), state: "foreign", goes: false, why: /not a regular file/ },
  pipe: { make: (path) => execFileSync("mkfifo", [path]), state: "foreign", goes: false, why: /not a regular file/ },
  "two-names": {
    make: (path) => {
      left("two-names");
      fs.linkSync(path, join(path, "../.hidden"));
    },
    state: "foreign",
    goes: false,
    why: /hard links/,
  },
  ".hidden": { make: () => undefined, state: "foreign", goes: false },
  "open-to-all": {
    make: (path) => {
      left("open-to-all");
      fs.chmodSync(path, 0o666);
    },
    state: "unknown",
    goes: false,
    why: /more rights/,
  },
};

export function make(directory: string, exhibits: Readonly<Record<string, Exhibit>>): void {
  for (const [name, { make }] of Object.entries(exhibits)) make(join(directory, name));
}
