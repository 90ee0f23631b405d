/**
 * Mappings that JavaScript sees as an ArrayBuffer over addresses of ours. A file is mapped in the place of a placeholder, so that its addresses never belong to
 * anybody else: `discard` puts zeros there for late readers of the buffer, which are of one thread, so that none is between the two steps that
 * this takes. The addresses stay until `releaseRange` says that the buffer is gone.
 * @see https://learn.microsoft.com/windows/win32/api/memoryapi/nf-memoryapi-virtualalloc2 "Placeholders"
 */
import { constants } from "node:buffer";
import { ShmRangeError, refusal, wording } from "../../errors.js";
import type { AddressRange, FileId, FutexWord, MapRequest, Mapping } from "../contract.js";
import { allocate } from "./blocks.js";
import { lastError } from "./calls.js";
import { handleOf, isHandle, pathOfHandle } from "./handles.js";
import { OWN_PROCESS, kernel32 } from "./kernel32.js";
import { fs } from "../node.js";
import { withNamedSection } from "./named-sections.js";
import { withoutWasm } from "./refusals.js";
import { ownSession } from "./processes.js";
import { identify, sizeOf } from "./status.js";

const MEM_COMMIT = 0x1000;
const MEM_RESERVE = 0x2000;
const MEM_REPLACE_PLACEHOLDER = 0x4000;
const MEM_RESERVE_PLACEHOLDER = 0x4_0000;
const MEM_PRESERVE_PLACEHOLDER = 2;
const MEM_RELEASE = 0x8000;
const PAGE_NOACCESS = 1;
const PAGE_READONLY = 2;
const PAGE_READWRITE = 4;
const PAGE_WRITECOPY = 8;

const PROTECTIONS = { "read-write": PAGE_READWRITE, "read-only": PAGE_READONLY, private: PAGE_WRITECOPY } as const;

/** A mapping of this thread, and which part of which file it is: waits are for places of files, whatever addresses these have. */
export interface MappedRange extends AddressRange {
  readonly file: FileId;
  /** Of the file, where the range begins, bytes. */
  readonly offset: number;
  /** Where the file was when it was mapped; undefined for memory that is no file. */
  readonly path: string | undefined;
}

function fileOf(fd: number, path: string): Pick<MappedRange, "file" | "path"> {
  const { dev, ino } = identify(fd, path);
  return { file: { dev, ino }, path: pathOfHandle(handleOf(fd, path)) ?? path };
}

/** No volume has this number. */
const NO_VOLUME = 0xffff_ffff;

/** Memory that has a name and no number is told apart by its name: FNV-1a of its characters, of which sessions have others by one name. */
function sectionOf(named: string): Pick<MappedRange, "file" | "path"> {
  const isGlobal = named.startsWith("Global\\");
  const name = isGlobal ? named : `${ownSession()}\\${named.replace(/^Local\\/, "")}`;
  let hash = 0xcbf2_9ce4_8422_2325n;
  for (let at = 0; at < name.length; at += 1) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(name.charCodeAt(at))) * 0x100_0000_01b3n);
  }
  return { file: { dev: NO_VOLUME, ino: Number(BigInt.asUintN(53, hash)) }, path: undefined };
}

/** Ranges of ours that show a file, by their address. */
const shown = new Map<number, MappedRange>();
/** The same by rising addresses; made when it is asked for. */
let sorted: MappedRange[] | undefined;

/** The range that an address is in. */
export function rangeAt(address: number): MappedRange | undefined {
  sorted ??= [...shown.values()].sort((one, other) => one.address - other.address);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.address ?? Infinity) <= address) low = middle + 1;
    else high = middle;
  }
  const range = sorted[low - 1];
  return range !== undefined && address < range.address + range.size ? range : undefined;
}

/** A word of memory that is mapped, also read-only. */
export function wordAt({ address, expected }: FutexWord): { isChanged(): boolean } {
  const word = new Uint32Array(kernel32().view(address, 4));
  return { isChanged: () => Atomics.load(word, 0) !== expected };
}

/** What has to be forgotten of a range when it shows its file no more. */
const atUnmap: ((range: MappedRange) => void)[] = [];

export function whenUnmapped(forget: (range: MappedRange) => void): void {
  atUnmap.push(forget);
}

function show(range: MappedRange): void {
  shown.set(range.address, range);
  sorted = undefined;
}

/** False when the range does not show a file. */
function isTakenAway(address: number): boolean {
  const range = shown.get(address);
  if (range === undefined) return false;
  shown.delete(address);
  sorted = undefined;
  for (const forget of atUnmap) forget(range);
  return true;
}

/** @throws ShmError ERR_SHM_SYSCALL, ERR_SHM_UNSUPPORTED, and ERR_SHM_NO_SPACE for `allocate`; ShmRangeError when no buffer can be that long. */
export function mapFile(request: MapRequest): Mapping {
  checkMappable(request);
  const { fd, size, path, offset = 0, named } = request;
  // A section is no longer than its file, so the file comes first; when it cannot be mapped, nobody else relies on what was added.
  const before = request.allocate === true ? sizeOf(fd, path) : undefined;
  if (before !== undefined) allocate(fd, offset + size, path);
  let address: number | undefined;
  try {
    address = mapAnywhere(request);
    const buffer = kernel32().view(address, size);
    // A transfer would move the memory to a buffer of which we do not know when it goes.
    for (const method of ["transfer", "transferToFixedLength"]) {
      Object.defineProperty(buffer, method, {
        value: () => {
          throw refusal("ERR_SHM_UNSUPPORTED", "mapped memory cannot be transferred", { path });
        },
      });
    }
    const range = { address, size };
    show({ ...range, ...(named === undefined ? fileOf(fd, path) : sectionOf(named)), offset });
    return { kind: "view", buffer, range };
  } catch (error) {
    if (address !== undefined) kernel32().unmapViewOfFile(address);
    if (before !== undefined && before < offset + size) shorten(fd, before);
    throw error;
  }
}

function shorten(fd: number, size: number): void {
  try {
    fs.ftruncateSync(fd, size);
  } catch {
    // Somebody else has mapped it by now.
  }
}

/** A section is as long as it is wanted, and makes a file as long that can be written. @throws ShmError ERR_SHM_SYSCALL, ERR_SHM_NO_SPACE */
export function mapAnywhere({
  fd,
  size,
  path,
  access,
  offset = 0,
  named,
}: Pick<MapRequest, "fd" | "size" | "path" | "access" | "offset" | "named">): number {
  const k = kernel32();
  const protection = PROTECTIONS[access];
  if (named !== undefined) {
    const opened = access === "read-write" ? access : "read-only";
    return withNamedSection(named, opened, path, (section) =>
      mapSection(section, { size: inPages(size), offset, protection, path }),
    );
  }
  const end = offset + size;
  const section = k.createFileMapping(
    handleOf(fd, path),
    null,
    protection,
    Math.floor(end / 2 ** 32),
    end % 2 ** 32,
    null,
  );
  if (!isHandle(section)) throw lastError("CreateFileMappingW", path, { size: end });
  try {
    return mapSection(Number(section), { size, offset, protection, path });
  } finally {
    // The view keeps the section.
    k.closeHandle(Number(section));
  }
}

/** What of a section is mapped. Bytes. */
export interface SectionView {
  readonly size: number;
  readonly offset: number;
  /** PAGE_READONLY and the like. */
  readonly protection: number;
  readonly path: string;
}

/** @throws ShmError ERR_SHM_SYSCALL */
function mapSection(section: number, { size, offset, protection, path }: SectionView): number {
  const k = kernel32();
  const type = MEM_RESERVE | MEM_RESERVE_PLACEHOLDER;
  const address = Number(k.virtualAlloc2(OWN_PROCESS, 0, inPages(size), type, PAGE_NOACCESS, null, 0));
  if (address === 0) throw lastError("VirtualAlloc2", path, { size });
  const flags = MEM_REPLACE_PLACEHOLDER;
  if (Number(k.mapViewOfFile3(section, OWN_PROCESS, address, offset, size, flags, protection, null, 0)) === address) {
    return address;
  }
  const error = lastError("MapViewOfFile3", path, { size });
  k.virtualFree(address, 0, MEM_RELEASE);
  throw error;
}

/** Puts zeros over a mapping, so that nothing that still reads or writes there meets the file or ends the process. */
export function discard({ address, size }: AddressRange): void {
  if (!isTakenAway(address)) return;
  const k = kernel32();
  k.unmapViewOfFile2(OWN_PROCESS, address, MEM_PRESERVE_PLACEHOLDER);
  const type = MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER;
  k.virtualAlloc2(OWN_PROCESS, address, inPages(size), type, PAGE_READWRITE, null, 0);
}

/** A mapped file never becomes shorter here: the system refuses that. */
export function discardBehind(): void {
  // See above.
}

/** Gives the addresses back. Only when the buffer has been collected. */
export function releaseRange({ address }: AddressRange): void {
  if (isTakenAway(address)) kernel32().unmapViewOfFile(address);
  else kernel32().virtualFree(address, 0, MEM_RELEASE);
}

/** Refuses what cannot be mapped by its size alone. */
export function checkMappable({
  size,
  kind,
  path,
  unlocked,
}: Pick<MapRequest, "size" | "reserve" | "kind" | "path" | "unlocked">): void {
  if (kind === "wasm") throw withoutWasm(path);
  if (process.versions["electron"] !== undefined) {
    const found = `Electron ${process.versions["electron"]}`;
    throw refusal("ERR_SHM_UNSUPPORTED", "mapped memory needs external buffers, which end the process here", {
      path,
      found,
    });
  }
  if (size <= constants.MAX_LENGTH) return;
  const expected = `at most ${constants.MAX_LENGTH}`;
  const remedy = unlocked === true ? "attach a window of it: { offset, length }" : undefined;
  const what = `Node ${process.version} has no buffer this long`;
  throw new ShmRangeError(wording(what, { expected, path }, remedy, { size }), { path, expected, found: size });
}

/** Only a Wasm memory keeps addresses for more. */
export function extendMapping(_range: AddressRange, _from: number, _to: number, { path }: MapRequest): never {
  throw withoutWasm(path);
}

export function extendApart(_range: AddressRange, _from: number, _to: number, { path }: MapRequest): never {
  throw withoutWasm(path);
}

/** No mapping keeps a lock here. */
export function remapApart(): void {
  // See above.
}

/** Only threads that share a Wasm memory ask. */
export function isMappedAt(): boolean {
  return false;
}

/** Addresses are not short: no Wasm memories are made. */
export function forgetRefusal(): void {
  // See above.
}

/** Where a buffer lies. */
export function addressOf(buffer: ArrayBufferLike): number {
  return kernel32().addressOf(new Uint8Array(buffer));
}

/** `struct SYSTEM_INFO`: dwPageSize at byte 4, dwAllocationGranularity at 40. */
let info: Uint32Array | undefined;

function systemInfo(): Uint32Array {
  if (info === undefined) {
    const words = new Uint32Array(12);
    kernel32().systemInfo(new Uint8Array(words.buffer));
    info = words;
  }
  return info;
}

/** Mappings begin at multiples of the allocation granularity, 64 KiB, which is more than a page. */
export function pageSize(): number {
  return systemInfo()[10] ?? 65_536;
}

function inPages(size: number): number {
  const page = systemInfo()[1] ?? 4096;
  return Math.ceil(size / page) * page;
}
