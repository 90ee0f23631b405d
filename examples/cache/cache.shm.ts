import type { f64, map, Region, u32, utf8 } from "@shmgen/schema";

/** What is known of a visitor. */
export interface Session {
  user: utf8<24>;
  visits: u32;
  /** Ms since 1970. */
  since: f64;
}

/** The sessions of all workers of a cluster. */
export interface Cache extends Region<{ type: 0x13a9; version: 1 }> {
  sessions: map<utf8<32>, Session, 10000>;
}
