/** The description of a region's layout that lies in the region itself. Nothing in it is trusted: anybody may have written it. */
import { Buffer } from "node:buffer";
import { type DescribedLayout, LayoutError } from "../../schema/evolution/canonical.js";
import { readDescribedLayout } from "../../schema/evolution/read-canonical.js";
import { UnpackError, unpackDescriptor } from "../../schema/descriptor.js";
import { DESCRIPTOR_HEADER_SIZE, DESCRIPTOR_JSON_MAX } from "../../schema/region-format.js";

/** Where a header says that the descriptor lies. */
export interface DescriptorPlace {
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
}

/** Reads bytes of an open file; the platform's `readAt`, which this room does not know. */
export type ReadAt = (fd: number, offset: number, length: number, path: string) => Uint8Array;

/** Bounded, whatever the header says. Undefined when the file has no such bytes. */
export function readDescriptor(
  fd: number,
  { descriptorOffset, descriptorSize }: DescriptorPlace,
  readAt: ReadAt,
): Uint8Array | undefined {
  if (!Number.isSafeInteger(descriptorOffset)) return undefined;
  if (descriptorSize > DESCRIPTOR_HEADER_SIZE + DESCRIPTOR_JSON_MAX) return undefined;
  try {
    const bytes = readAt(fd, descriptorOffset, descriptorSize, "descriptor");
    return bytes.length === descriptorSize ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The layout in a descriptor; undefined when it is damaged. */
export function describedLayout(bytes: Uint8Array | undefined): DescribedLayout | undefined {
  if (bytes === undefined) return undefined;
  try {
    const { buffer, byteOffset, byteLength } = unpackDescriptor(bytes);
    return readDescribedLayout(Buffer.from(buffer, byteOffset, byteLength).toString("utf8"));
  } catch (error) {
    if (error instanceof UnpackError || error instanceof LayoutError) return undefined;
    throw error;
  }
}
