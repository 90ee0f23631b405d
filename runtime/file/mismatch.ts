/** Why a region is refused, as precisely as the region itself allows: it carries a description of its own layout. */
import { type Change, compareLayouts, sentenceOf } from "../../schema/evolution/compare.js";
import { CLASSES, RULES } from "../../schema/evolution/rules.js";
import { HEADER_SIZE } from "../../schema/region-format.js";
import { type ShmError } from "../errors.js";
import { describeProcess, readAt, stillRuns } from "../os/index.js";
import { describedLayout, readDescriptor } from "../format/descriptor.js";
import { type RegionHeader, creatorOf } from "../format/header.js";
import type { Plan } from "../format/plan.js";
import { foreign, mismatched, neverReady } from "./refusals.js";
import type { HeaderVerdict } from "../format/verdict.js";

/** So many differences stand in a message; `shmgen diff` shows all. */
const SHOWN_MAX = 3;

/** The error for a verdict that is not "ready". */
export function mismatchError(verdict: HeaderVerdict, fd: number, plan: Plan, path: string): ShmError {
  if (verdict.kind === "foreign") return foreign(path);
  if (verdict.kind !== "mismatch") return neverReady(path);
  const { code, expected, found, header, descriptor } = verdict;
  let { field } = verdict;
  const numbers: Record<string, unknown> = { struct: plan.name };
  if (code !== "ERR_SHM_FORMAT" && header !== undefined) {
    const changes = changesOf(descriptor ?? readDescriptor(fd, header, readAt), plan, header);
    const [first] = changes;
    if (first !== undefined) {
      numbers["difference"] = changes.slice(0, SHOWN_MAX).map(sentenceOf).join("; ");
      if (changes.length > SHOWN_MAX) numbers["further"] = changes.length - SHOWN_MAX;
      if (code === "ERR_SHM_LAYOUT") field = first.path;
    }
    Object.assign(numbers, writerOf(header));
  }
  return mismatched(verdict, { field, expected, found, path }, numbers);
}

/** What keeps them apart, the worst first; nothing when the region's description is damaged. */
function changesOf(descriptor: Uint8Array | undefined, plan: Plan, header: RegionHeader): Change[] {
  const theirs = describedLayout(descriptor);
  const ours = describedLayout(plan.descriptor);
  if (theirs === undefined || ours === undefined) return [];
  const isNewer = header.version > plan.version;
  const { changes } = isNewer ? compareLayouts(ours, theirs) : compareLayouts(theirs, ours);
  const rank = (change: Change): number => CLASSES.indexOf(RULES[change.rule].class);
  // That the version did not change is what the message begins with.
  return changes.filter(({ rule }) => rule !== "version-unchanged").sort((a, b) => rank(b) - rank(a));
}

/** The process that initialised the region, and what of it is there. */
function writerOf(header: RegionHeader): Record<string, unknown> {
  const { creatorPid } = header;
  if (creatorPid === 0) return {};
  return { writtenBy: `pid ${creatorPid} (${stillRuns(creatorOf(header)) ? describeProcess(creatorPid) : "ended"})` };
}

/** The first bytes of a file, as many as a standard header has. */
export function readHead(fd: number, size: number, path: string): Uint8Array {
  return readAt(fd, 0, Math.min(HEADER_SIZE, size), path);
}
