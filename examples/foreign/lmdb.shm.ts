import type { array, expect, flags, Foreign, pad, Sized, tail, u16, u32, u64, union } from "@shmgen/schema";

/** @repr u16 */
export enum PageFlag {
  branch = 0x01,
  leaf = 0x02,
  overflow = 0x04,
  meta = 0x08,
}

/** @repr u16 */
export enum DatabaseFlag {
  reverseKey = 0x02,
  dupSort = 0x04,
  integerKey = 0x08,
  dupFixed = 0x10,
  integerDup = 0x20,
  reverseDup = 0x40,
}

/** Page 0 or 1 of `data.mdb`: the newer of the two, by `transaction`, is the one that counts. See mdb.c of LMDB 0.9. */
export interface MetaPage extends Foreign, Sized<152> {
  number: u64;
  keySize: u16;
  flags: expect<flags<PageFlag, u16>, 0x08>;
  extent: union<{ bounds: array<u16, 2>; overflowPages: u32 }>;
  magic: expect<u32, 0xbeefc0de>;
  version: expect<u32, 1>;
  address: u64;
  mapSize: u64;
  free: Database;
  main: Database;
  lastPage: u64;
  transaction: u64;
}

export interface Database extends Sized<48> {
  /** Of the free list: bytes of a page. */
  pageSize: u32;
  flags: flags<DatabaseFlag, u16>;
  depth: u16;
  branchPages: u64;
  leafPages: u64;
  overflowPages: u64;
  entries: u64;
  root: u64;
}

/** `lock.mdb` on Linux, where the locks are mutexes of pthreads. */
export interface LockFile extends Foreign, Sized<128> {
  magic: expect<u32, 0xbeefc0de>;
  format: u32;
  readerMutex: pad<40>;
  transaction: u64;
  readerCount: u32;
  gap: pad<4>;
  writerMutex: pad<40>;
  rest: pad<24>;
  readers: tail<Reader, "readerCount">;
}

/** A line of memory for each reader. */
export interface Reader extends Sized<64> {
  /** The oldest transaction that it may look at; all bits where it looks at none. */
  transaction: u64;
  /** 0: free. */
  pid: u32;
  thread: u64;
}
