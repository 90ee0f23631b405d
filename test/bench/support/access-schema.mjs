/** The record that every contender reads and writes, an array of them, and the counters of the atomic groups. */
export const SCHEMA = `
import type { array, atomic, f32, f64, i16, i32, u16, u32, u64, u8 } from "@shmgen/schema";
export interface Sample { id: u32; kind: u16; temperature: f32; x: f64; y: f64; count: i32 }
export interface Samples { list: array<Sample, 64> }
export interface Counters { narrow: atomic<u32>; wide: atomic<u64>; tiny: atomic<u8>; brief: atomic<i16>; signed: atomic<i32> }
`;
/** Bytes of a Sample: the C layout, which every contender uses. */
export const STRIDE = 40;
