import type { enumOf, expect, Foreign, pad, Sized, tail, u32, u64, u8, utf8 } from "@shmgen/schema";

/** `/etc/ld.so.cache`: where the loader finds libraries. See dl-cache.h of glibc. */
export interface LoaderCache extends Foreign, Sized<48> {
  magic: expect<utf8<17>, "glibc-ld.so.cache">;
  version: expect<utf8<3>, "1.1">;
  count: u32;
  /** Bytes of the texts behind the entries. */
  textSize: u32;
  flags: u8;
  gap: pad<3>;
  extensionOffset: u32;
  unused: pad<12>;
  entries: tail<CacheEntry, "count">;
}

/** What a library needs, in the second byte of `flags`. */
export type CacheAbi = enumOf<{ any: 0; x86_64: 3; x32: 8; aarch64: 10 }, u8>;

export interface CacheEntry extends Sized<24> {
  /** 0: libc4, 1: ELF, 2: libc5, 3: libc6. */
  kind: u8;
  abi: CacheAbi;
  rest: pad<2>;
  /** Where its name begins, bytes from the start of the file. */
  name: u32;
  /** And its path. */
  path: u32;
  osVersion: u32;
  hwcap: u64;
}
