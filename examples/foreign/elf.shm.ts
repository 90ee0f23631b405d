import type { array, bytes, enumOf, expect, flags, Foreign, Sized, u16, u32, u64, u8 } from "@shmgen/schema";

/** An ELF file of 64 bits, little-endian: what begins programs and libraries of Linux. See elf(5). */
export interface ElfHeader extends Foreign, Sized<64> {
  magic: expect<bytes<4>, "7f 45 4c 46">;
  class: expect<u8, 2>;
  data: expect<u8, 1>;
  identVersion: expect<u8, 1>;
  osabi: u8;
  abiVersion: u8;
  pad: array<u8, 7>;
  type: ElfType;
  machine: u16;
  version: u32;
  /** Where the program begins, an address. */
  entry: u64;
  /** Of the program headers, bytes from the start of the file. */
  programOffset: u64;
  /** Of the section headers, bytes from the start of the file. */
  sectionOffset: u64;
  flags: u32;
  headerSize: u16;
  programEntrySize: u16;
  programCount: u16;
  sectionEntrySize: expect<u16, 64>;
  sectionCount: u16;
  /** Which section holds the names of sections. */
  namesIndex: u16;
}

export type ElfType = enumOf<{ none: 0; relocatable: 1; executable: 2; shared: 3; core: 4 }, u16>;

export type SectionType = enumOf<
  {
    null: 0;
    progbits: 1;
    symtab: 2;
    strtab: 3;
    rela: 4;
    hash: 5;
    dynamic: 6;
    note: 7;
    nobits: 8;
    rel: 9;
    shlib: 10;
    dynsym: 11;
    initArray: 14;
    finiArray: 15;
    gnuHash: 0x6ffffff6;
    verdef: 0x6ffffffd;
    verneed: 0x6ffffffe;
    versym: 0x6fffffff;
  },
  u32
>;

export type SectionFlag = enumOf<
  { write: 1; alloc: 2; exec: 4; merge: 16; strings: 32; infoLink: 64; group: 512; tls: 1024 },
  u32
>;

/** One entry of the table of sections. */
export interface ElfSection extends Sized<64> {
  /** Of the name, bytes from the start of the section with names. */
  name: u32;
  type: SectionType;
  flags: flags<SectionFlag, u64>;
  address: u64;
  /** Bytes from the start of the file. */
  offset: u64;
  size: u64;
  link: u32;
  info: u32;
  align: u64;
  entrySize: u64;
}
