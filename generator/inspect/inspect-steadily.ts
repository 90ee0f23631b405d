/**
 * Reading a region that others may be writing to, making anew or growing.
 *
 *   bytes -> header judged, layout read from the descriptor, which have to agree -> work (walk.ts and its texts) -> header still the same?
 */
import { type RegionHeader, readLife } from "@shmgen/schema/header";
import { HEADER_OFFSET as AT, HEADER_SIZE } from "@shmgen/schema/region-format";
import { DescriptorError, parseDescriptor } from "../layout/read-canonical.js";
import { type Unreadable, readableHeader } from "./header.js";
import type { Inspected, Outcome, Work } from "./shown.js";
import { type ByteSource, InspectError, copiedIfSmall } from "./source.js";

/** A region that changes while it is read is read again, but not for ever. */
const ATTEMPTS = 10;

/**
 * Reads header and descriptor, does `work` with them, and reads the header again. All of it is done again, `fresh` giving the
 * bytes as they are now, when the region was made anew meanwhile; and, where `exact` asks for the bytes around the values as
 * well, when it has grown.
 * @throws InspectError "changed" when that goes on
 */
export function inspectSteadily<T>(
  fresh: () => ByteSource,
  work: Work<Inspected, T>,
  { exact = false }: { readonly exact?: boolean } = {},
): Outcome<Inspected, T> {
  let last: InspectError | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    try {
      const outcome = inspectOnce(fresh, work, exact);
      if (outcome !== undefined) return outcome;
    } catch (error) {
      if (!(error instanceof InspectError)) throw error;
      last = error;
    }
  }
  const what = exact ? "grown or made anew" : "made anew";
  const why = last?.kind === "damaged" ? last.message : `it was ${what} during each of ${ATTEMPTS} attempts to read it`;
  throw new InspectError("changed", why);
}

/** Undefined when the region has changed meanwhile. */
function inspectOnce<T>(
  fresh: () => ByteSource,
  work: Work<Inspected, T>,
  exact: boolean,
): Outcome<Inspected, T> | undefined {
  const live = fresh();
  const source = copiedIfSmall(live);
  const head = readHead(source);
  // Of a copy it has to be told just after it was made, of the region itself again and again.
  const later = source === live ? undefined : lookAgain(fresh);
  const isStill = (): boolean => belongsTogether(head, (later ?? lookAgain(fresh)).head, exact);
  const found = look(source, head);
  if ("why" in found) {
    // A descriptor may look damaged because a growing tail has taken its place, or a header because the file was measured before it grew.
    const now = later ?? lookAgain(fresh);
    return now.size === live.size && belongsTogether(head, now.head, true) ? found : undefined;
  }
  if (!isStill()) return undefined;
  const value = work(found, source, isStill);
  return isStill() ? { region: found, value } : undefined;
}

/** The header as it is now, in a file as long as it is now. */
function lookAgain(fresh: () => ByteSource): { readonly head: Uint8Array; readonly size: number } {
  const source = fresh();
  return { head: readHead(source), size: source.size };
}

/** A copy of the header, or of what there is of it. */
function readHead(source: ByteSource): Uint8Array {
  return source.read(0, Math.min(HEADER_SIZE, source.size));
}

/** What growing changes in a header. */
const GROWING = [AT.tailLength, AT.descriptorOffset, AT.descriptorMovesTo] as const;

/**
 * Whether a region was the same all the time between two copies of its header. One that has grown is, unless all bytes of it are
 * asked for: its fields and the elements that it had stay where they were, and the descriptor was read before, and proven by
 * its checksum.
 */
function belongsTogether(before: Uint8Array, after: Uint8Array, exactly: boolean): boolean {
  if (Buffer.from(before).equals(after)) return true;
  if (exactly || before.length < HEADER_SIZE || after.length < HEADER_SIZE) return false;
  return readLife(after).tailLength >= readLife(before).tailLength && lasting(before).equals(lasting(after));
}

/** A header without what growing changes. */
function lasting(head: Uint8Array): Buffer {
  const rest = Buffer.from(head);
  for (const offset of GROWING) rest.fill(0, offset, offset + 8);
  return rest;
}

/** Judges a region by a copy of its header. @throws InspectError "changed" when the file became shorter meanwhile */
function look(source: ByteSource, copy: Uint8Array): Inspected | Unreadable {
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
  return { header, region, model, struct, name: region.name, start: HEADER_SIZE, tailLength: header.tailLength };
}
