/** Regions with a buffer of bytes and with messages for one test file, closed after each test. */
import * as fs from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach } from "vitest";
import type { BipBuffer, Messages, Region } from "@shmgen/runtime";
import type { Flyweight } from "@shmgen/runtime/codegen-v1";
import { memoryOf, offsetOf } from "@shmgen/runtime/codegen-v1";
import { BIP_BUFFER } from "../../../schema/dist/containers/bip-buffer.js";
import { MESSAGES } from "../../../schema/dist/containers/messages.js";
import { regionDirectory } from "../processes/processes.js";
import { writeSchema } from "../schemas/generated.js";

interface Counts {
  at(index: number): number;
  set(index: number, value: number): void;
}
export interface Log extends Flyweight {
  readonly bytes: BipBuffer;
  readonly log: Messages;
  readonly put: Counts;
  readonly seen: Counts;
  isOver: number;
}
export interface LogClass {
  createOrOpen(name: string): Region<Log>;
  open(name: string): Region<Log>;
  openReadOnly(name: string): Region<Log>;
  readonly layout: { readonly fields: readonly { readonly name: string; readonly offset: number }[] };
}

/** Of a region, as tests damage it. Places are bytes from the start of a container's bytes or frames. */
export interface Words {
  get(word: string): number;
  set(word: string, value: number): void;
  readonly u32: Uint32Array;
  /** Index in `u32` of the first word behind the words. */
  readonly first: number;
}

const schemaOf = (bytes: number, frames: number): string => `
import type { array, atomic, bipBuffer, messages, Region, u32 } from "@shmgen/schema";
export interface Log extends Region<{ type: 0x11c4; version: 1; participants: 15 }> {
  bytes: bipBuffer<${bytes}>;
  log: messages<${frames}>;
  /** Of each producer: how much it has published at least, and how much of that was delivered. */
  put: array<atomic<u32>, 1024>;
  seen: array<atomic<u32>, 1024>;
  isOver: atomic<u32>;
}`;

export function logs() {
  const directory = regionDirectory();
  const opened: { close(): void }[] = [];
  afterEach(() => {
    for (const region of opened.splice(0)) region.close();
    for (const name of fs.readdirSync(directory)) {
      if (!name.startsWith("schema-")) fs.rmSync(join(directory, name), { force: true, recursive: true });
    }
  });
  /** Address of the generated module. */
  const written = async (bytes: number, frames: number): Promise<string> => {
    const folder = join(directory, `schema-${bytes}-${frames}`);
    if (!fs.existsSync(folder)) await writeSchema({ "log.shm.ts": schemaOf(bytes, frames) }, folder);
    return pathToFileURL(join(folder, "log.js")).href;
  };
  const typeOf = async (bytes = 256, frames = 256): Promise<LogClass> =>
    ((await import(/* @vite-ignore */ await written(bytes, frames))) as { Log: LogClass }).Log;
  const open = async (bytes = 256, frames = 256): Promise<Region<Log>> => {
    const region = (await typeOf(bytes, frames)).createOrOpen("log");
    opened.push(region);
    return region;
  };
  /** The words of a container. */
  const words = (region: Region<Log>, field: "bytes" | "log"): Words => {
    const { layout } = region.data.constructor as unknown as LogClass;
    const offset = offsetOf(region.data) + (layout.fields.find(({ name }) => name === field)?.offset ?? NaN);
    const at: Readonly<Record<string, number>> = field === "bytes" ? BIP_BUFFER.at : MESSAGES.at;
    const { u32 } = memoryOf(region.data);
    const index = (word: string): number => (offset + (at[word] ?? NaN)) / 4;
    return {
      get: (word) => Atomics.load(u32, index(word)),
      set: (word, value) => void Atomics.store(u32, index(word), value),
      u32,
      first: (offset + 128) / 4,
    };
  };
  return { directory, opened, written, typeOf, open, words };
}

/** A piece of which each byte says what place it has in a stream. */
export function piece(start: number, size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => ((start + index) * 31 + ((start + index) >>> 8)) & 0xff);
}
