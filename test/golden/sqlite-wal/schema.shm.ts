import type { Foreign, Sized, array, atomic, be, bytes, expect, relaxed, u16, u32, u8 } from "@shmgen/schema";

/**
 * The first 136 bytes of SQLite's WAL-index, the file `<database>-shm`.
 * SQLite owns it; a reader only looks. See https://www.sqlite.org/walformat.html#the_wal_index_file_format
 */
export interface WalIndex extends Foreign, Sized<136> {
  /** Two copies of the header: a reader takes a copy of both and trusts them when they are equal. */
  header: array<WalIndexHeader, 2>;
  /** Frames of the WAL that a checkpoint has written back into the database. */
  backfilled: atomic<u32>;
  /** The last frame that each reader slot may look at; 0xFFFFFFFF when the slot is unused. */
  readMarks: array<atomic<u32>, 5>;
  /** Bytes that SQLite's processes lock with fcntl; their values mean nothing. */
  locks: bytes<8>;
  /** Frames that a checkpoint has begun to write back. */
  backfillAttempted: atomic<u32>;
}

/** One copy of the WAL-index header, 48 bytes. */
export interface WalIndexHeader extends Sized<48> {
  /** Version of the format: 3007000. */
  version: expect<u32, 3007000>;
  unused: u32;
  /** Counts transactions. */
  change: relaxed<u32>;
  /** 1 once the header is filled. */
  initialised: u8;
  /** 1 when the checksums of the WAL are big-endian. */
  bigEndianChecksums: u8;
  /** Bytes of a page; 1 stands for 65536. */
  pageSize: u16;
  /** Number of the last valid frame in the WAL. */
  mxFrame: relaxed<u32>;
  /** Size of the database in pages. */
  nPage: relaxed<u32>;
  /** Running checksum of all frames so far. */
  frameChecksum: array<relaxed<u32>, 2>;
  /** The two salts of the WAL's header, in its byte order. */
  salt: array<be<u32>, 2>;
  /** Checksum of the bytes before it. */
  checksum: array<relaxed<u32>, 2>;
}
