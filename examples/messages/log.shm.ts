import type { Region, messages } from "@shmgen/schema";

/** What several programs have to say, and one prints. */
export interface Log extends Region<{ type: 0x13; version: 1 }> {
  /** 1 MiB, for messages of up to 1 MiB less 8 bytes. */
  log: messages<1048576>;
}
