/** A region that describes itself: its header, and the layout in its descriptor, which have to agree. */
import type { RegionFacts } from "@shmgen/schema/evolution";
import type { RegionHeader } from "@shmgen/schema/header";
import { HEADER_SIZE } from "@shmgen/schema/region-format";
import type { LayoutModel, StructLayout } from "../layout/layout.js";
import { DescriptorError, parseDescriptor } from "../layout/read-canonical.js";
import { type Unreadable, readableHeader } from "./header.js";
import { type ByteSource, InspectError } from "./source.js";

/** A region that can be shown. */
export interface Inspected {
  readonly header: RegionHeader;
  readonly region: RegionFacts;
  readonly model: LayoutModel;
  /** The struct that the payload is. */
  readonly struct: StructLayout;
}

/** Looks again this often when a region changes under the look. */
const ATTEMPTS = 5;

/**
 * Reads header and descriptor, does `work` with them, and reads the header again: when it is another one by then, all of it is
 * done again, `fresh` giving the bytes as they are now.
 * @throws InspectError "changed" when that goes on
 */
export function inspectSteadily<T>(
  fresh: () => ByteSource,
  work: (region: Inspected, source: ByteSource) => T,
): { readonly region: Inspected; readonly value: T } | Unreadable {
  let last: InspectError | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const source = fresh();
    try {
      const copy = readHead(source);
      const found = look(source, copy);
      const result = "why" in found ? found : { region: found, value: work(found, source) };
      if (isSteady(copy, fresh())) return result;
    } catch (error) {
      if (!(error instanceof InspectError)) throw error;
      last = error;
    }
  }
  const why = last?.kind === "damaged" ? last.message : `it changed during each of ${ATTEMPTS} looks`;
  throw new InspectError("changed", why);
}

/** A copy of the header, or of what there is of it. */
export function readHead(source: ByteSource): Uint8Array {
  return source.read(0, Math.min(HEADER_SIZE, source.size));
}

/** Whether the header is still the same. */
export function isSteady(copy: Uint8Array, source: ByteSource): boolean {
  const now = readHead(source);
  return now.length === copy.length && now.every((byte, index) => byte === copy[index]);
}

/** Judges a region by a copy of its header. @throws InspectError "changed" when the file became shorter meanwhile */
export function look(source: ByteSource, copy: Uint8Array): Inspected | Unreadable {
  const judged = readableHeader(copy, source.size);
  if ("why" in judged) return judged;
  const { header } = judged;
  try {
    return agreeing(header, parseDescriptor(source.read(header.descriptorOffset, header.descriptorSize)));
  } catch (error) {
    if (!(error instanceof DescriptorError)) throw error;
    return { state: "damaged", why: `the description of its layout is damaged: ${error.message}`, header };
  }
}

/** Header and descriptor describe one region, or one of them lies. */
function agreeing(header: RegionHeader, read: ReturnType<typeof parseDescriptor>): Inspected {
  const { region, model, root } = read;
  const struct = model.structs.get(root);
  if (struct === undefined) throw new DescriptorError("it has no root");
  const described = {
    typeId: region.typeId,
    version: region.version,
    readableFrom: region.readableFrom,
    fingerprint: struct.fingerprint,
    payloadSize: struct.size,
    tailStride: struct.tail?.stride ?? 0,
  };
  for (const field of Object.keys(described) as (keyof typeof described)[]) {
    if (described[field] === header[field]) continue;
    throw new DescriptorError(`the header says ${field}=${header[field]}, the description ${described[field]}`);
  }
  if (region.header !== "standard") throw new DescriptorError(`it describes a region with the ${region.header} header`);
  return { header, region, model, struct };
}
