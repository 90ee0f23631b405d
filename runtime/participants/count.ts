/** Who takes part in a region that nobody here has mapped: by its file alone, as lists of regions look at it. */
import { ENTRIES_AT, ENTRY_SIZE } from "../../schema/containers/participants.js";
import { OWNER } from "../../schema/containers/owner.js";
import { participantsOf } from "../../schema/evolution/canonical.js";
import { HEADER_SIZE } from "../../schema/region-format.js";
import { isShmError } from "../errors.js";
import { describedLayout, readDescriptor } from "../format/descriptor.js";
import type { RegionHeader } from "../format/header.js";
import { readAt } from "../os/index.js";
import { isLocked } from "./open-file.js";
import { ParticipantTable } from "./table.js";

/** Of a region with containers that have owners. */
export interface ParticipantCounts {
  /** Numbers that are taken, by the living and the dead. */
  readonly taken: number;
  /** Those of the dead, that nobody has recovered yet. */
  readonly dead: number;
  /** How many there can be. */
  readonly capacity: number;
}

/** An open file through which no lock of a participant was taken, and its header. */
export interface LookedAt {
  readonly fd: number;
  readonly header: RegionHeader;
  readonly path: string;
}

/**
 * Counts the participants of region after region. Those of one layout are many, and a descriptor takes longer to be read than everything
 * else here: it is read once for each layout.
 */
export class ParticipantCounter {
  readonly #capacities = new Map<string, number>();

  /** False where regions of this layout are known to have none. */
  mayHave(header: RegionHeader): boolean {
    return this.#capacities.get(keyOf(header)) !== 0;
  }

  /** Undefined where there are none, or where that cannot be told. */
  count(file: LookedAt): ParticipantCounts | undefined {
    const key = keyOf(file.header);
    const capacity = this.#capacities.get(key) ?? capacityIn(file);
    if (capacity === undefined) return undefined;
    this.#capacities.set(key, capacity);
    return capacity === 0 ? undefined : countIn(file, capacity);
  }
}

function keyOf({ typeId, version, fingerprint, payloadSize, descriptorSize }: RegionHeader): string {
  return [typeId, version, fingerprint, payloadSize, descriptorSize].join(" ");
}

/** Undefined where the descriptor is damaged: another region of this layout may have a whole one. */
function capacityIn({ fd, header }: LookedAt): number | undefined {
  const described = describedLayout(readDescriptor(fd, header, readAt));
  if (described === undefined) return undefined;
  const capacity = participantsOf(described.layout);
  // Anybody may have written it.
  return capacity <= OWNER.most && sizeOf(capacity) <= header.payloadSize ? capacity : 0;
}

function countIn(file: LookedAt, capacity: number): ParticipantCounts | undefined {
  try {
    const table = tableOf(file, 1, capacity);
    if (table === undefined) return undefined;
    let taken = 0;
    let dead = 0;
    for (let number = 1; number <= capacity; number += 1) {
      if (!table.isTaken(number)) continue;
      taken += 1;
      if (!isLocked(file.fd, number, file.path) && isStill(file, number, table.epoch(number))) dead += 1;
    }
    return { taken, dead, capacity };
  } catch (error) {
    // No locks of this kind there, or no right to ask: the rest of the list is told all the same.
    if (isShmError(error)) return undefined;
    throw error;
  }
}

/** Who gives a number back says so before the lock goes: taken without a lock, and still taken, it is that of a dead one. */
function isStill(file: LookedAt, number: number, epoch: number): boolean {
  const entry = tableOf(file, number, 1);
  return entry?.isTaken(1) === true && entry.epoch(1) === epoch;
}

/** A copy of some entries, the first of which is 1 in it. Undefined where the file ends before. */
function tableOf({ fd, path }: LookedAt, first: number, count: number): ParticipantTable | undefined {
  const size = count * ENTRY_SIZE;
  const bytes = readAt(fd, HEADER_SIZE + sizeOf(first - 1), size, path);
  if (bytes.length < size) return undefined;
  const { buffer } = bytes;
  return new ParticipantTable({ u32: new Uint32Array(buffer), u64: new BigUint64Array(buffer) }, -ENTRIES_AT, count);
}

/** Bytes of a table, to the end of so many entries. */
function sizeOf(entries: number): number {
  return ENTRIES_AT + entries * ENTRY_SIZE;
}
