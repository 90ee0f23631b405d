/** The header's fields: read by schema/header.ts, and written here as a list of stores in the one order that is safe. */
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  KEPT_BIT,
  MAGIC_U64,
  STATE,
} from "../../schema/region-format.js";
import { crc32c } from "../../schema/crc32c.js";
import { type HeaderIdentity, type RegionHeader, creatorOf, hex64, readHeader } from "../../schema/header.js";

export { type HeaderIdentity, type RegionHeader, creatorOf, hex64, readHeader };

/** What an initialisation stores in line 1. */
export interface HeaderFields {
  readonly tailLength: number;
  readonly generation: number;
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
  readonly creatorPid: number;
  readonly creatorStartTime: bigint;
  readonly bootId: bigint;
  readonly initialisedAt: bigint;
  /** Whether the region is to stay. */
  readonly kept: boolean;
}

/** One aligned store of 4 or 8 bytes. */
export interface Store {
  readonly offset: number;
  readonly size: 4 | 8;
  readonly value: bigint;
}

const u64 = (offset: number, value: bigint | number): Store => ({ offset, size: 8, value: BigInt(value) });
const u32 = (offset: number, value: number): Store => ({ offset, size: 4, value: BigInt(value) });

/**
 * The stores that announce an initialisation, before anything else of the file is touched. Whoever finds the file after
 * any of them, with nobody holding it, knows that it was ours and that its content counts for nothing.
 */
export function announcingStores(generation: number): Store[] {
  return [u32(AT.state, STATE.initialising), u32(AT.generation, generation), u64(AT.magic, MAGIC_U64)];
}

/** The first 64 bytes of every region of one definition: what they are is all that they say. */
export function identityLine(fields: HeaderIdentity): Uint8Array {
  const line0 = new DataView(new ArrayBuffer(64));
  const u32 = (offset: number, value: number): void => line0.setUint32(offset, value, true);
  const u64 = (offset: number, value: bigint): void => line0.setBigUint64(offset, value, true);
  u64(AT.magic, MAGIC_U64);
  line0.setUint16(AT.byteOrderMark, BYTE_ORDER_MARK, true);
  line0.setUint16(AT.headerSize, HEADER_SIZE, true);
  u32(AT.typeId, fields.typeId);
  u32(AT.version, fields.version);
  u64(AT.fingerprint, BigInt(`0x${fields.fingerprint}`));
  u64(AT.payloadSize, BigInt(fields.payloadSize));
  u32(AT.tailStride, fields.tailStride);
  u32(AT.readableFrom, fields.readableFrom);
  u32(AT.crc, crc32c(new Uint8Array(line0.buffer, 0, CRC_COVERS)));
  return new Uint8Array(line0.buffer);
}

/** The stores that fill the header of an announced region; its state remains "initialising". */
export function fillingStores(identity: Uint8Array, fields: HeaderFields): Store[] {
  const line0 = new DataView(identity.buffer);
  const stores: Store[] = [];
  for (let offset = 8; offset < 64; offset += 8) {
    stores.push(u64(offset, line0.getBigUint64(offset, true)));
  }
  stores.push(
    u64(AT.tailLength, fields.tailLength),
    u64(AT.descriptorOffset, fields.descriptorOffset),
    u32(AT.descriptorSize, fields.descriptorSize),
    u32(AT.creatorPid, fields.creatorPid),
    u64(AT.creatorStartTime, fields.creatorStartTime),
    u64(AT.bootId, fields.bootId),
    u64(AT.initialisedAt, fields.initialisedAt | (fields.kept ? KEPT_BIT : 0n)),
  );
  return stores;
}

/** The last store of an initialisation. */
export function readyStore(): Store {
  return u32(AT.state, STATE.ready);
}
