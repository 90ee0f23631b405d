import type { be, expect, Foreign, i32, pad, Packed, Sized, u32, u8, utf8 } from "@shmgen/schema";

/** What begins each of the two blocks of a time zone's file: times of 32 bits, and from version 2 on again with 64. See tzfile(5) and RFC 9636. */
export interface TzHeader extends Foreign, Packed, Sized<44> {
  magic: expect<utf8<4>, "TZif">;
  version: expect<utf8<1>, "2" | "3" | "4">;
  reserved: pad<15>;
  utIndicators: be<u32>;
  standardIndicators: be<u32>;
  leapSeconds: be<u32>;
  transitions: be<u32>;
  types: be<u32>;
  /** Bytes of the abbreviations of names. */
  characters: be<u32>;
}

/** What local time is from a transition on. */
export interface TzType extends Packed, Sized<6> {
  /** Seconds east of UT. */
  offset: be<i32>;
  isDaylight: u8;
  /** Where its name begins among the characters. */
  name: u8;
}
