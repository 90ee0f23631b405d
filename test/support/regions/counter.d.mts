import type { Flyweight, FlyweightReader, FutexPort, RegionDefinition } from "@shmgen/runtime/codegen-v1";
import type {
  AnonymousOptions,
  CreateOptions,
  CreateUniqueOptions,
  DescriptorOptions,
  FromTokenOptions,
  OpenOptions,
  ReceiveOptions,
  FromSharedOptions,
  Region,
  SharedRegion,
  RegionLocation,
  WhenReadyOptions,
} from "@shmgen/runtime";

export interface Counter extends Flyweight {
  count: number;
  word: number;
  big: bigint;
  addCount(value: number): number;
  addBig(value: bigint): bigint;
}
export interface CounterReader extends FlyweightReader {
  readonly count: number;
  readonly word: number;
  readonly big: bigint;
}
export interface CounterChange {
  readonly typeId?: number;
  readonly version?: number;
  readonly fingerprint?: string;
  readonly header?: "standard" | "dotnet";
  readonly tailStride?: number;
  readonly naming?: "versioned";
  readonly fields?: readonly object[];
}
export interface CounterStatics {
  readonly definition: RegionDefinition<Counter, CounterReader>;
  createOrOpen(name: string | RegionLocation, options?: CreateOptions<Counter>): Region<Counter>;
  create(name: string | RegionLocation, options?: CreateOptions<Counter>): Region<Counter>;
  open(name: string | RegionLocation, options?: OpenOptions): Region<Counter>;
  openReadOnly(name: string | RegionLocation, options?: OpenOptions): Region<CounterReader>;
  whenReady(name: string | RegionLocation, options?: WhenReadyOptions): Promise<Region<Counter | CounterReader>>;
  createUnique(prefix: string, options?: CreateUniqueOptions<Counter>): Region<Counter>;
  createAnonymous(options?: AnonymousOptions<Counter>): Region<Counter>;
  fromToken(token: string, options?: FromTokenOptions): Region<Counter>;
  attachFd(descriptor: number, options?: DescriptorOptions): Region<Counter>;
  receiveRegion(socketPath: string, options?: ReceiveOptions): Promise<Region<Counter>>;
  fromShared(
    shared: SharedRegion,
    options: FromSharedOptions & { readonly access: "read-only" },
  ): Region<CounterReader>;
  fromShared(shared: SharedRegion, options?: FromSharedOptions): Region<Counter>;
}
export function counterDefinition(change?: CounterChange): RegionDefinition<Counter, CounterReader>;
export function counterOf(change: CounterChange): CounterStatics;
export const Counter: CounterStatics;
export function futexOf(region: Region<Counter> | Region<CounterReader>): FutexPort;
