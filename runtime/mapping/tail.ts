/** A tail by the words of the header, whatever memory that is in: what it has, and whether it may be asked to grow. */
import { HEADER_OFFSET as AT } from "../../schema/region-format.js";
import { type Extent, type Plan, extentOfHeader } from "../format/plan.js";
import { damagedTail, growthWithoutWriting, noTail, notALength, tailWouldShrink } from "./refusals.js";

/** The words of the header that growing changes, elements and bytes. */
export interface TailWords {
  readonly tailLength: number;
  readonly descriptorOffset: number;
  readonly descriptorSize: number;
}

/**
 * The length is read first: it is stored last, so whoever sees the new one sees the new offset as well, and the old one
 * goes with either.
 */
export function tailWords(buffer: ArrayBufferLike): TailWords {
  const u64 = new BigUint64Array(buffer, 0, 16);
  const tailLength = Number(Atomics.load(u64, AT.tailLength / 8));
  const descriptorOffset = Number(Atomics.load(u64, AT.descriptorOffset / 8));
  return { tailLength, descriptorOffset, descriptorSize: new Uint32Array(buffer, AT.descriptorSize, 1)[0] ?? 0 };
}

/** Where everything lies by these words, which say more than the caller knows. `size`: bytes that there are. @throws ShmError ERR_SHM_FORMAT */
export function grownExtentOf(plan: Plan, words: TailWords, size: number, tailLength: number, path: string): Extent {
  const extent = extentOfHeader(plan, words, size);
  if (typeof extent !== "string" && words.tailLength > tailLength) return extent;
  const field = typeof extent === "string" ? extent : "tailLength";
  throw damagedTail({ field, expected: `at least ${tailLength}`, found: words[field], path }, size);
}

/** The plan of a region that can be asked to grow to `wanted` elements. */
export function growablePlan(
  { plan, tailLength }: { readonly plan: Plan | undefined; readonly tailLength: number },
  wanted: number,
  { access, path }: { readonly access: string; readonly path: string },
): Plan {
  if (plan === undefined || plan.tailStride === 0) throw noTail(path, "a region of ours with a tail<T>");
  if (access !== "read-write") throw growthWithoutWriting(access, path);
  if (!Number.isSafeInteger(wanted) || wanted < 0) throw notALength(wanted, path);
  if (wanted < tailLength) throw tailWouldShrink(wanted, tailLength, path);
  return plan;
}

/** Whether somebody has made it so long already. @throws ShmRangeError where it is longer, and the caller knew that */
export function hasLength(has: number, wanted: number, tailLength: number, path: string): boolean {
  if (has > wanted && tailLength > wanted) throw tailWouldShrink(wanted, has, path);
  return has >= wanted;
}
