/** Memory that others have given a name, as NamedMappings of ../contract.ts wants it. */
import type { AddressRange, FileAccess } from "../contract.js";
import { lastError } from "./calls.js";
import { kernel32 } from "./kernel32.js";
import { tryNamedSection, withNamedSection } from "./named-sections.js";
import { notCommitted } from "./refusals.js";

const FILE_MAP_READ = 4;
/** `struct MEMORY_BASIC_INFORMATION` of 64 bits: RegionSize at byte 24, State at 32. */
const INFO_SIZE = 48;
const MEM_COMMIT = 0x1000;

/** Bytes of a section, by a mapping of all of it: whole pages, whatever its maker asked for. @throws ShmError */
export function namedSize(name: string, access: FileAccess, path: string): number {
  return withNamedSection(name, access, path, (section) => {
    const k = kernel32();
    const address = mapForReading(section, 0, 0, path);
    try {
      const info = new Uint8Array(INFO_SIZE);
      if (Number(k.virtualQuery(address, info, INFO_SIZE)) === 0) throw lastError("VirtualQuery", path);
      const view = new DataView(info.buffer);
      // A maker who has only reserved it (SEC_RESERVE) commits the pages later.
      if (view.getUint32(32, true) !== MEM_COMMIT) throw notCommitted(path);
      return Number(view.getBigUint64(24, true));
    } finally {
      k.unmapViewOfFile(address);
    }
  });
}

/** `size`: 0 for all up to the end. Bytes. */
function mapForReading(section: number, offset: number, size: number, path: string): number {
  const k = kernel32();
  const address = Number(k.mapViewOfFile(section, FILE_MAP_READ, Math.floor(offset / 2 ** 32), offset % 2 ** 32, size));
  if (address === 0) throw lastError("MapViewOfFile", path, { size });
  return address;
}

/** @throws ShmError */
export function namedFate(name: string, range: AddressRange, offset: number, path: string): "same" | "other" | "gone" {
  const { address, size } = range;
  const found = tryNamedSection(name, "read-only", path, (section): "same" | "other" => {
    const k = kernel32();
    // One that is shorter, and cannot be mapped so, is another one.
    const other = Number(k.mapViewOfFile(section, FILE_MAP_READ, Math.floor(offset / 2 ** 32), offset % 2 ** 32, size));
    if (other === 0) return "other";
    try {
      return areSame(address, other, size) ? "same" : "other";
    } finally {
      k.unmapViewOfFile(other);
    }
  });
  return found?.result ?? "gone";
}

/** Bytes that are looked at when two mappings differ. */
const LOOKED_AT = 8;
/** Looks at bytes that differ. Of one memory, its writer would have to change and restore them in each. */
const LOOKS = 64;

/**
 * Whether two mappings show the same bytes. Of the same memory, bytes may be written between the look at one and the look at the other. Bytes that are what they were, before and after
 * the other's were something else, are of two memories; those that change all the time tell nothing, and what comes behind them decides.
 */
function areSame(a: number, b: number, size: number): boolean {
  const k = kernel32();
  for (let at = 0; at < size;) {
    at += Number(k.compareMemory(a + at, b + at, size - at));
    if (at >= size) return true;
    const length = Math.min(LOOKED_AT, size - at);
    if (differs(a + at, b + at, length)) return false;
    at += length;
  }
  return true;
}

function differs(a: number, b: number, length: number): boolean {
  const before = new Uint8Array(length);
  const other = new Uint8Array(length);
  const after = new Uint8Array(length);
  const { copyMemory } = kernel32();
  for (let look = 0; look < LOOKS; look += 1) {
    copyMemory(before, a, length);
    copyMemory(other, b, length);
    copyMemory(after, a, length);
    const isStill = Buffer.compare(before, after) === 0;
    if (!isStill || Buffer.compare(before, other) === 0) return false;
  }
  return true;
}
