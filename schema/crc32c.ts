/** CRC-32C (Castagnoli), reflected, as iSCSI, ext4 and SSE 4.2 have it. `zlib.crc32` is the other polynomial. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = (value >>> 1) ^ (value & 1 ? 0x82f63b78 : 0);
  return value;
});

/** Checksum of `bytes` as an unsigned 32-bit integer; 0xE3069283 for "123456789". */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (crc >>> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
