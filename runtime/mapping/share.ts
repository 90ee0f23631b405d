/** A mapping in the form that is posted, and proven to be what it says that it is. */
import { isBigUint64Array, isSharedArrayBuffer } from "../arguments/kinds-of-memory.js";
import type { RegionMapping } from "./region-mapping.js";
import { notShared, notSharedMemory, privateNotShared } from "./refusals.js";
import { SHARED_KIND, type SharedFacts, type SharedMapping } from "./shared-form.js";
import { SLOT_WORDS } from "./thread-slots.js";

/** @throws ShmError ERR_SHM_UNSUPPORTED, ERR_SHM_SYSCALL. See {@link Region.share}. */
export function sharedFormOf(mapping: RegionMapping, facts: SharedFacts): SharedMapping {
  const { lease, file, current, mapped } = mapping;
  const { access, path } = mapping.request;
  const { buffer, memory } = current;
  if (!isSharedArrayBuffer(buffer)) throw notSharedMemory(current.kind, path);
  if (access === "private") throw privateNotShared(access, path);
  const { place, fd = -1, sealed = false, outOfReach = false } = lease ?? {};
  const threads = mapping.shareWithThreads();
  return {
    kind: SHARED_KIND,
    path,
    access,
    buffer,
    memory,
    mapped,
    threads,
    fd,
    ...file,
    place,
    sealed,
    outOfReach,
    ...facts,
  };
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
// Some file systems have inodes beyond 2^53, which come rounded.
const isNumber = (value: unknown): boolean => typeof value === "number";
const isBoolean = (value: unknown): boolean => typeof value === "boolean";
const isText = (value: unknown): boolean => typeof value === "string";

/** Every member, what it is, and how to tell. */
const SHAPE: readonly (readonly [keyof SharedMapping, expected: string, test: (value: unknown) => boolean])[] = [
  ["kind", SHARED_KIND, (value) => value === SHARED_KIND],
  ["name", "a text", isText],
  ["path", "a text", isText],
  ["access", "read-write or read-only", (value) => value === "read-write" || value === "read-only"],
  ["buffer", "a SharedArrayBuffer", isSharedArrayBuffer],
  ["mapped", "bytes", isCount],
  ["threads", `${SLOT_WORDS} shared words`, isSlots],
  ["fd", "a descriptor", Number.isSafeInteger],
  ["dev", "a device", isNumber],
  ["ino", "an inode", isNumber],
  ["generation", "a count", isCount],
  ["place", "a place or undefined", isPlace],
  ["sealed", "a boolean", isBoolean],
  ["outOfReach", "a boolean", isBoolean],
  ["keep", "a boolean", isBoolean],
];

function isSlots(value: unknown): boolean {
  return isBigUint64Array(value) && value.length === SLOT_WORDS && isSharedArrayBuffer(value.buffer);
}

function isPlace(value: unknown): boolean {
  if (value === undefined) return true;
  if (typeof value !== "object" || value === null) return false;
  const { name, directory, path } = value as Readonly<Record<string, unknown>>;
  return isText(name) && isText(directory) && isText(path);
}

/** Proves that a value is what `share()` gave. @throws ShmRangeError with field, expected and found */
export function checkShared(value: unknown): asserts value is SharedMapping {
  const members = (typeof value === "object" && value !== null ? value : {}) as Readonly<Record<string, unknown>>;
  for (const [field, expected, test] of SHAPE) {
    const found = members[field];
    if (!test(found)) throw notShared(value, field, expected, found);
  }
  const { buffer, mapped } = value as SharedMapping;
  if (mapped > buffer.byteLength) {
    throw notShared(value, "mapped", `at most ${buffer.byteLength} bytes`, mapped);
  }
}
