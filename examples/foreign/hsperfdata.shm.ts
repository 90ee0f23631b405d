import type { be, enumOf, expect, Foreign, i32, i64, Sized, u32, u8 } from "@shmgen/schema";

/**
 * `/tmp/hsperfdata_USER/PID`: the counters of a running Java virtual machine, which `jstat` and `jcmd PID PerfCounter.print` show. Entries follow,
 * each as long as it says. See perfMemory.hpp of OpenJDK.
 */
export interface PerfData extends Foreign, Sized<32> {
  magic: expect<be<u32>, 0xcafec0c0>;
  /** 1: all that follows is little-endian. */
  byteOrder: expect<u8, 1>;
  majorVersion: expect<u8, 2>;
  minorVersion: u8;
  /** 0 while the machine starts. */
  accessible: u8;
  /** Bytes that are in use, this header with them. */
  used: i32;
  overflow: i32;
  modified: i64;
  entryOffset: i32;
  entryCount: i32;
}

export type PerfUnits = enumOf<{ none: 1; bytes: 2; ticks: 3; events: 4; string: 5; hertz: 6 }, u8>;
export type PerfVariability = enumOf<{ constant: 1; monotonic: 2; variable: 3 }, u8>;

/** One counter; offsets count from its own start. */
export interface PerfEntry extends Sized<20> {
  length: i32;
  nameOffset: i32;
  /** 0 for a single value, else how many. */
  vectorLength: i32;
  /** As class files have it: `J` is 64 bits, `B` a byte of a text. */
  dataType: u8;
  flags: u8;
  units: PerfUnits;
  variability: PerfVariability;
  dataOffset: i32;
}
