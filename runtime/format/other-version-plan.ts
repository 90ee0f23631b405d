/**
 * A region of another version than the code's: whether both can work on it, and as what. The engine compares the region's own
 * description with the code's; what it lets pass lies at the same offsets on both sides, within what the header says and the
 * file has. Runs only when versions differ: for one's own version the first 64 bytes decide.
 */
import { compareLayouts } from "../../schema/evolution/compare.js";
import {
  type CanonicalField,
  type CanonicalLayout,
  type CanonicalStruct,
  type DescribedLayout,
  isParticipants,
} from "../../schema/evolution/canonical.js";
import { STATE } from "../../schema/region-format.js";
import { OtherVersion } from "../access/other-version.js";
import { containersOfVersion } from "./containers-of-version.js";
import { type ReadAt, describedLayout, readDescriptor } from "./descriptor.js";
import { type Plan, extentOfHeader } from "./plan.js";
import { type HeaderVerdict, type Mismatch, judge } from "./verdict.js";

/** What is to be judged. */
export interface JudgeRequest {
  readonly fd: number;
  /** The first bytes of the file. */
  readonly copy: Uint8Array;
  readonly fileSize: number;
  readonly plan: Plan;
  /** See {@link judge}. */
  readonly padded?: boolean;
  /** For what lies behind the first bytes. */
  readonly readAt: ReadAt;
}

/** As {@link judge}, and a region of another version is ready as well when programs of both can use it. */
export function judgeVersions({ fd, copy, fileSize, plan, padded = false, readAt }: JudgeRequest): HeaderVerdict {
  const verdict = judge(copy, fileSize, plan, padded);
  if (verdict.kind !== "mismatch" || verdict.code !== "ERR_SHM_VERSION") return verdict;
  const { header } = verdict;
  if (header?.state !== STATE.ready || header.generation === 0) return verdict;
  const descriptor = readDescriptor(fd, header, readAt);
  if (descriptor === undefined) return verdict;
  const otherVersion = planForOtherVersion(plan, { copy, descriptor, mismatch: verdict });
  const extent = otherVersion && extentOfHeader(otherVersion, header, fileSize);
  if (otherVersion === undefined || extent === undefined || typeof extent === "string")
    return { ...verdict, descriptor };
  return { kind: "ready", plan: otherVersion, extent, generation: header.generation };
}

interface Other {
  readonly copy: Uint8Array;
  readonly descriptor: Uint8Array;
  readonly mismatch: Mismatch;
}

interface Known {
  readonly identity: Uint8Array;
  readonly descriptor: Uint8Array;
  /** Undefined: it does not fit. */
  readonly plan: Plan | undefined;
}

const known = new WeakMap<Plan, Known[]>();
/** Versions of one region that are remembered at a time. */
const KNOWN_MAX = 16;

function planForOtherVersion(plan: Plan, other: Other): Plan | undefined {
  const identity = other.copy.subarray(0, 64);
  let list = known.get(plan);
  if (list === undefined) known.set(plan, (list = []));
  const found = list.find((one) => isEqual(one.identity, identity) && isEqual(one.descriptor, other.descriptor));
  if (found !== undefined) return found.plan;
  const made = makePlan(plan, other);
  if (list.length >= KNOWN_MAX) list.shift();
  list.push({ identity: identity.slice(), descriptor: other.descriptor, plan: made });
  return made;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

function makePlan(plan: Plan, { copy, descriptor, mismatch: { header } }: Other): Plan | undefined {
  const theirs = describedLayout(descriptor);
  const ours = describedLayout(plan.descriptor);
  if (theirs === undefined || ours === undefined || header === undefined || !tellsTheSame(theirs, header))
    return undefined;
  const { version, readableFrom, fingerprint, payloadSize, tailStride } = header;
  const isNewer = version > plan.version;
  const verdict = isNewer ? compareLayouts(ours, theirs) : compareLayouts(theirs, ours);
  if (verdict.class === "breaking" || (isNewer && verdict.class === "upgrade")) return undefined;
  const partial = isNewer
    ? ownRoot(ours, payloadSize)
    : verdict.partial.map(({ struct, size, lacking }) => ({
        name: struct.name,
        size,
        fields: shownFields(struct, ours.layout),
        lacking,
      }));
  return {
    ...plan,
    version,
    readableFrom,
    fingerprint,
    payloadSize,
    tailStride,
    identity: copy.slice(0, 64),
    descriptor,
    code: plan,
    containers: containersOfVersion(plan.containers, ours.layout, theirs.layout),
    otherVersion: partial.length === 0 ? undefined : new OtherVersion(version, partial),
  };
}

/** Of a newer region the code has all fields; only bytes without a field at the end of the struct may be missing. */
function ownRoot({ layout }: DescribedLayout, payloadSize: number): ConstructorParameters<typeof OtherVersion>[1] {
  const root = layout.structs[0];
  if (root === undefined || root.size <= payloadSize) return [];
  return [{ name: root.name, size: payloadSize, fields: shownFields(root, layout), lacking: new Set() }];
}

/** Those that accessors show: without bytes kept for later, and what the runtime keeps there. */
function shownFields({ fields }: CanonicalStruct, layout: CanonicalLayout): CanonicalField[] {
  return fields.filter((field) => field.type.kind !== "reserved" && !isParticipants(field, layout));
}

/** A description that belongs to this header. */
function tellsTheSame({ region, layout }: DescribedLayout, header: NonNullable<Mismatch["header"]>): boolean {
  const root = layout.structs[0];
  return (
    region?.typeId === header.typeId &&
    region.version === header.version &&
    region.readableFrom === header.readableFrom &&
    root?.size === header.payloadSize &&
    (root.tailStride ?? 0) === header.tailStride
  );
}
