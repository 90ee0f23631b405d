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
import { ShmRangeError, refusal, wording } from "../../errors.js";
import type { AddressRange, MapRequest, Mapping } from "../contract.js";
import { addressOf } from "./address-of.js";
import { libc } from "./libc.js";
import { COMMON } from "./prototypes.js";
import { ownCalls } from "./own-calls.js";
import { monotonicMs } from "../../monotonic.js";
import { closeQuietly, errnoName, syscallError } from "./syscall.js";
import { system } from "./system.js";

const { PROT_READ, PROT_WRITE, MAP_SHARED, MAP_PRIVATE, MAP_FIXED } = COMMON;
const { MAP_ANONYMOUS, MAP_NORESERVE } = system;
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

/**
 * Maps a file. @throws ShmError ERR_SHM_SYSCALL, ERR_SHM_UNSUPPORTED, and ERR_SHM_NO_SPACE for `allocate`; ShmRangeError when
 * no buffer can be that long.
 */
export function mapFile(request: MapRequest): Mapping {
  checkMappable(request);
  const memory = request.kind === "view" ? undefined : wasmMemory(request);
  if (memory === undefined) return mapView(request);
  const buffer = memory.buffer;
  const range = { address: addressOf(buffer), size: buffer.byteLength };
  try {
    mmap(range.address, request, MAP_FIXED);
    allocateMapped(request);
  } catch (error) {
    // A failed mmap may already have taken the old pages away, and V8 believes that they are there.
    discard(range);
    throw error;
  }
  return { kind: "wasm", buffer, range, memory };
}

/**
 * Maps more of the file behind what is mapped, in address space that was kept for it; what is mapped stays as it is.
 * `from` and `to` are bytes.
 */
export function extendMapping(range: AddressRange, from: number, to: number, request: MapRequest): void {
  if (to > range.size) throw new Error(`the address space that was kept ends at ${range.size}, asked for ${to}`);
  // A mapping begins at a page; what was mapped of it already is mapped again, to the same memory.
  const start = Math.floor(from / pageSize()) * pageSize();
  mmap(range.address + start, { ...request, size: to - start }, MAP_FIXED, start);
}

/**
 * Maps the same bytes to the same place once more, through an open file of its own: no lock depends on the mapping any
 * longer, however long others keep it. Not for private maps, whose copies would be lost.
 */
export function remapApart(range: AddressRange, request: MapRequest): void {
  mapThroughOwnFile(request, (apart) => {
    try {
      mmap(range.address, apart, MAP_FIXED);
    } catch (error) {
      // As above: what was there may be gone.
      try {
        mmap(range.address, request, MAP_FIXED);
      } catch {
        discard(range);
      }
      throw error;
    }
  });
}

/** As {@link extendMapping}, through an open file of its own. */
export function extendApart(range: AddressRange, from: number, to: number, request: MapRequest): void {
  mapThroughOwnFile(request, (apart) => extendMapping(range, from, to, apart));
}

/** Puts zero pages over a mapping, so that nothing that still reads or writes there meets the file or a signal. */
export function discard({ address, size }: AddressRange): void {
  const flags = MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS | MAP_NORESERVE;
  libc().mmap(address, wholePages(size), PROT_READ | PROT_WRITE, flags, -1, 0);
}

/** As {@link discard}, of the pages that lie behind the first `from` bytes as a whole. */
export function discardBehind({ address, size }: AddressRange, from: number): void {
  const kept = wholePages(from);
  if (kept < size) discard({ address: address + kept, size: size - kept });
}

let page: number | undefined;

/** @see getpagesize(2) */
export function pageSize(): number {
  return (page ??= libc().pageSize());
}

/** What the kernel makes of the size of a mapping. Emulators of other pages than the machine has need to be told. @see mmap(2) */
function wholePages(size: number): number {
  return Math.ceil(size / pageSize()) * pageSize();
}

/** Gives the address range of a "view" mapping back. Only when its buffer has been collected. */
export function releaseRange({ address, size }: AddressRange): void {
  libc().munmap(address, wholePages(size));
}

function allocateMapped({ fd, size, path, allocate: wanted = false }: MapRequest): void {
  if (wanted) ownCalls.allocate(fd, size, path);
}

/**
 * Refuses what no mapping of this kind can show, by its size alone, so that nothing is allocated for it before: a tail of 2^31
 * elements took 16 GiB for two seconds before it was refused. What may still fail is mapped first and allocated then, which is
 * harmless beyond a file's end while nobody looks.
 * @throws ShmError ERR_SHM_UNSUPPORTED; ShmRangeError when no buffer can be that long
 */
export function checkMappable(request: Pick<MapRequest, "size" | "reserve" | "kind" | "path" | "unlocked">): void {
  const { size, kind, path } = request;
  if (kind !== "view" && wasmPages(request) <= WASM_PAGES_MAX) return;
  if (kind === "wasm") {
    const expected = `at most ${WASM_PAGES_MAX * WASM_PAGE}`;
    const found = Math.max(size, request.reserve ?? 0);
    throw refusal("ERR_SHM_UNSUPPORTED", "too large for a Wasm memory", { path, expected, found }, WITHOUT_LIMIT);
  }
  checkViewable(request);
}

const WITHOUT_WASM = 'use mapping: "auto" or "view"';
/** A tail that grows keeps the kind that "auto" has chosen for the length it had. */
const WITHOUT_LIMIT = 'open it with mapping: "view", or "auto" and a maxTail as long as the tail may become';

function wasmPages({ size, reserve = 0 }: Pick<MapRequest, "size" | "reserve">): number {
  return Math.ceil(Math.max(size, reserve) / WASM_PAGE);
}

/** koffi ends the process when V8 refuses a buffer, so what it would refuse is refused before. */
function checkViewable({ size, path, unlocked }: Pick<MapRequest, "size" | "path" | "unlocked">): void {
  if (process.versions["electron"] !== undefined) {
    const found = `Electron ${process.versions["electron"]}`;
    const what = 'mapping "view" needs external buffers, which end the process here';
    throw refusal("ERR_SHM_UNSUPPORTED", what, { path, found });
  }
  if (size <= constants.MAX_LENGTH) return;
  const expected = `at most ${constants.MAX_LENGTH}`;
  throw new ShmRangeError(
    wording(
      `Node ${process.version} has no buffer this long`,
      { expected, path },
      unlocked === true ? "attach a window of it: { offset, length }" : undefined,
      { size },
    ),
    { path, expected, found: size },
  );
}

/** The smallest Wasm memory that could not be had lately, and when that was, by the monotonic clock in milliseconds. */
let refused: { readonly pages: number; readonly at: number } | undefined;
/** V8 looks for address space for up to a fifth of a second, and collects all garbage: that is not done for every region. */
const REFUSAL_LASTS_MS = 10_000;

/** A Wasm memory of ours has gone, or may go: another one may be had now. */
export function forgetRefusal(): void {
  refused = undefined;
}

function wasRefused(pages: number): boolean {
  if (refused === undefined || pages < refused.pages) return false;
  if (monotonicMs() - refused.at < REFUSAL_LASTS_MS) return true;
  forgetRefusal();
  return false;
}

/** Undefined when "auto" has to fall back to a view: too large, or no address space for V8's guard pages. */
function wasmMemory(request: MapRequest): { readonly buffer: ArrayBufferLike } | undefined {
  const { kind, path } = request;
  const pages = wasmPages(request);
  if (pages > WASM_PAGES_MAX) return undefined;
  const isKnown = wasRefused(pages);
  if (isKnown && kind === "auto") return undefined;
  try {
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    if (isKnown) forgetRefusal();
    return memory;
  } catch (cause) {
    if (!isKnown) refused = { pages, at: monotonicMs() };
    if (kind === "auto") return undefined;
    throw refusal("ERR_SHM_UNSUPPORTED", "V8 has no address space for a Wasm memory", { path, cause }, WITHOUT_WASM);
  }
}

function mapView(request: MapRequest): Mapping {
  const { size, path, unlocked = false } = request;
  checkViewable(request);
  const range = { address: unlocked ? mmap(0, request, 0) : mapApart(request), size };
  try {
    allocateMapped(request);
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
  return mapThroughOwnFile(request, (apart) => mmap(0, apart, 0));
}

function mapThroughOwnFile<T>(request: MapRequest, map: (apart: MapRequest) => T): T {
  const { fd, access, path } = request;
  const apart = ownCalls.openApart(fd, access === "read-write" ? "read-write" : "read-only", path) ?? fd;
  try {
    return map({ ...request, fd: apart });
  } finally {
    if (apart !== fd) closeQuietly(apart);
  }
}

/** `offset`: from where the mapping begins. */
function mmap(address: number, request: MapRequest, flags: number, offset = 0): number {
  const { fd, size, access, path, offset: start = 0, segment } = request;
  if (segment !== undefined) return ownCalls.attachSegment(address, { segment, access, path });
  const c = libc();
  const protection = access === "read-only" ? PROT_READ : PROT_READ | PROT_WRITE;
  const sharing = access === "private" ? MAP_PRIVATE : MAP_SHARED;
  const result = Number(c.mmap(address, wholePages(size), protection, flags | sharing, fd, start + offset));
  if (result === MAP_FAILED) throw syscallError("mmap", errnoName(c.errno()), path, { size });
  return result;
}
