/** The C program of the benchmarks of containers: `cContainers(folder)` builds it, and gives the command of a work in it. */
import { cProgram } from "./c-program.mjs";

/** Records of 64 bytes, and a value of 1,000. */
const SCHEMA = `import type { Region, array, bipBuffer, f64, messages, mutex, ring, semaphore, seqlock, u64, map, u32, utf8 } from "@shmgen/schema";

export interface Record64 {
  id: u64;
  price: f64;
  words: array<u64, 6>;
}

export interface Record1000 {
  words: array<u64, 125>;
}

export interface Session {
  visits: u32;
  seen: f64;
}

export interface Yard extends Region<{ type: 0x11c1; version: 1 }> {
  count: u64;
  go: u64;
  door: mutex;
  seats: semaphore<4>;
  small: seqlock<Record64>;
  large: seqlock<Record1000>;
  there: ring<Record64, 1024>;
  back: ring<Record64, 1024>;
  stream: bipBuffer<1048576>;
  log: messages<1048576>;
  sessions: map<utf8<32>, Session, 10000>;
}
`;

/**
 * `await cContainers(folder)` is a function of a work's name (the table at the end of containers.c), which gives a command that prints its
 * ns; undefined where there is no gcc. `folder` is for what is built.
 */
export function cContainers(folder) {
  return cProgram(folder, { name: "yard", schema: SCHEMA, source: "containers.c" });
}
