/** Memory of another program as tests make it: a page with a magic text and counters, and one with a tail behind it. */
import type { Flyweight, FlyweightReader, Region } from "@shmgen/runtime";
import { foreignBase, type ForeignBase, type RegionBase } from "@shmgen/runtime/codegen-v1";
import { importSchema } from "../schemas/generated.js";

export interface Page extends Flyweight {
  magic: string;
  count: number;
  big: bigint;
}
export type PageReader = Readonly<Page> & FlyweightReader;
export interface Log extends Flyweight {
  count: bigint;
  readonly rows: { readonly length: number; at(index: number): bigint };
}
export type LogReader = Log & FlyweightReader;

export interface Pages {
  readonly Page: ForeignBase<Page, PageReader>;
  readonly Log: ForeignBase<Log, LogReader>;
  readonly Wide: ForeignBase<Flyweight & { count: number }, FlyweightReader & { readonly count: number }>;
}

export type PageRegion = Region<PageReader>;

const SCHEMA = `
import type { Aligned, Foreign, Region, expect, tail, u32, u64, utf8 } from "@shmgen/schema";
export interface Page extends Foreign { magic: expect<utf8<8>, "FOREIGN">; count: u32; filler: u32; big: u64 }
export interface Log extends Region<{ type: 1; version: 1 }> { count: u64; rows: tail<u64> }
export interface Wide extends Foreign, Aligned<64> { count: u32 }
`;

export async function importPages(): Promise<Pages> {
  const found = await importSchema<Pages & { readonly Log: RegionBase<Log, LogReader> }>(
    { "pages.shm.ts": SCHEMA },
    "pages.shm.ts",
  );
  // The struct of a region of ours, without its header.
  const { accessor, reader } = found.Log.definition;
  return { ...found, Log: foreignBase<Log, LogReader>(() => ({ accessor, reader, expects: [] })) };
}

/** The bytes of a page, as another program writes them. */
export function pageBytes(count: number, magic = "FOREIGN\0"): Buffer {
  const bytes = Buffer.alloc(24);
  bytes.write(magic, 0, 8, "latin1");
  bytes.writeUInt32LE(count, 8);
  bytes.writeBigUInt64LE(BigInt(count), 16);
  return bytes;
}
