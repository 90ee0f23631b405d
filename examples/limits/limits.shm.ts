import type { Region, array, atomic, bool, seqlock, u32, utf8 } from "@shmgen/schema";

/** What the operator can change while the cluster serves. Its parts belong together: all workers always see one state of it. */
export interface Settings {
  /** Raised by the operator at every change. */
  revision: u32;
  /** Requests that each client may make in one second. */
  perSecond: u32;
  /** Always `revision` again: so that a mixture of two states would show. */
  check: u32;
  /** Feature flags. */
  newCheckout: bool;
  maintenance: bool;
  banner: utf8<64>;
}

/** One region for all workers of the cluster. */
export interface Limits extends Region<{ type: 0x11; version: 1 }> {
  settings: seqlock<Settings>;
  /** Requests of each client in the running second, by the hash of its name: counted by all workers together. */
  counts: array<atomic<u32>, 1024>;
  /** The second that they are of. */
  second: atomic<u32>;
  /** Of all workers. */
  served: atomic<u32>;
  refused: atomic<u32>;
  /** Mixtures of two states that somebody has seen. */
  mixed: atomic<u32>;
}
