import type { array, atomic, bool, enumOf, f32, Foreign, i32, Packed, Sized, u32, utf16 } from "@shmgen/schema";

/** What a racing game tells of a session: structs of Windows, packed to 4 bytes, with text in UTF-16. */
export interface RacePage extends Foreign, Packed<4>, Sized<176> {
  /** Raised before the game writes, and `updateEnd` after it: equal when nothing is half written. */
  updateBegin: atomic<u32>;
  status: RaceStatus;
  isInPit: bool;
  lap: i32;
  /** -1 before the first lap. */
  lastLapMs: i32;
  speedKmh: f32;
  tyrePressure: array<f32, 4>;
  track: utf16<32>;
  driver: utf16<33>;
  updateEnd: atomic<u32>;
}

export type RaceStatus = enumOf<{ off: 0; replay: 1; live: 2; pause: 3 }, i32>;
