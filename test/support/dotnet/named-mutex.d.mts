import type { Flyweight, FlyweightReader } from "@shmgen/runtime/codegen-v1";
import type { CreateOptions, OpenOptions, Region, RegionLocation } from "@shmgen/runtime";

interface Fields {
  readonly word: number;
  readonly kind: number;
  readonly processId: number;
  readonly threadId: bigint;
  readonly abandoned: number;
}
export interface NamedMutex extends Flyweight, Fields {}
export interface NamedMutexReader extends FlyweightReader, Fields {}
export const ROBUST_SHARED_RECURSIVE: number;
export function initialise(mutex: NamedMutex): void;
export const NamedMutex: {
  createOrOpen(name: string | RegionLocation, options?: CreateOptions<NamedMutex>): Region<NamedMutex>;
  create(name: string | RegionLocation, options?: CreateOptions<NamedMutex>): Region<NamedMutex>;
  open(name: string | RegionLocation, options?: OpenOptions): Region<NamedMutex>;
  openReadOnly(name: string | RegionLocation, options?: OpenOptions): Region<NamedMutexReader>;
};
