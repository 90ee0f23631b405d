/**
 * Tails that grow. The length stands in the header, and the descriptor lies behind the tail, so a longer tail needs the
 * descriptor out of its way. Every prefix of the stores leaves a region that is complete, with the old or the new length:
 *
 *   map what is new, and allocate its blocks; announce where the descriptor moves, behind the new tail and the old descriptor;
 *   copy it there; store descriptorOffset; zero what lies between the old tail's end and the old descriptor's; store
 *   tailLength; take the announcement back
 *
 * The announcement is for the next grower, who finds a copy that nothing refers to when this one dies in between. The stores
 * take place under the lifecycle lock, the allocation and the mapping before it. A file never shrinks. Proof: test/model.
 */
import { DESCRIPTOR_ALIGN, HEADER_OFFSET as AT, FILE_SIZE_UNIT } from "../../schema/region-format.js";
import { rawMemory } from "../access/memory-view.js";
import { isSealedAtSize, sizeOf, tryExclusive, tryShared, unlock, wake, writeAt } from "../os/index.js";
import { type Deadline, deadlineIn, pause } from "../wait/clock.js";
import { probe } from "../file/entry.js";
import { freeAdded } from "../file/free-added.js";
import type { RegionMapping } from "./region-mapping.js";
import type { KnownTail } from "./region-memory.js";
import { underLifecycleLock } from "../place/lifecycle.js";
import { silently } from "../wait/long-wait.js";
import { type Extent, type Plan, extentOf, roundUp } from "../format/plan.js";
import { growthOutOfReach, lockedByOthers, sealedAtItsSize } from "./refusals.js";
import { type TailWords, growablePlan, grownExtentOf, hasLength, tailWords } from "./tail.js";

/** What grows. */
export interface Growing extends KnownTail {
  readonly mapping: RegionMapping;
}

/**
 * What the region takes by now, when that is more than the caller knows; else undefined.
 * @throws ShmError ERR_SHM_FORMAT when the header has become impossible
 */
export function liveExtent({ mapping, plan, memory, tailLength }: Growing): Extent | undefined {
  const { path } = mapping.request;
  const { lease } = mapping;
  if (plan === undefined || plan.tailStride === 0 || lease === undefined) return undefined;
  const words = tailWords(rawMemory(memory).buffer);
  if (words.tailLength === tailLength) return undefined;
  return grownExtentOf(plan, words, sizeOf(lease.fd, path), tailLength, path);
}

/** Grows the tail to `wanted` elements. @throws as Region.growTail */
export function growTail(growing: Growing, wanted: number, deadline: Deadline): void {
  const { mapping, tailLength, memory } = growing;
  const { path } = mapping.request;
  const plan = growablePlan(growing, wanted, mapping);
  if (wanted > tailLength) checkGrowable(mapping);
  const fd = mapping.lease?.fd ?? -1;
  for (;;) {
    const before = tailWords(rawMemory(memory).buffer);
    if (hasLength(before.tailLength, wanted, tailLength, path)) return;
    const extent = grownExtent(plan, before, wanted, path);
    // Step grow.allocate. Whoever loses a race has made the file longer than needed, which harms nobody.
    const size = sizeOf(fd, path);
    try {
      mapping.extendTo(extent.size, true);
    } catch (error) {
      freeAddedIfAlone(mapping, size);
      throw error;
    }
    const { buffer } = mapping.current;
    const done = underGrowthLock(mapping, deadline, () => {
      const now = tailWords(buffer);
      if (now.tailLength !== before.tailLength || now.descriptorOffset !== before.descriptorOffset) return false;
      clearCopy(fd, buffer, before, path);
      storeLength(buffer, before, extent, plan);
      return true;
    });
    if (done) {
      wake(mapping.current.range.address + AT.tailLength, 0x7fff_ffff);
      return;
    }
  }
}

/**
 * Gives back the blocks that a growth has added which failed on the way, if nobody else has the region open: with the exclusive
 * lock in hand under the lifecycle lock there is nobody who could grow it at the same time and rely on them. The file stays as
 * long as it is. Otherwise they wait for the next one who grows it.
 */
function freeAddedIfAlone({ lease, current, request }: RegionMapping, before: number): void {
  const { fd, path } = request;
  // Memory without a name is locked by nobody who has it open.
  if (lease?.place === undefined) return;
  try {
    if (sizeOf(fd, path) <= before) return;
    const options = { create: false, deadline: deadlineIn(FREE_TIMEOUT_MS), check: false, onWait: silently };
    underLifecycleLock(lease.place, options, () => {
      const { descriptorOffset, descriptorSize } = tailWords(current.buffer);
      if (probe(fd, path) !== "exclusive") return;
      try {
        // The header may have moved on meanwhile, by somebody who has left.
        const from = Math.max(before, roundUp(descriptorOffset + descriptorSize, FILE_SIZE_UNIT));
        freeAdded(fd, from, path);
      } finally {
        tryShared(fd, path);
      }
    });
  } catch {
    // What the growth failed with is what the caller needs to know.
  }
}

/** Blocks that stay harm less than a wait. */
const FREE_TIMEOUT_MS = 100;

/** Before any system call. */
function checkGrowable({ lease, request: { path } }: RegionMapping): void {
  if (lease?.outOfReach === true) throw growthOutOfReach(path);
  if (lease?.sealed === true && isSealedAtSize(lease.fd)) throw sealedAtItsSize(path);
}

/** As {@link extentOf}, but the new descriptor does not lie over the old one, which has to stay whole until it is replaced. */
function grownExtent(plan: Plan, before: TailWords, wanted: number, path: string): Extent {
  const extent = extentOf(plan, wanted, path);
  const { descriptorSize } = before;
  const oldEnd = roundUp(before.descriptorOffset + descriptorSize, DESCRIPTOR_ALIGN);
  const descriptorOffset = Math.max(extent.descriptorOffset, oldEnd);
  return { tailLength: wanted, descriptorOffset, size: roundUp(descriptorOffset + descriptorSize, FILE_SIZE_UNIT) };
}

/**
 * Zeroes a copy of the descriptor that a grower left who died before anything referred to it. Through the file, because it
 * may lie behind what we map; within the file, whatever the word says.
 */
function clearCopy(
  fd: number,
  buffer: ArrayBufferLike,
  { descriptorOffset, descriptorSize }: TailWords,
  path: string,
): void {
  const left = Number(Atomics.load(new BigUint64Array(buffer, 0, 16), AT.descriptorMovesTo / 8));
  if (left < descriptorOffset + descriptorSize) return;
  const size = sizeOf(fd, path);
  const length = Math.min(descriptorSize, size - left);
  // Step grow.clearCopy.
  if (length > 0) writeAt(fd, left, new Uint8Array(length), path);
}

/** Under the lifecycle lock. Pairs with tailWords(), which reads in the opposite order. */
function storeLength(buffer: ArrayBufferLike, before: TailWords, extent: Extent, plan: Plan): void {
  const u8 = new Uint8Array(buffer);
  const u64 = new BigUint64Array(buffer, 0, 16);
  const { descriptorOffset, descriptorSize } = before;
  const store = (offset: number, value: number): void => void Atomics.store(u64, offset / 8, BigInt(value));
  // Step grow.announceCopy.
  store(AT.descriptorMovesTo, extent.descriptorOffset);
  // Step grow.copyDescriptor.
  u8.copyWithin(extent.descriptorOffset, descriptorOffset, descriptorOffset + descriptorSize);
  // Step grow.storeOffset.
  store(AT.descriptorOffset, extent.descriptorOffset);
  // Step grow.zero.
  u8.fill(
    0,
    plan.headerSize + plan.payloadSize + before.tailLength * plan.tailStride,
    descriptorOffset + descriptorSize,
  );
  // Step grow.storeLength.
  store(AT.tailLength, extent.tailLength);
  // Step grow.endCopy.
  store(AT.descriptorMovesTo, 0);
}

/** Memory without a name has no directory to lock. Nobody else locks its file, so that lock is free for this. */
function underGrowthLock<T>({ lease, request }: RegionMapping, deadline: Deadline, work: () => T): T {
  const { path } = request;
  if (lease?.place !== undefined) {
    return underLifecycleLock(lease.place, { create: false, deadline, check: false }, work);
  }
  const fd = lease?.fd ?? -1;
  for (let round = 0; !tryExclusive(fd, path); round += 1) if (!pause(round, deadline)) throw lockedByOthers(path);
  try {
    return work();
  } finally {
    unlock(fd, path);
  }
}
