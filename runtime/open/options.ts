import type { AbortOptions } from "../arguments/wait-options.js";
import type { RegionWait } from "../wait/long-wait.js";
import type { Migration } from "./migration.js";
import type { PlaceOptions } from "../place/place.js";

/** Options of `open` and `openReadOnly`. */
export interface OpenOptions extends PlaceOptions {
  /**
   * Longest wait for locks and for initialisation by others, altogether, ms. What the call does itself does not count, such as
   * `initialise`; to end well it may take 100 ms more. Default 5000.
   */
  readonly timeoutMs?: number;
  /**
   * Is told once of a wait for a lock or for initialisation by others that has lasted a second, while it goes on. Default: a
   * line on stderr that names who is waited for, unless Node's warnings are off. What it throws ends the wait.
   */
  readonly onWait?: (wait: RegionWait) => void;
  /**
   * "last-close" (default): the last to close removes the file. "keep": it stays, and its header says so, so that cleaning leaves it
   * even after a crash. The last to close goes by its own option: who opens a region that is to stay says "keep" as well. "immediately": its name is gone as soon as
   * it is open, and only who is handed its descriptor, or had it open before, can use it; whatever kills them, nothing remains.
   */
  readonly cleanup?: "last-close" | "keep" | "immediately";
  /** "auto" (default): a SharedArrayBuffer where possible, else a view. */
  readonly mapping?: "auto" | "wasm" | "view";
  /**
   * Elements for which address space is kept, so that the tail can grow in place: `growTail` and `refresh` then leave the
   * memory where it is. Costs addresses, no memory. Default: as many as the tail has.
   */
  readonly maxTail?: number;
  /** "private": writes stay with this region (copy-on-write), and the file is opened read-only. Only `open` has it. */
  readonly access?: "read-write" | "private";
}

/** Options of `create` and `createOrOpen`. */
export interface CreateOptions<T> extends Omit<OpenOptions, "access"> {
  /**
   * Gives a new region its first values, synchronously, before anybody else sees it. When it throws, no region remains.
   */
  readonly initialise?: (data: T) => void;
  /**
   * What happens to a region that nobody has open. "reinitialise" (default): it is made anew. "keep": if it is complete
   * and of this layout, or of another version that fits, go on with its data. "throw": ERR_SHM_STALE.
   */
  readonly onStale?: "reinitialise" | "keep" | "throw";
  /**
   * How a region of another version that nobody has open becomes one of this version, made by `migration()`; whatever `onStale`
   * says, unless it says "throw". `initialise` is not called then. At any instant the file is the complete old region or the
   * complete new one. Migrations are not chained: each leads from its version straight to this one.
   */
  readonly migrate?: readonly Migration<T>[];
  /** Elements of the tail when the region is made. A region that exists keeps its own; a migrated one by default the old one's. */
  readonly tailLength?: number;
}

/** Options of `whenReady`. */
export interface WhenReadyOptions extends Omit<OpenOptions, "access">, AbortOptions {
  /** Default "read-write". */
  readonly access?: "read-write" | "read-only" | "private";
  /** Longest wait altogether. Default 5000; `Infinity` waits for ever. The event loop is never blocked. */
  readonly timeoutMs?: number;
}

/** Options of `attach`, and of `attachFd` and `attachSystemV` of foreign structs. */
export interface AttachOptions extends Pick<OpenOptions, "mapping"> {
  /** Where the struct begins in the file, the device, the segment or the mapping: bytes, a multiple of 8 and of the struct's alignment. Default 0. */
  readonly offset?: number;
  /** Bytes from there on that are mapped. Default: up to the end of it, which `refresh()` follows. What has no size, as most devices, needs it. */
  readonly length?: number;
  /** Default "read-only". */
  readonly access?: "read-only" | "read-write";
}

/** Options of `whenAttached`. */
export interface WhenAttachedOptions extends AttachOptions, AbortOptions {
  /** Longest wait altogether, ms. Default 5000; `Infinity` waits for ever. The event loop is never blocked. */
  readonly timeoutMs?: number;
}

/** Options of `fromShared`. */
export interface FromSharedOptions extends Pick<OpenOptions, "timeoutMs"> {
  /** As the region was opened by who shares it. Default "read-write". */
  readonly access?: "read-write" | "read-only";
}

/** Options of `attachFd` and `receiveRegion`. */
export interface DescriptorOptions extends Omit<OpenOptions, "access" | "directory"> {
  /** Default "read-write". A descriptor that was opened for reading gives no more. */
  readonly access?: "read-write" | "read-only" | "private";
}

/** Options of `fromToken`. */
export interface FromTokenOptions extends Omit<OpenOptions, "access" | "directory"> {
  /** Default "read-write". */
  readonly access?: "read-write" | "read-only" | "private";
}

/** Options of `createUnique`. */
export interface CreateUniqueOptions<T> extends Omit<CreateOptions<T>, "onStale" | "migrate"> {}

/** Options of `createAnonymous`. `directory` is for kernels without memfd_create, where a file without a name takes its place. */
export interface AnonymousOptions<T>
  extends PlaceOptions, Pick<CreateOptions<T>, "initialise" | "tailLength" | "maxTail" | "mapping"> {
  /** What shows in /proc/PID/maps and in errors; as the name of a region. Default: the struct's name. */
  readonly label?: string;
}

/** Options of `createLocal`. */
export interface LocalOptions<T> extends Pick<CreateOptions<T>, "initialise" | "tailLength"> {
  /** What is said in errors, after `local:`, and `region.name`. Default: the struct's name. */
  readonly label?: string;
  /** Elements up to which the tail can grow. Costs addresses, no memory. Default: 16 times as many as it has, of 16 to 256 MiB. */
  readonly maxTail?: number;
}

/** Options of `sendRegion`. */
export interface HandOverOptions extends AbortOptions {
  /** Longest wait for the other end, ms. Default 5000; `Infinity` waits for ever. The event loop is never blocked. */
  readonly timeoutMs?: number;
  /** Default false: only this user and root may be at the other end (SO_PEERCRED). */
  readonly allowOtherUsers?: boolean;
}

/** Options of `receiveRegion`. With `allowOtherUsers` everybody can connect to the socket. */
export interface ReceiveOptions extends DescriptorOptions, HandOverOptions {}
