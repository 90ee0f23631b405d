/** What a header says, from a copy of its bytes and the size of the file. Nothing in it is trusted. */
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  DESCRIPTOR_ALIGN,
  DESCRIPTOR_HEADER_SIZE,
  DESCRIPTOR_JSON_MAX,
  DOTNET_HEADER_SIZE,
  FORMAT,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  MAGIC,
  STATE,
} from "@shmgen/schema/region-format";
import { crc32c } from "@shmgen/schema/descriptor";

/** The fields of a standard header. Sizes and offsets are bytes. */
export interface HeaderFacts {
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  /** 16 lower-case hex digits. */
  readonly fingerprint: string;
  /** Without the tail. */
  readonly payloadSize: number;
  readonly tailStride: number;
  readonly tailLength: number;
  readonly state: number;
  readonly generation: number;
  readonly flags: number;
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
  readonly creatorPid: number;
  /** Ticks since boot. */
  readonly creatorStartTime: bigint;
  readonly bootId: bigint;
  /** Nanoseconds since the epoch. */
  readonly initialisedAt: bigint;
}

/** A file that cannot be shown, and what is known of it. */
export interface Unreadable {
  readonly state: "empty" | "initialising" | "damaged" | "foreign" | "newer";
  /** In words that follow the file's name and a colon. */
  readonly why: string;
  /** As far as it was written; of a damaged one every number may be wrong. */
  readonly header?: HeaderFacts;
}

/** `copy` holds the first bytes of the file, all that there are up to the size of the header. */
export function judgeHeader(copy: Uint8Array, fileSize: number): { readonly header: HeaderFacts } | Unreadable {
  if (fileSize === 0)
    return { state: "empty", why: "the file is empty; whoever made it has not begun to initialise it" };
  const bytes = new Uint8Array(HEADER_SIZE);
  bytes.set(copy.subarray(0, HEADER_SIZE));
  const header = readFacts(bytes);
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return judgeWithoutMagic(bytes, copy.length, header);
  const damaged = (field: string, expected: unknown, found: unknown): Unreadable => ({
    state: "damaged",
    why: `the header is damaged: field=${field} expected=${String(expected)} found=${String(found)}`,
    header,
  });
  const view = new DataView(bytes.buffer);
  const mark = view.getUint16(AT.byteOrderMark, true);
  if (mark === 0xfffe) return otherOrder();
  if (header.state === STATE.blank || header.state === STATE.initialising) {
    const why = "its initialisation is not complete: somebody is at it, or died doing so";
    return { state: "initialising", why, header };
  }
  const crc = crc32c(bytes.subarray(0, CRC_COVERS));
  const found = view.getUint32(AT.crc, true);
  if (found !== crc) return damaged("crc", hex(crc), hex(found));
  if (mark !== BYTE_ORDER_MARK) return damaged("byteOrderMark", hex(BYTE_ORDER_MARK), hex(mark));
  const headerSize = view.getUint16(AT.headerSize, true);
  if (headerSize !== HEADER_SIZE) return damaged("headerSize", HEADER_SIZE, headerSize);
  if (header.flags !== 0) {
    const why = `it needs a newer shmgen: field=flags expected=0 found=${hex(header.flags)}`;
    return { state: "newer", why, header };
  }
  if (header.state !== STATE.ready) return damaged("state", STATE.ready, header.state);
  if (header.generation === 0) return damaged("generation", "at least 1", 0);
  const wrong = impossibleField(header, fileSize);
  return wrong === undefined ? { header } : damaged(wrong, `inside the file of ${fileSize} bytes`, header[wrong]);
}

function readFacts(bytes: Uint8Array): HeaderFacts {
  const view = new DataView(bytes.buffer);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const u64 = (offset: number): bigint => view.getBigUint64(offset, true);
  return {
    typeId: u32(AT.typeId),
    version: u32(AT.version),
    readableFrom: u32(AT.readableFrom),
    fingerprint: u64(AT.fingerprint).toString(16).padStart(16, "0"),
    // Beyond 2^53 they come rounded, which is far beyond the end of every file.
    payloadSize: Number(u64(AT.payloadSize)),
    tailStride: u32(AT.tailStride),
    tailLength: Number(u64(AT.tailLength)),
    state: u32(AT.state),
    generation: u32(AT.generation),
    flags: u32(AT.flags),
    descriptorOffset: Number(u64(AT.descriptorOffset)),
    descriptorSize: u32(AT.descriptorSize),
    creatorPid: u32(AT.creatorPid),
    creatorStartTime: u64(AT.creatorStartTime),
    bootId: u64(AT.bootId),
    initialisedAt: u64(AT.initialisedAt),
  };
}

/** The first field that cannot be true in a file of this size. */
function impossibleField(header: HeaderFacts, fileSize: number): keyof HeaderFacts | undefined {
  const { payloadSize, tailStride, tailLength, descriptorOffset, descriptorSize } = header;
  if (!(HEADER_SIZE + payloadSize <= fileSize)) return "payloadSize";
  if (!Number.isSafeInteger(tailLength) || (tailStride === 0 && tailLength !== 0)) return "tailLength";
  const dataEnd = HEADER_SIZE + payloadSize + tailLength * tailStride;
  if (!(dataEnd <= fileSize)) return "tailLength";
  if (!(descriptorOffset >= dataEnd && descriptorOffset <= fileSize)) return "descriptorOffset";
  if (descriptorOffset % DESCRIPTOR_ALIGN !== 0) return "descriptorOffset";
  const most = DESCRIPTOR_HEADER_SIZE + DESCRIPTOR_JSON_MAX;
  if (descriptorSize < DESCRIPTOR_HEADER_SIZE || descriptorSize > most) return "descriptorSize";
  return descriptorSize > fileSize - descriptorOffset ? "descriptorSize" : undefined;
}

function judgeWithoutMagic(bytes: Uint8Array, length: number, header: HeaderFacts): Unreadable {
  if (MAGIC.every((byte, index) => bytes[MAGIC.length - 1 - index] === byte)) return otherOrder();
  const name = MAGIC.slice(0, -1);
  const format = bytes[MAGIC.length - 1];
  if (name.every((byte, index) => bytes[index] === byte)) {
    return { state: "newer", why: `it has another format than this shmgen knows: expected=${FORMAT} found=${format}` };
  }
  // State and generation are stored before the magic.
  const isBlank = bytes.every((byte, index) => byte === 0 || (index >= AT.state && index < AT.tailLength));
  if (isBlank && header.state === STATE.initialising) {
    return { state: "initialising", why: "its initialisation has only begun: somebody is at it, or died doing so" };
  }
  if (bytes.every((byte) => byte === 0)) {
    const why = "there is nothing in it yet: it begins with zeros, where a region has its header";
    return { state: "empty", why };
  }
  const [type = 0, version = 0, ...rest] = bytes.subarray(0, DOTNET_HEADER_SIZE);
  if (length >= DOTNET_HEADER_SIZE && type !== 0 && version !== 0 && rest.every((byte) => byte === 0)) {
    const why = `it has no header of shmgen. It may have the 8 bytes of .NET's (type ${type}, version ${version}), which do not describe what follows`;
    return { state: "foreign", why };
  }
  return { state: "foreign", why: "the file is not a shmgen region" };
}

function otherOrder(): Unreadable {
  return { state: "foreign", why: "it was written on a machine with another byte order" };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
