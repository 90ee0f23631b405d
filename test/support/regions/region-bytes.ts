/** Regions as bytes: made without any process that has them open, and found in their files. */
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { crc32c } from "../../../schema/dist/crc32c.js";
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  DESCRIPTOR_ALIGN,
  DESCRIPTOR_HEADER_SIZE,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  MAGIC,
  FILE_SIZE_UNIT,
  STATE,
} from "../../../schema/dist/region-format.js";

/** What a region is made of. Sizes are bytes. */
export interface RegionParts {
  readonly typeId: number;
  readonly version: number;
  readonly readableFrom: number;
  readonly fingerprint: string;
  readonly payloadSize: number;
  readonly tailStride: number;
  readonly tailLength: number;
  readonly descriptor: Uint8Array;
}

/** A ready region with zeros in it. */
export function regionBytes(parts: RegionParts): Uint8Array {
  const dataEnd = HEADER_SIZE + parts.payloadSize + parts.tailStride * parts.tailLength;
  const descriptorOffset = Math.ceil(dataEnd / DESCRIPTOR_ALIGN) * DESCRIPTOR_ALIGN;
  const end = descriptorOffset + parts.descriptor.length;
  const bytes = new Uint8Array(Math.ceil(end / FILE_SIZE_UNIT) * FILE_SIZE_UNIT);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(AT.byteOrderMark, BYTE_ORDER_MARK, true);
  view.setUint16(AT.headerSize, HEADER_SIZE, true);
  view.setUint32(AT.typeId, parts.typeId, true);
  view.setUint32(AT.version, parts.version, true);
  view.setUint32(AT.readableFrom, parts.readableFrom, true);
  view.setBigUint64(AT.fingerprint, BigInt(`0x${parts.fingerprint}`), true);
  view.setBigUint64(AT.payloadSize, BigInt(parts.payloadSize), true);
  view.setUint32(AT.tailStride, parts.tailStride, true);
  view.setUint32(AT.state, STATE.ready, true);
  view.setUint32(AT.generation, 1, true);
  view.setBigUint64(AT.tailLength, BigInt(parts.tailLength), true);
  view.setBigUint64(AT.descriptorOffset, BigInt(descriptorOffset), true);
  view.setUint32(AT.descriptorSize, parts.descriptor.length, true);
  view.setUint32(AT.creatorPid, 4711, true);
  bytes.set(parts.descriptor, descriptorOffset);
  rightHeader(bytes);
  return bytes;
}

/** The descriptor's bytes in a region's file, where the header says they are. */
export function descriptorIn(path: string): Buffer {
  const file = readFileSync(path);
  const offset = Number(file.readBigUInt64LE(AT.descriptorOffset));
  return file.subarray(offset, offset + file.readUInt32LE(AT.descriptorSize));
}

/** Where somebody who grows a tail, or died of it, copies the descriptor to; 0 for nowhere. */
export function descriptorMovesTo(path: string): bigint {
  return readFileSync(path).readBigUInt64LE(AT.descriptorMovesTo);
}

/** Gives a header the checksum that it should have. */
export function rightHeader(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(AT.crc, crc32c(bytes.subarray(0, CRC_COVERS)), true);
}

/** A descriptor of any JSON, with right sizes and checksum. */
export function packDescriptor(json: string): Uint8Array {
  const data = deflateRawSync(json, { level: 1 });
  const bytes = new Uint8Array(DESCRIPTOR_HEADER_SIZE + data.length);
  bytes.set(data, DESCRIPTOR_HEADER_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, Buffer.byteLength(json), true);
  view.setUint32(8, data.length, true);
  view.setUint32(0, crc32c(bytes.subarray(4)), true);
  return bytes;
}
