/**
 * What a generated class of a region inherits: the static methods that open regions. In comes what describes the region, out a
 * class that the generated one extends; the generated class has the fields and the layout.
 */
import type { ForeignDefinition, RegionDefinition } from "./access/definition.js";
import { Flyweight, type FlyweightWriter } from "./access/flyweight.js";
import type { MemoryView } from "./access/memory-view.js";
import type {
  AnonymousOptions,
  AttachOptions,
  CreateOptions,
  CreateUniqueOptions,
  DescriptorOptions,
  FromSharedOptions,
  FromTokenOptions,
  LocalOptions,
  OpenOptions,
  ReceiveOptions,
  WhenAttachedOptions,
  WhenReadyOptions,
} from "./open/options.js";
import {
  attachForeign,
  attachForeignDescriptor,
  attachForeignSegment,
  attachRegion,
  createAnonymousRegion,
  createLocalRegion,
  createOrOpenRegion,
  createRegion,
  createUniqueRegion,
  openRegion,
  openRegionReadOnly,
  receiveRegion,
  regionFromShared,
  regionFromToken,
  type RegionLocation,
  whenForeignAttached,
  whenRegionReady,
} from "./opening.js";
import type { NamedMapping } from "./open/attach.js";
import type { SegmentId } from "./open/attach-segment.js";
import type { ForeignPlace } from "./open/when-attached.js";
import type { Region } from "./region/region.js";
import type { SharedRegion } from "./mapping/shared-form.js";

type ReadOnly = { readonly access: "read-only" };
type Writable = { readonly access?: "read-write" | "private" };

/** Base of the generated class of a region: `T` is its accessor, `R` the one for memory that is only read. */
export interface RegionBase<T extends Flyweight, R extends Flyweight> {
  new (view: MemoryView, offset: number, align?: number): FlyweightWriter;
  /** What the runtime is told about the region, for `migration()`. */
  readonly definition: RegionDefinition<T, R>;
  /**
   * Opens the region `name`; creates and initialises it when nobody has it open.
   * `outcome` of the result says which.
   */
  createOrOpen(name: string | RegionLocation, options?: CreateOptions<T>): Region<T>;
  /** Creates the region `name`. @throws ShmError ERR_SHM_EXISTS when somebody has it open. */
  create(name: string | RegionLocation, options?: CreateOptions<T>): Region<T>;
  /** Opens the region `name`, which somebody has open. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_STALE. */
  open(name: string | RegionLocation, options?: OpenOptions): Region<T>;
  /** As open, with the memory mapped read-only. */
  openReadOnly(name: string | RegionLocation, options?: OpenOptions): Region<R>;
  /** As openReadOnly, once the region exists and is ready. */
  whenReady(name: string | RegionLocation, options: WhenReadyOptions & ReadOnly): Promise<Region<R>>;
  /** As open, once the region exists and is ready. */
  whenReady(name: string | RegionLocation, options?: WhenReadyOptions & Writable): Promise<Region<T>>;
  /** As fromShared, of a region that was opened read-only. */
  fromShared(shared: SharedRegion, options: FromSharedOptions & ReadOnly): Region<R>;
  /** Opens in this thread what another one gave away with `region.share()`, over the same mapping. @throws ShmError ERR_SHM_CLOSED. */
  fromShared(shared: SharedRegion, options?: FromSharedOptions & { readonly access?: "read-write" }): Region<T>;
  /** Creates a region under a name that nobody else has: `prefix`, the process and random digits. See `region.name`. */
  createUnique(prefix: string, options?: CreateUniqueOptions<T>): Region<T>;
  /** Creates a region without a name, which the kernel frees with the last process that has it. */
  createAnonymous(options?: AnonymousOptions<T>): Region<T>;
  /**
   * Creates a region in memory of this process alone, on every platform and in browsers: for tests, and for threads of one process.
   * @throws ShmError ERR_SHM_UNSUPPORTED where there is no SharedArrayBuffer.
   */
  createLocal(options?: LocalOptions<T>): Region<T>;
  /** Opens the region that `region.token()` named, read-only. */
  fromToken(token: string, options: FromTokenOptions & ReadOnly): Region<R>;
  /** Opens the region that `region.token()` named. @throws ShmError ERR_SHM_FORMAT, ERR_SHM_FOREIGN, ERR_SHM_NOT_FOUND, ERR_SHM_STALE. */
  fromToken(token: string, options?: FromTokenOptions & Writable): Region<T>;
  /** Opens the region that a descriptor leads to, read-only, and takes the descriptor over. */
  attachFd(descriptor: number, options: DescriptorOptions & ReadOnly): Region<R>;
  /** Opens the region that a descriptor leads to, such as one inherited from the parent, and takes the descriptor over. */
  attachFd(descriptor: number, options?: DescriptorOptions & Writable): Region<T>;
  /** As receiveRegion, with the memory mapped read-only. */
  receiveRegion(socketPath: string, options: ReceiveOptions & ReadOnly): Promise<Region<R>>;
  /** Listens at a Unix socket until a process sends the region there with `sendRegion()`, and opens it. */
  receiveRegion(socketPath: string, options?: ReceiveOptions & Writable): Promise<Region<T>>;
}

/** Base of the generated class of memory that another program owns. */
export interface ForeignBase<T extends Flyweight, R extends Flyweight> {
  new (view: MemoryView, offset: number, align?: number): FlyweightWriter;
  /** As attach, with write access. */
  attach(where: string | NamedMapping, options: AttachOptions & { readonly access: "read-write" }): Region<T>;
  /**
   * Attaches a file by its path, or on Windows memory by `{ mapping: "Local\\Name" }`, read-only. Another program owns it: it is never initialised, locked
   * or removed. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION, and ERR_SHM_FORMAT when it is too short, or an expected value differs.
   */
  attach(where: string | NamedMapping, options?: AttachOptions & { readonly access?: "read-only" }): Region<R>;
  /** As attachFd, with write access. */
  attachFd(descriptor: number, options: AttachOptions & { readonly access: "read-write" }): Region<T>;
  /** Maps what a descriptor leads to, also what is no file, read-only. The descriptor stays the caller's. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_FOREIGN. */
  attachFd(descriptor: number, options?: AttachOptions & { readonly access?: "read-only" }): Region<R>;
  /** As attachSystemV, with write access. */
  attachSystemV(segment: number | SegmentId, options: AttachOptions & { readonly access: "read-write" }): Region<T>;
  /** Attaches a segment of System V by its key, or by `{ id }`, read-only. @throws ShmError ERR_SHM_NOT_FOUND, ERR_SHM_PERMISSION. */
  attachSystemV(segment: number | SegmentId, options?: AttachOptions & { readonly access?: "read-only" }): Region<R>;
  /** As whenAttached, with write access. */
  whenAttached(
    where: ForeignPlace,
    options: WhenAttachedOptions & { readonly access: "read-write" },
  ): Promise<Region<T>>;
  /**
   * As attach and attachSystemV, once another program has made its memory: `where` is what those take. @throws ShmError ERR_SHM_NOT_READY
   * at the timeout.
   */
  whenAttached(
    where: ForeignPlace,
    options?: WhenAttachedOptions & { readonly access?: "read-only" },
  ): Promise<Region<R>>;
}

/**
 * The base of one generated class. `describe` is called when a region is opened for the first time, because what it gives names
 * the class that is about to be declared. The methods need no `this`, so that they can be passed around.
 */
export function regionBase<T extends Flyweight, R extends Flyweight>(
  describe: () => RegionDefinition<T, R>,
): RegionBase<T, R> {
  const definition = once(describe);
  class RegionFlyweight extends Flyweight {
    static get definition(): RegionDefinition<T, R> {
      return definition();
    }
    static createOrOpen(name: string | RegionLocation, options?: CreateOptions<T>): Region<T> {
      return createOrOpenRegion(definition(), name, options);
    }
    static create(name: string | RegionLocation, options?: CreateOptions<T>): Region<T> {
      return createRegion(definition(), name, options);
    }
    static open(name: string | RegionLocation, options?: OpenOptions): Region<T> {
      return openRegion(definition(), name, options);
    }
    static openReadOnly(name: string | RegionLocation, options?: OpenOptions): Region<R> {
      return openRegionReadOnly(definition(), name, options);
    }
    static whenReady(name: string | RegionLocation, options?: WhenReadyOptions): Promise<Region<T> | Region<R>> {
      return whenRegionReady(definition(), name, options as WhenReadyOptions & ReadOnly);
    }
    static fromShared(shared: SharedRegion, options?: FromSharedOptions): Region<T> | Region<R> {
      return regionFromShared(definition(), shared, options as FromSharedOptions & ReadOnly);
    }
    static createUnique(prefix: string, options?: CreateUniqueOptions<T>): Region<T> {
      return createUniqueRegion(definition(), prefix, options);
    }
    static createAnonymous(options?: AnonymousOptions<T>): Region<T> {
      return createAnonymousRegion(definition(), options);
    }
    static createLocal(options?: LocalOptions<T>): Region<T> {
      return createLocalRegion(definition(), options);
    }
    static fromToken(token: string, options?: FromTokenOptions): Region<T> | Region<R> {
      return regionFromToken(definition(), token, options as FromTokenOptions & ReadOnly);
    }
    static attachFd(descriptor: number, options?: DescriptorOptions): Region<T> | Region<R> {
      return attachRegion(definition(), descriptor, options as DescriptorOptions & ReadOnly);
    }
    static receiveRegion(socketPath: string, options?: ReceiveOptions): Promise<Region<T> | Region<R>> {
      return receiveRegion(definition(), socketPath, options as ReceiveOptions & ReadOnly);
    }
  }
  return RegionFlyweight as unknown as RegionBase<T, R>;
}

/** As {@link regionBase}, for memory that another program owns. */
export function foreignBase<T extends Flyweight, R extends Flyweight>(
  describe: () => ForeignDefinition<T, R>,
): ForeignBase<T, R> {
  const definition = once(describe);
  class ForeignFlyweight extends Flyweight {
    static attach(where: string | NamedMapping, options?: AttachOptions): Region<T> | Region<R> {
      return attachForeign(definition(), where, options as AttachOptions & { readonly access: "read-write" });
    }
    static attachFd(descriptor: number, options?: AttachOptions): Region<T> | Region<R> {
      return attachForeignDescriptor(
        definition(),
        descriptor,
        options as AttachOptions & { readonly access: "read-write" },
      );
    }
    static attachSystemV(segment: number | SegmentId, options?: AttachOptions): Region<T> | Region<R> {
      return attachForeignSegment(definition(), segment, options as AttachOptions & { readonly access: "read-write" });
    }
    static whenAttached(where: ForeignPlace, options?: WhenAttachedOptions): Promise<Region<T> | Region<R>> {
      return whenForeignAttached(definition(), where, options as AttachOptions & { readonly access: "read-write" });
    }
  }
  return ForeignFlyweight as unknown as ForeignBase<T, R>;
}

/** A function that makes its result once: what the runtime knows about a definition hangs on its identity. */
function once<V>(make: () => V): () => V {
  let made: V | undefined;
  return () => (made ??= make());
}
