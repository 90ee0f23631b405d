/** Memory of another program that has been found: a part of it is mapped, and looked at whether it is what it should be. */
import type { ExpectedField, FlyweightClass, ForeignDefinition } from "../access/definition.js";
import type { Flyweight } from "../access/flyweight.js";
import type { StructLayout } from "../access/layout.js";
import { getData, type NumberKind, SIZE } from "../access/numbers.js";
import { misaligned } from "../access/refusals.js";
import {
  beginsWith,
  decodeText,
  ENCODINGS,
  type EncodingName,
  expectedBytes,
  hexText,
} from "../../schema/encodings.js";
import type { FileId } from "../os/contract.js";
import { pageSize, readAt } from "../os/index.js";
import { checkOptions, wrongKind } from "../arguments/check-options.js";
import type { ShmError } from "../errors.js";
import { atomicLoadsStore } from "../host.js";
import type { FileLease } from "../file/entry.js";
import { ForeignMemory, type ForeignOrigin, tailLengthOf } from "../mapping/foreign-memory.js";
import { readOnlyWithAtomics } from "../mapping/refusals.js";
import { RegionMapping } from "../mapping/region-mapping.js";
import type { AttachOptions } from "./options.js";
import {
  fileTooShort,
  lengthNeeded,
  memoryTooShort,
  unexpectedValue,
  windowBeyondEnd,
  windowTooShort,
} from "./refusals.js";
import { unknownAccess } from "../region/refusals.js";
import { Region } from "../region/region.js";
import { createView } from "../mapping/region-view.js";

const ACCESS = ["read-only", "read-write"] as const;

/** @throws ShmRangeError */
export function checkAttachOptions(options: AttachOptions, path: string): void {
  checkOptions(options, "attach");
  if (options.access !== undefined && !ACCESS.includes(options.access)) {
    throw unknownAccess(ACCESS, options.access, path);
  }
  const { offset = 0, length = 1 } = options;
  if (!Number.isSafeInteger(offset) || offset < 0 || offset % 8 !== 0) {
    throw wrongKind("offset", "bytes, a multiple of 8", offset, "leave it out for 0");
  }
  if (!Number.isSafeInteger(length) || length < 1) {
    throw wrongKind("length", "bytes, at least 1", length, "leave it out for all that follows the offset");
  }
}

/** Memory of another program that has been found. */
export interface FoundMemory {
  readonly kind: ForeignOrigin["kind"];
  readonly path: string;
  readonly name: string;
  /** Bytes that it has; undefined where nobody can be asked. */
  readonly total: number | undefined;
  /** What is mapped. */
  readonly fd: number;
  readonly segment?: number;
  readonly named?: string;
  /** What is asked for the length later on; the region's from then on. */
  readonly lease: FileLease | undefined;
  readonly file: FileId;
}

/** Maps what was found. @throws ShmError ERR_SHM_FORMAT with field, expected and found, and what mapping refuses; ShmRangeError */
export function attachMemory<T extends Flyweight, R extends Flyweight>(
  definition: ForeignDefinition<T, R>,
  found: FoundMemory,
  options: AttachOptions,
): Region<T | R> {
  const { path, kind, fd, segment, named, total } = found;
  const { layout } = definition.accessor;
  // Some devices, io_uring among them, choose the addresses of their memory themselves, and Wasm memories have theirs already.
  const { access = "read-only", mapping: mapAs = kind === "device" ? "view" : "auto" } = options;
  if (atomicLoadsStore && access === "read-only" && definition.hasAtomics === true) throw readOnlyWithAtomics(path);
  const window = windowOf(layout, found, options);
  const { offset, size } = window;
  // Segments are mapped as a whole.
  const begin = segment === undefined ? Math.floor(offset / pageSize()) * pageSize() : 0;
  const start = offset - begin;
  const mapped = segment === undefined ? start + size : (total ?? 0);
  const source = { fd, segment, named, path, unlocked: true };
  const request = { ...source, size: mapped, offset: begin, access, kind: mapAs } as const;
  const isFile = kind === "path" || kind === "file" || kind === "memory";
  // A copy of the fields alone: a file that is shorter by now ends early here, and not the process.
  if (isFile) checkExpected(definition.expects, path, (at, length) => readAt(fd, offset + at, length, path));
  const tailLength = tailLengthOf(layout, size);
  const mapping = new RegionMapping({ request, lease: found.lease, file: found.file, tailLength, start });
  try {
    const accessor: FlyweightClass<T | R> = access === "read-only" ? definition.reader : definition.accessor;
    const view = createView({ source: mapping, accessor, offset: 0, size, tailLength, hasHeader: false });
    if (!isFile) checkExpected(definition.expects, path, (at, length) => view.memory.bytes(at, length));
    return new Region({
      name: found.name,
      outcome: "attached",
      memory: new ForeignMemory(mapping, { kind, window: { offset, length: options.length } }),
      view,
      accessor,
      plan: undefined,
      generation: 0,
      headerCopy: undefined,
      keep: true,
    });
  } catch (error) {
    mapping.discard();
    throw error;
  }
}

const passed = new WeakSet<object>();

/** Marks the refusal of memory that its owner may not have completed: too short yet, or not written yet. */
function passing(refused: ShmError): ShmError {
  passed.add(refused);
  return refused;
}

/** Whether another look, later on, may find what this one has missed. */
export function mayPass(refused: ShmError): boolean {
  return passed.has(refused);
}

/** What is shown, in bytes. @throws ShmRangeError, ShmError ERR_SHM_FORMAT */
function windowOf(
  layout: StructLayout,
  { total, path, kind }: FoundMemory,
  { offset = 0, length }: AttachOptions,
): { readonly offset: number; readonly size: number } {
  if (offset % layout.align !== 0) throw misaligned(layout.name, offset, layout.align, path);
  const least = Math.max(1, layout.size);
  if (length !== undefined && length < least) throw windowTooShort(layout.name, least, length, path);
  if (total === undefined) {
    if (length === undefined) throw lengthNeeded(path);
    return { offset, size: length };
  }
  const size = length ?? total - offset;
  if (size >= least && offset + size <= total) return { offset, size };
  const missing = layout.fields.find((field) => field.offset + field.size > size);
  // Only files become longer.
  if (kind === "segment" || kind === "mapping") throw memoryTooShort(layout, missing, total, path, { offset, length });
  if (length !== undefined) throw passing(windowBeyondEnd({ offset, length }, total, path));
  throw passing(fileTooShort(layout, missing, total, path, offset));
}

/** Reads no more than the fields themselves; what they hold later is the owner's business. */
function checkExpected(
  expects: readonly ExpectedField[],
  path: string,
  read: (offset: number, length: number) => Uint8Array,
): void {
  for (const expectation of expects) {
    const { field, offset, values } = expectation;
    const bytes = read(offset, sizeOf(expectation));
    if (!values.some((value) => isThere(bytes, value, expectation))) {
      const refused = unexpectedValue(field, values, decode(bytes, expectation), path);
      throw bytes.every((byte) => byte === 0) ? passing(refused) : refused;
    }
  }
}

function sizeOf({ scalar, size }: ExpectedField): number {
  return scalar === "bool" ? 1 : (size ?? SIZE[scalar as NumberKind]);
}

function isThere(bytes: Uint8Array, value: ExpectedField["values"][number], expectation: ExpectedField): boolean {
  const { scalar } = expectation;
  if (!(scalar in ENCODINGS)) return value === decode(bytes, expectation);
  return beginsWith(bytes, expectedBytes(String(value), scalar as EncodingName, bytes.length));
}

function decode(bytes: Uint8Array, { scalar, bigEndian }: ExpectedField): number | bigint | boolean | string {
  if (scalar === "bytes") return hexText(bytes);
  if (scalar in ENCODINGS) return decodeText(bytes, scalar as EncodingName);
  const kind = scalar === "bool" ? "u8" : (scalar as NumberKind);
  const bits = getData(kind, new DataView(bytes.buffer), 0, bigEndian !== true);
  return scalar === "bool" ? bits !== 0 : bits;
}
