/**
 * What a file is, by its first bytes and its size. Pure, and nothing in the bytes is trusted; compiled into both packages.
 *
 * In: a copy of the header, the size of the file and, where the reader expects a certain region, its identity. Out: a
 * {@link HeaderJudgement}, which has facts only. The words are each reader's own: runtime/format/verdict.ts says what an opener
 * may do, generator/inspect/header.ts what a look at the file shows.
 */
import { crc32c } from "./crc32c.js";
import { type Extent, type HeaderIdentity, type RegionHeader, extentOfHeader, readHeader } from "./header.js";
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  FORMAT,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  MAGIC,
  STATE,
} from "./region-format.js";

/** A field that is not as it has to be. Numbers that people know by their hex digits come as such. */
export interface HeaderFault {
  readonly field: string;
  readonly expected: number | string;
  readonly found: number | string;
}

export type HeaderJudgement =
  /** Nothing in it yet. `zeros` is true when that holds only if all further bytes of the file are zero, too. */
  | { readonly kind: "blank"; readonly zeros: boolean }
  /** Ours, but its initialisation was not completed. `zeros` as above. */
  | { readonly kind: "torn"; readonly zeros: boolean; readonly header: RegionHeader }
  /** Not ours. */
  | { readonly kind: "foreign" }
  /** Ours, of another byte order or format: its fields mean nothing. */
  | ({ readonly kind: "byteOrder" | "format"; readonly header: RegionHeader } & HeaderFault)
  /** It cannot be true. */
  | ({ readonly kind: "damaged"; readonly header: RegionHeader } & HeaderFault)
  /** It has flags that this format does not know. */
  | ({ readonly kind: "newer"; readonly header: RegionHeader } & HeaderFault)
  /** Of another type, version or layout than expected. */
  | ({ readonly kind: "other"; readonly header: RegionHeader } & HeaderFault)
  /** In order, of the expected identity, and all of it lies in the file. */
  | { readonly kind: "complete"; readonly header: RegionHeader; readonly extent: Extent };

/**
 * `bytes` holds the first bytes of the file, all that there are up to the size of the header. Without `expected`, every type,
 * version and layout is as good as any other.
 */
export function judgeHeader(bytes: Uint8Array, fileSize: number): Exclude<HeaderJudgement, { readonly kind: "other" }>;
export function judgeHeader(bytes: Uint8Array, fileSize: number, expected: HeaderIdentity): HeaderJudgement;
export function judgeHeader(bytes: Uint8Array, fileSize: number, expected?: HeaderIdentity): HeaderJudgement {
  if (fileSize === 0) return { kind: "blank", zeros: false };
  const copy = wholeHeader(bytes);
  const header = readHeader(copy);
  const prefix = MAGIC.findIndex((byte, index) => copy[index] !== byte);
  if (prefix !== -1) return judgeWithoutMagic(copy, prefix, header);
  const view = new DataView(copy.buffer, copy.byteOffset, HEADER_SIZE);
  const mark = view.getUint16(AT.byteOrderMark, true);
  if (mark === OTHER_ORDER) return otherOrder(header);
  if (header.state === STATE.blank || header.state === STATE.initialising) {
    return { kind: "torn", zeros: false, header };
  }
  const damaged = (field: string, expected: number | string, found: number | string): HeaderJudgement => ({
    kind: "damaged",
    field,
    expected,
    found,
    header,
  });
  const crc = view.getUint32(AT.crc, true);
  const computed = crc32c(copy.subarray(0, CRC_COVERS));
  if (crc !== computed) return damaged("crc", hex(computed), hex(crc));
  if (mark !== BYTE_ORDER_MARK) return damaged("byteOrderMark", hex(BYTE_ORDER_MARK), hex(mark));
  const headerSize = view.getUint16(AT.headerSize, true);
  if (headerSize !== HEADER_SIZE) return damaged("headerSize", HEADER_SIZE, headerSize);
  if (header.flags !== 0) return { kind: "newer", field: "flags", expected: 0, found: header.flags, header };
  // Before line 1 is looked at: what is of another type is not ours to mend, however damaged it may be.
  const other = expected && otherIdentity(header, expected);
  if (other !== undefined) return { kind: "other", ...other, header };
  if (header.state !== STATE.ready) return damaged("state", STATE.ready, header.state);
  if (header.generation === 0) return damaged("generation", "at least 1", 0);
  return judgeExtent(header, fileSize, damaged);
}

/** A file cut short is judged as if zeros followed, which is what a torn header looks like. */
function wholeHeader(bytes: Uint8Array): Uint8Array {
  if (bytes.length >= HEADER_SIZE) return bytes;
  const copy = new Uint8Array(HEADER_SIZE);
  copy.set(bytes);
  return copy;
}

function judgeExtent(
  header: RegionHeader,
  fileSize: number,
  damaged: (field: string, expected: string, found: number) => HeaderJudgement,
): HeaderJudgement {
  const { payloadSize } = header;
  const inside = `inside the file of ${fileSize} bytes`;
  if (!(HEADER_SIZE + payloadSize <= fileSize)) return damaged("payloadSize", inside, payloadSize);
  const extent = extentOfHeader({ ...header, headerSize: HEADER_SIZE }, header, fileSize);
  return typeof extent === "string" ? damaged(extent, inside, header[extent]) : { kind: "complete", header, extent };
}

function otherIdentity(header: RegionHeader, expected: HeaderIdentity): HeaderFault | undefined {
  if (header.typeId !== expected.typeId) {
    return { field: "typeId", expected: hex(expected.typeId), found: hex(header.typeId) };
  }
  for (const field of ["version", "fingerprint", "payloadSize", "tailStride"] as const) {
    if (header[field] !== expected[field]) return { field, expected: expected[field], found: header[field] };
  }
  return undefined;
}

/**
 * `prefix` is the number of bytes that agree with the magic. The magic is stored after state and generation; until then, or
 * in a file that was copied half, everything but these two words is zero.
 */
function judgeWithoutMagic(copy: Uint8Array, prefix: number, header: RegionHeader): HeaderJudgement {
  const { state, generation } = header;
  if (MAGIC.every((byte, index) => copy[MAGIC.length - 1 - index] === byte)) return otherOrder(header);
  const isLife = (index: number): boolean => index >= AT.state && index < AT.tailLength;
  const rest = copy.findIndex((byte, index) => index >= prefix && byte !== 0 && !isLife(index));
  if (rest === -1 && (state === STATE.blank || state === STATE.initialising)) {
    if (prefix === 0 && state === STATE.blank && generation === 0) return { kind: "blank", zeros: true };
    return { kind: "torn", zeros: true, header };
  }
  if (prefix !== MAGIC.length - 1) return { kind: "foreign" };
  return { kind: "format", field: "format", expected: FORMAT, found: copy[MAGIC.length - 1] ?? 0, header };
}

/** A byte order mark that was written the other way round. */
const OTHER_ORDER = 0xfffe;

function otherOrder(header: RegionHeader): HeaderJudgement {
  const fault = { field: "byteOrderMark", expected: hex(BYTE_ORDER_MARK), found: hex(OTHER_ORDER) };
  return { kind: "byteOrder", ...fault, header };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
