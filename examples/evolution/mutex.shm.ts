import type { Region, atomic, bool, pad, u32 } from "@shmgen/schema";

/** State of a mutex that processes share: what a runtime keeps in memory for each named mutex. */
export interface SharedMutex extends Region<{ type: 0x4d; version: 1 }> {
  /** Process that owns it; 0 for none. */
  ownerProcess: atomic<u32>;
  /** Thread of that process. */
  ownerThread: atomic<u32>;
  /** Threads that wait with a timeout. */
  timedWaiters: atomic<u32>;
  /** Its owner ended without letting go. */
  isAbandoned: atomic<bool>;
  /** Kept for later versions. */
  kept: pad<15>;
}
