import type { CreateOptions, OpenOptions, Region, SharedRegion } from "@shmgen/runtime";
import type { Flyweight, ParticipantsPort } from "@shmgen/runtime/codegen-v1";
import type { Event, Mutex, Semaphore } from "@shmgen/runtime/containers-v1";

export interface GatesData extends Flyweight {
  readonly door: Mutex;
  readonly bell: Event;
  readonly seats: Semaphore;
  readonly participants: ParticipantsPort;
  totals: readonly [total: number, half: number];
  add(): void;
  wordsOf(name: "door" | "bell" | "seats"): Uint32Array;
}
export const SEATS: number;
export const Gates: {
  createOrOpen(name: string, options?: CreateOptions<GatesData>): Region<GatesData>;
  open(name: string, options?: OpenOptions): Region<GatesData>;
  openReadOnly(name: string, options?: OpenOptions): Region<GatesData>;
  fromShared(shared: SharedRegion): Region<GatesData>;
};
