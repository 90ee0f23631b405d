/** Integers that no processor has: 3 or 16 bytes in a row, at any place, in either byte order. */
import { badValue } from "./refusals.js";

const SIZES = { u24: 3, i24: 3, u128: 16 } as const;

/** The name of such an integer. */
export type OddKind = keyof typeof SIZES;
/** What it is in JavaScript. */
export type OddOf<K extends OddKind> = K extends "u128" ? bigint : number;

/** Bytes of each. */
export function oddSize(kind: OddKind): number {
  return SIZES[kind];
}

/** Reads one. Not atomic. */
export function readOdd<K extends OddKind>(kind: K, bytes: Uint8Array, offset: number, little: boolean): OddOf<K> {
  return (kind === "u128" ? read128(bytes, offset, little) : read24(kind, bytes, offset, little)) as OddOf<K>;
}

function read24(kind: OddKind, bytes: Uint8Array, offset: number, little: boolean): number {
  const [low, high] = little ? [offset, offset + 2] : [offset + 2, offset];
  const value = (bytes[low] as number) | ((bytes[offset + 1] as number) << 8) | ((bytes[high] as number) << 16);
  return kind === "i24" ? (value << 8) >> 8 : value;
}

function read128(bytes: Uint8Array, offset: number, little: boolean): bigint {
  let value = 0n;
  for (let at = 0; at < 16; at++) value = (value << 8n) | BigInt(bytes[offset + (little ? 15 - at : at)] as number);
  return value;
}

/** Writes one. Not atomic. @throws ShmRangeError for what it does not hold */
export function writeOdd<K extends OddKind>(
  kind: K,
  bytes: Uint8Array,
  offset: number,
  little: boolean,
  value: OddOf<K>,
  field: string,
): void {
  checkOdd(kind, value, field);
  if (typeof value === "bigint") return write128(bytes, offset, little, value);
  const bits = value as number;
  bytes[offset + (little ? 0 : 2)] = bits;
  bytes[offset + 1] = bits >> 8;
  bytes[offset + (little ? 2 : 0)] = bits >> 16;
}

function write128(bytes: Uint8Array, offset: number, little: boolean, value: bigint): void {
  for (let at = 0; at < 16; at++) {
    bytes[offset + (little ? at : 15 - at)] = Number((value >> BigInt(8 * at)) & 0xffn);
  }
}

function checkOdd(kind: OddKind, value: number | bigint, field: string): void {
  if (kind === "u128") {
    if (typeof value === "bigint" && BigInt.asUintN(128, value) === value) return;
    throw badValue(field, "bigints from 0 to 2^128-1 (u128)", value);
  }
  if (typeof value === "number" && value === (kind === "u24" ? value & 0xffffff : (value << 8) >> 8)) return;
  throw badValue(field, `integers from ${kind === "u24" ? "0 to 16777215" : "-8388608 to 8388607"} (${kind})`, value);
}
