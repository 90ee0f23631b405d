/** The bytes of a descriptor, checked and unpacked. Their form is in region-format.ts; anybody may have written them. */
import { crc32c } from "./crc32c.js";
import { UnpackError, inflate } from "./inflate.js";
import { DESCRIPTOR_HEADER_SIZE, DESCRIPTOR_JSON_MAX } from "./region-format.js";

export { crc32c, UnpackError };

/** The JSON in a descriptor, in UTF-8: at most DESCRIPTOR_JSON_MAX bytes. @throws UnpackError */
export function unpackDescriptor(bytes: Uint8Array): Uint8Array {
  if (bytes.length < DESCRIPTOR_HEADER_SIZE) throw new UnpackError(`the descriptor has ${bytes.length} bytes only`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const u32 = (at: number): number => view.getUint32(at, true);
  const [checksum, jsonSize, dataSize, zero] = [u32(0), u32(4), u32(8), u32(12)];
  const follow = bytes.length - DESCRIPTOR_HEADER_SIZE;
  if (jsonSize > DESCRIPTOR_JSON_MAX)
    throw new UnpackError(`its JSON would have ${jsonSize} bytes; ${DESCRIPTOR_JSON_MAX} are allowed`);
  if (zero !== 0 || dataSize !== follow)
    throw new UnpackError(`its data has ${dataSize} bytes by its header, but ${follow} bytes follow`);
  const found = crc32c(bytes.subarray(4));
  if (found !== checksum) throw new UnpackError(`its checksum is ${hex(checksum)}, but its bytes have ${hex(found)}`);
  return inflate(bytes.subarray(DESCRIPTOR_HEADER_SIZE), jsonSize);
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, "0")}`;
