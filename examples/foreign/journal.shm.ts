import type { bytes, expect, flags, Foreign, Sized, timestamp, u32, u64, utf8 } from "@shmgen/schema";

/** @repr u8 */
export enum JournalState {
  offline,
  online,
  archived,
}

/** @repr u32 */
export enum JournalIncompatible {
  compressedXz = 1,
  compressedLz4 = 2,
  keyedHash = 4,
  compressedZstd = 8,
  compact = 16,
}

/** What begins a file of systemd's journal, as of version 252. See https://systemd.io/JOURNAL_FILE_FORMAT */
export interface JournalHeader extends Foreign, Sized<264> {
  signature: expect<utf8<8>, "LPKSHHRH">;
  compatibleFlags: u32;
  incompatibleFlags: flags<JournalIncompatible, u32>;
  state: JournalState;
  reserved: bytes<7>;
  fileId: bytes<16>;
  machineId: bytes<16>;
  tailEntryBootId: bytes<16>;
  seqnumId: bytes<16>;
  headerSize: u64;
  arenaSize: u64;
  dataHashTableOffset: u64;
  dataHashTableSize: u64;
  fieldHashTableOffset: u64;
  fieldHashTableSize: u64;
  tailObjectOffset: u64;
  objects: u64;
  entries: u64;
  tailEntrySeqnum: u64;
  headEntrySeqnum: u64;
  entryArrayOffset: u64;
  headEntryRealtime: timestamp<"us", u64>;
  tailEntryRealtime: timestamp<"us", u64>;
  /** Microseconds since the boot. */
  tailEntryMonotonic: u64;
  dataObjects: u64;
  fieldObjects: u64;
  tagObjects: u64;
  entryArrayObjects: u64;
  dataHashChainDepth: u64;
  fieldHashChainDepth: u64;
  tailEntryArrayOffset: u32;
  tailEntryArrayEntries: u32;
}
