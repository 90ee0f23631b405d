/**
 * A region's header, read from a copy of its bytes. Pure; compiled into both packages.
 *
 * In: the first {@link HEADER_SIZE} bytes of a file. Out: its fields, none of which is to be trusted before judge-header.ts has
 * compared them with each other and with the size of the file.
 */
import {
  DESCRIPTOR_ALIGN,
  DESCRIPTOR_HEADER_SIZE,
  DESCRIPTOR_JSON_MAX,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  KEPT_BIT,
  FILE_SIZE_UNIT,
} from "./region-format.js";

/** A header as it was when the region was opened. Sizes and offsets are bytes. */
export interface RegionHeader {
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  /** 16 lower-case hex digits. */
  readonly fingerprint: string;
  /** Without the tail. */
  readonly payloadSize: number;
  readonly tailStride: number;
  /** Elements. */
  readonly tailLength: number;
  readonly state: number;
  /** Counts the initialisations of this file. */
  readonly generation: number;
  readonly flags: number;
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
  /** Process that initialised the region, in its own pid namespace. */
  readonly creatorPid: number;
  /** Start of that process, in ticks since boot. */
  readonly creatorStartTime: bigint;
  /** First 16 hex digits of the boot id of then. */
  readonly bootId: string;
  /** Nanoseconds since the epoch. */
  readonly initialisedAt: bigint;
  /** Somebody has opened it with `cleanup: "keep"`: who removes what the dead left leaves it, unless he is told otherwise. */
  readonly kept: boolean;
}

/** What line 0 is made of: what tells the regions of one definition from all others. */
export type HeaderIdentity = Pick<
  RegionHeader,
  "typeId" | "version" | "readableFrom" | "fingerprint" | "payloadSize" | "tailStride"
>;

/** Reads the fields from a copy of the header. Nothing in them is trusted yet: numbers beyond 2^53 come rounded. */
export function readHeader(copy: Uint8Array): RegionHeader {
  const view = new DataView(copy.buffer, copy.byteOffset, HEADER_SIZE);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const u64 = (offset: number): bigint => view.getBigUint64(offset, true);
  return {
    typeId: u32(AT.typeId),
    version: u32(AT.version),
    readableFrom: u32(AT.readableFrom),
    fingerprint: hex64(u64(AT.fingerprint)),
    payloadSize: Number(u64(AT.payloadSize)),
    tailStride: u32(AT.tailStride),
    ...readLife(copy),
    flags: u32(AT.flags),
    creatorPid: u32(AT.creatorPid),
    creatorStartTime: u64(AT.creatorStartTime),
    bootId: hex64(u64(AT.bootId)),
    initialisedAt: u64(AT.initialisedAt) & ~KEPT_BIT,
    kept: (u64(AT.initialisedAt) & KEPT_BIT) !== 0n,
  };
}

/** The few fields of line 1 that decide, without the cost of the others. */
export function readLife(
  copy: Uint8Array,
): Pick<RegionHeader, "state" | "generation" | "tailLength" | "descriptorOffset" | "descriptorSize"> {
  const view = new DataView(copy.buffer, copy.byteOffset, HEADER_SIZE);
  const u32 = (offset: number): number => view.getUint32(offset, true);
  const u64 = (offset: number): number => u32(offset) + u32(offset + 4) * 2 ** 32;
  return {
    state: u32(AT.state),
    generation: u32(AT.generation),
    tailLength: u64(AT.tailLength),
    descriptorOffset: u64(AT.descriptorOffset),
    descriptorSize: u32(AT.descriptorSize),
  };
}

/** The process that initialised the region, as the runtime's `stillRuns` asks for it. */
export function creatorOf({ creatorPid, creatorStartTime, bootId }: RegionHeader): {
  readonly pid: number;
  readonly startTime: bigint;
  readonly bootId: bigint;
} {
  return { pid: creatorPid, startTime: creatorStartTime, bootId: BigInt(`0x${bootId}`) };
}

/** 16 lower-case hex digits. */
export function hex64(value: bigint): string {
  return value.toString(16).padStart(16, "0");
}

/** Where the parts of one region lie. */
export interface Extent {
  readonly tailLength: number;
  readonly descriptorOffset: number;
  /** Bytes of the file and of the mapping: whole pages. */
  readonly size: number;
}

/** What is fixed before a header is looked at. Bytes. */
export interface PayloadShape {
  readonly headerSize: number;
  readonly payloadSize: number;
  /** 0 without a tail. */
  readonly tailStride: number;
}

/** The extent that a header describes, or the name of the field that is impossible in a file of this size. */
export function extentOfHeader(
  { headerSize, payloadSize, tailStride }: PayloadShape,
  header: Pick<RegionHeader, "tailLength" | "descriptorOffset" | "descriptorSize">,
  fileSize: number,
): Extent | "tailLength" | "descriptorOffset" | "descriptorSize" {
  const { tailLength, descriptorOffset, descriptorSize } = header;
  if (!Number.isSafeInteger(tailLength) || (tailStride === 0 && tailLength !== 0)) return "tailLength";
  const dataEnd = headerSize + payloadSize + tailLength * tailStride;
  if (!(dataEnd <= fileSize)) return "tailLength";
  if (!(descriptorOffset >= dataEnd) || descriptorOffset % DESCRIPTOR_ALIGN !== 0) return "descriptorOffset";
  if (!(descriptorOffset <= fileSize)) return "descriptorOffset";
  const most = DESCRIPTOR_HEADER_SIZE + DESCRIPTOR_JSON_MAX;
  if (descriptorSize < DESCRIPTOR_HEADER_SIZE || descriptorSize > most) return "descriptorSize";
  if (descriptorSize > fileSize - descriptorOffset) return "descriptorSize";
  return { tailLength, descriptorOffset, size: roundUp(descriptorOffset + descriptorSize, FILE_SIZE_UNIT) };
}

/** The next multiple of `unit`. */
export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}
