/**
 * Mappings that JavaScript sees as a buffer.
 *
 * Kind "wasm": the file is mapped over the first pages of a shared WebAssembly.Memory. V8 owns the address range, keeps it
 * while any SharedArrayBuffer of it lives, in whatever thread, and releases it with our mapping afterwards.
 * Kind "view": an address range of our own, seen through an external ArrayBuffer; it stays reserved until
 * `releaseRange` says that the buffer is gone.
 * Either way `discard` puts anonymous zero pages over the range, so that late readers find zeros and no signal.
 */
import { constants } from "node:buffer";
import { constants as fsConstants, openSync } from "node:fs";
import { ShmRangeError, refusal } from "../errors.js";
import { libc } from "./libc.js";
import { attemptUnless, closeQuietly, errnoName, syscallError, uninterrupted } from "./syscall.js";

const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 0x01;
const MAP_PRIVATE = 0x02;
const MAP_FIXED = 0x10;
const MAP_ANONYMOUS = 0x20;
const MAP_NORESERVE = 0x4000;
/** What mmap returns when it fails: -1 as an unsigned number, never null. */
const MAP_FAILED = 2 ** 64;

/** The part of WebAssembly that is used here; its types come with the DOM library, which a Node package has no use for. */
declare const WebAssembly: {
  readonly Memory: new (descriptor: { initial: number; maximum: number; shared: true }) => {
    readonly buffer: SharedArrayBuffer;
  };
};

const WASM_PAGE = 65536;
/** 4 GiB less one page: every engine that we know allocates it. */
const WASM_PAGES_MAX = 65535;

export type MappingKind = "wasm" | "view";

/** One mapping of a file. Plain data: whoever holds it keeps the buffer alive. */
export interface Mapping {
  readonly kind: MappingKind;
  readonly buffer: ArrayBufferLike;
  readonly range: AddressRange;
}

/** Where a mapping lies. Does not keep its buffer alive. */
export interface AddressRange {
  readonly address: number;
  readonly size: number;
}

/** What to map. `size` is bytes from the start of the file. */
export interface MapRequest {
  readonly fd: number;
  readonly size: number;
  readonly readOnly: boolean;
  readonly kind: MappingKind | "auto";
  readonly path: string;
}

/** Maps a file. @throws ShmError ERR_SHM_SYSCALL, ERR_SHM_UNSUPPORTED; ShmRangeError when no buffer can be that long. */
export function mapFile(request: MapRequest): Mapping {
  const memory = request.kind === "view" ? undefined : wasmMemory(request);
  if (memory === undefined) return mapView(request);
  const buffer = memory.buffer;
  const range = { address: libc().addressOf(new Uint8Array(buffer)), size: request.size };
  try {
    mmap(range.address, request, MAP_SHARED | MAP_FIXED);
  } catch (error) {
    // A failed mmap may already have taken the old pages away, and V8 believes that they are there.
    discard(range);
    throw error;
  }
  return { kind: "wasm", buffer, range };
}

/** Puts zero pages over a mapping, so that nothing that still reads or writes there meets the file or a signal. */
export function discard({ address, size }: AddressRange): void {
  libc().mmap(address, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

/** Gives the address range of a "view" mapping back. Only when its buffer has been collected. */
export function releaseRange({ address, size }: AddressRange): void {
  libc().munmap(address, size);
}

/** Reserves the blocks of a file now, so that a full file system is an error here and not a signal at the first touch. */
export function allocate(fd: number, size: number, path: string): void {
  const c = libc();
  const errno = uninterrupted(() => c.posixFallocate(fd, 0, size));
  if (errno !== 0) throw syscallError("posix_fallocate", errnoName(errno), path, { size });
}

/** Undefined when "auto" has to fall back to a view: too large, or no address space for V8's guard pages. */
function wasmMemory({ size, kind, path }: MapRequest): { readonly buffer: ArrayBufferLike } | undefined {
  const pages = Math.ceil(size / WASM_PAGE);
  const remedy = 'use mapping: "auto" or "view"';
  if (pages > WASM_PAGES_MAX) {
    if (kind === "auto") return undefined;
    const expected = `at most ${WASM_PAGES_MAX * WASM_PAGE}`;
    throw refusal("ERR_SHM_UNSUPPORTED", "too large for a Wasm memory", { path, expected, found: size }, remedy);
  }
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  } catch (cause) {
    if (kind === "auto") return undefined;
    throw refusal("ERR_SHM_UNSUPPORTED", "V8 has no address space for a Wasm memory", { path, cause }, remedy);
  }
}

function mapView(request: MapRequest): Mapping {
  const { size, path } = request;
  if (process.versions["electron"] !== undefined) {
    const found = `Electron ${process.versions["electron"]}`;
    throw refusal("ERR_SHM_UNSUPPORTED", 'mapping "view" needs external buffers, which end the process here', {
      path,
      found,
    });
  }
  // koffi ends the process when V8 refuses a buffer, so the limit is checked before.
  if (size > constants.MAX_LENGTH) {
    const expected = `at most ${constants.MAX_LENGTH}`;
    throw new ShmRangeError(
      `Node ${process.version} has no buffer this long: size=${size} expected="${expected}" path=${path}`,
      {
        path,
        expected,
        found: size,
      },
    );
  }
  const range = { address: mapApart(request), size };
  try {
    const buffer = libc().view(range.address, size);
    // A transfer would move the memory to a buffer of which we do not know when it goes.
    for (const method of ["transfer", "transferToFixedLength"]) {
      Object.defineProperty(buffer, method, {
        value: () => {
          throw refusal("ERR_SHM_UNSUPPORTED", "mapped memory cannot be transferred", { path });
        },
      });
    }
    return { kind: "view", buffer, range };
  } catch (error) {
    releaseRange(range);
    throw error;
  }
}

/**
 * A mapping keeps its open file alive, and with it the file's flock. V8 unmaps what a terminated worker leaves behind, but
 * nobody unmaps a range of ours: it is mapped through an open file of its own, so that the lock depends on the caller's
 * descriptor alone.
 */
function mapApart(request: MapRequest): number {
  const { fd, readOnly, path } = request;
  const flags = readOnly ? fsConstants.O_RDONLY : fsConstants.O_RDWR;
  const apart = attemptUnless(path, ["ENOENT"], () => openSync(`/proc/self/fd/${fd}`, flags)) ?? fd;
  try {
    return mmap(0, { ...request, fd: apart }, MAP_SHARED);
  } finally {
    if (apart !== fd) closeQuietly(apart);
  }
}

function mmap(address: number, { fd, size, readOnly, path }: MapRequest, flags: number): number {
  const c = libc();
  const result = Number(c.mmap(address, size, readOnly ? PROT_READ : PROT_READ | PROT_WRITE, flags, fd, 0));
  if (result === MAP_FAILED) throw syscallError("mmap", errnoName(c.errno()), path, { size });
  return result;
}
