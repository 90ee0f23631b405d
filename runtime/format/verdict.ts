/**
 * What an opener may do with a file, by a copy of its first bytes and its size. Pure: no system call, and nothing in the bytes is
 * trusted. The standard header is judged by schema/judge-header.ts; here it gets the code and the words of an error.
 */
import { type Extent, type RegionHeader, extentOfHeader, readLife } from "../../schema/header.js";
import { type HeaderFault, type HeaderJudgement, judgeHeader } from "../../schema/judge-header.js";
import { FILE_SIZE_UNIT, HEADER_SIZE, STATE } from "../../schema/region-format.js";
import type { Plan } from "./plan.js";

/** Why a region of ours does not fit the code that opens it. */
export interface Mismatch {
  readonly kind: "mismatch";
  readonly code: "ERR_SHM_FORMAT" | "ERR_SHM_VERSION" | "ERR_SHM_LAYOUT";
  readonly what: string;
  readonly field: string;
  readonly expected: unknown;
  readonly found: unknown;
  /**
   * True when the region may be made anew once nobody uses it: it is of this type, or its identity is damaged. Never for
   * a newer format, another byte order or another type, which belong to somebody else.
   */
  readonly replaceable: boolean;
  /** The generation it had; 0 when it cannot be told. */
  readonly generation: number;
  /** Of an intact header. */
  readonly header?: RegionHeader;
  /** The region's description, where it was read already. */
  readonly descriptor?: Uint8Array;
}

/** A verdict for who has no plan: every type, version and layout is as good as any other. */
export type AnyVerdict =
  /** Complete. */
  | { readonly kind: "ready"; readonly extent: Extent; readonly generation: number }
  /** Nothing in it yet. `zeros` is true when that holds only if all further bytes of the file are zero, too. */
  | { readonly kind: "blank"; readonly zeros: boolean; readonly generation: 0 }
  /** Ours, but its initialisation was not completed. `zeros` as above. */
  | { readonly kind: "torn"; readonly zeros: boolean; readonly generation: number }
  /** Not ours. Never touched. */
  | { readonly kind: "foreign" }
  | Mismatch;

/** Of a region that is ready: it is of the layout of this plan. */
export type HeaderVerdict =
  | Exclude<AnyVerdict, { readonly kind: "ready" }>
  | (Extract<AnyVerdict, { readonly kind: "ready" }> & { readonly plan: Plan });

/**
 * `copy` holds the first bytes of the file, all that there are up to the size of the header. `padded`: see judgeDotnet.
 */
export function judge(copy: Uint8Array, fileSize: number, plan: Plan, padded = false): HeaderVerdict {
  if (fileSize === 0) return { kind: "blank", zeros: false, generation: 0 };
  return plan.header === "dotnet" ? judgeDotnet(copy, fileSize, plan, padded) : judgeStandard(copy, fileSize, plan);
}

/** Like {@link judge}, for who has no plan. */
export function judgeAny(copy: Uint8Array, fileSize: number): AnyVerdict {
  return verdictOf(judgeHeader(copy, fileSize));
}

function judgeStandard(copy: Uint8Array, fileSize: number, plan: Plan): HeaderVerdict {
  if (copy.length >= HEADER_SIZE && sameLine(copy, plan.identity)) {
    const life = readLife(copy);
    if (life.state === STATE.ready && life.generation !== 0) {
      const extent = extentOfHeader(plan, life, fileSize);
      if (typeof extent !== "string") return { kind: "ready", plan, extent, generation: life.generation };
    }
  }
  const verdict = verdictOf(judgeHeader(copy, fileSize, plan));
  return verdict.kind === "ready" ? { ...verdict, plan } : verdict;
}

/** The case that has to be quick: line 0 byte for byte as planned, which says more than its checksum. */
function sameLine(copy: Uint8Array, identity: Uint8Array): boolean {
  for (let at = 0; at < identity.length; at += 1) if (copy[at] !== identity[at]) return false;
  return true;
}

/** What an opener may do with what a header says. */
function verdictOf(judged: HeaderJudgement): AnyVerdict {
  switch (judged.kind) {
    case "complete":
      return { kind: "ready", extent: judged.extent, generation: judged.header.generation };
    case "blank":
      return { kind: "blank", zeros: judged.zeros, generation: 0 };
    case "torn":
      return { kind: "torn", zeros: judged.zeros, generation: judged.header.generation };
    case "foreign":
      return { kind: "foreign" };
    case "byteOrder":
      return mismatch("FORMAT", "was written on a machine with another byte order", judged, { replaceable: false });
    case "format":
      return mismatch("FORMAT", "has another format than this runtime knows", judged, { replaceable: false });
    case "newer":
      return mismatch("FORMAT", "needs a newer runtime", judged, { replaceable: false, header: judged.header });
    case "damaged":
      return mismatch("FORMAT", "has a damaged header", judged, { replaceable: true, header: judged.header });
    case "other":
      return otherRegion(judged);
  }
}

const OTHER_TYPE = "is of another type";
const OTHER_VERSION = "was written with another schema version";
const OTHER_LAYOUT = "was written with another layout under the same version";

function otherRegion(judged: HeaderJudgement & { readonly kind: "other" }): Mismatch {
  const { field, header } = judged;
  if (field === "typeId") {
    return mismatch("FORMAT", OTHER_TYPE, { ...judged, field: "type" }, { replaceable: false, header });
  }
  if (field === "version") return mismatch("VERSION", OTHER_VERSION, judged, { replaceable: true, header });
  return mismatch("LAYOUT", OTHER_LAYOUT, judged, { replaceable: true, header });
}

/** `header` where it is intact. */
function mismatch(
  code: "FORMAT" | "VERSION" | "LAYOUT",
  what: string,
  judged: HeaderFault & { readonly header?: RegionHeader },
  { replaceable, header }: { readonly replaceable: boolean; readonly header?: RegionHeader },
): Mismatch {
  const { field, expected, found } = judged;
  return {
    kind: "mismatch",
    code: `ERR_SHM_${code}`,
    what: `the region ${what}`,
    field,
    expected,
    found,
    replaceable,
    generation: judged.header?.generation ?? 0,
    ...(header && { header }),
  };
}

/**
 * Two bytes, stored when all else is complete: the region is ready or it is blank. Behind them are six zeros, or whatever
 * .NET's stack had there, which up to .NET 10 does not clear them: `padded` says that such ones may lie here.
 */
function judgeDotnet(copy: Uint8Array, fileSize: number, plan: Plan, padded: boolean): HeaderVerdict {
  const [type = 0, version = 0, ...padding] = copy.subarray(0, plan.headerSize);
  const isPlanned = type === plan.typeId && version === plan.version;
  if (padding.some((byte) => byte !== 0) && !(padded && isPlanned)) return { kind: "foreign" };
  const end = plan.headerSize + plan.payloadSize;
  const size = Math.ceil(end / FILE_SIZE_UNIT) * FILE_SIZE_UNIT;
  if (type === 0 && version === 0) {
    // No magic tells ours from others here, but the size does: a half-made region of this plan has exactly this one.
    return fileSize === size ? { kind: "torn", zeros: false, generation: 0 } : { kind: "foreign" };
  }
  if (type !== plan.typeId) {
    const fault = { field: "type", expected: hex(plan.typeId), found: hex(type) };
    return mismatch("FORMAT", OTHER_TYPE, fault, { replaceable: false });
  }
  if (version !== plan.version) {
    const fault = { field: "version", expected: plan.version, found: version };
    return mismatch("VERSION", OTHER_VERSION, fault, { replaceable: true });
  }
  if (fileSize < end) {
    const fault = { field: "size", expected: `at least ${end}`, found: fileSize };
    return mismatch("FORMAT", "has a file that is too short", fault, { replaceable: true });
  }
  return { kind: "ready", plan, extent: { tailLength: 0, descriptorOffset: end, size }, generation: 0 };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
