/** The description of a region's layout that lies in the region itself. Nothing in it is trusted: anybody may have written it. */
import * as fs from "node:fs";
import { inflateRawSync } from "node:zlib";
import { type DescribedLayout, LayoutError, readDescribedLayout } from "../../schema/evolution/canonical.js";
import { DESCRIPTOR_HEADER_SIZE, DESCRIPTOR_JSON_MAX } from "../../schema/region-format.js";
import { crc32c } from "./crc32c.js";

/** Where a header says that the descriptor lies. */
export interface DescriptorPlace {
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
}

/** Bounded, whatever the header says. Undefined when the file has no such bytes. */
export function readDescriptor(
  fd: number,
  { descriptorOffset, descriptorSize }: DescriptorPlace,
): Uint8Array | undefined {
  if (!Number.isSafeInteger(descriptorOffset)) return undefined;
  if (descriptorSize > DESCRIPTOR_HEADER_SIZE + DESCRIPTOR_JSON_MAX) return undefined;
  const bytes = new Uint8Array(descriptorSize);
  try {
    return fs.readSync(fd, bytes, 0, descriptorSize, descriptorOffset) === descriptorSize ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The layout in a descriptor; undefined when it is damaged. */
export function describedLayout(bytes: Uint8Array | undefined): DescribedLayout | undefined {
  if (bytes === undefined || bytes.length < DESCRIPTOR_HEADER_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== crc32c(bytes.subarray(4))) return undefined;
  let text: string;
  try {
    const json = inflateRawSync(bytes.subarray(DESCRIPTOR_HEADER_SIZE), { maxOutputLength: DESCRIPTOR_JSON_MAX });
    text = json.toString("utf8");
  } catch {
    return undefined;
  }
  try {
    return readDescribedLayout(text);
  } catch (error) {
    if (error instanceof LayoutError) return undefined;
    throw error;
  }
}
