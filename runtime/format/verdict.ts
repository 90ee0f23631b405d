/** What a file is, by a copy of its first bytes and its size. Pure: no system call, and nothing in the bytes is trusted. */
import {
  BYTE_ORDER_MARK,
  CRC_COVERS,
  FORMAT,
  HEADER_OFFSET as AT,
  HEADER_SIZE,
  MAGIC,
  PAGE_SIZE,
  STATE,
} from "../../schema/region-format.js";
import { crc32c } from "../../schema/crc32c.js";
import { type RegionHeader, readHeader, readLife } from "./header.js";
import { type Extent, type Plan, extentOfHeader } from "./plan.js";

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

export type HeaderVerdict =
  /** Complete, and of the layout of this plan. */
  | { readonly kind: "ready"; readonly plan: Plan; readonly extent: Extent; readonly generation: number }
  /** Nothing in it yet. `zeros` is true when that holds only if all further bytes of the file are zero, too. */
  | { readonly kind: "blank"; readonly zeros: boolean; readonly generation: 0 }
  /** Ours, but its initialisation was not completed. `zeros` as above. */
  | { readonly kind: "torn"; readonly zeros: boolean; readonly generation: number }
  /** Not ours. Never touched. */
  | { readonly kind: "foreign" }
  | Mismatch;

/**
 * `copy` holds the first bytes of the file, all that there are up to the size of the header. `padded`: see judgeDotnet.
 */
export function judge(copy: Uint8Array, fileSize: number, plan: Plan, padded = false): HeaderVerdict {
  if (fileSize === 0) return { kind: "blank", zeros: false, generation: 0 };
  return plan.header === "dotnet" ? judgeDotnet(copy, fileSize, plan, padded) : judgeStandard(copy, fileSize, plan);
}

/** Longer than any header, so that none equals it. */
const NOBODY = new Uint8Array(HEADER_SIZE + 1);

/** Like {@link judge}, for who has no plan: every type, version and layout is as good as any other. */
export function judgeAny(bytes: Uint8Array, fileSize: number): HeaderVerdict {
  const copy = new Uint8Array(HEADER_SIZE);
  copy.set(bytes);
  const { typeId, version, readableFrom, fingerprint, payloadSize, tailStride } = readHeader(copy);
  const identity = { typeId, version, readableFrom, fingerprint, payloadSize, tailStride };
  return judge(bytes, fileSize, {
    ...identity,
    name: "",
    header: "standard",
    headerSize: HEADER_SIZE,
    descriptor: NOBODY,
    identity: NOBODY,
  });
}

function judgeStandard(bytes: Uint8Array, fileSize: number, plan: Plan): HeaderVerdict {
  let copy = bytes;
  if (bytes.length < HEADER_SIZE) {
    // A file cut short is judged as if zeros followed, which is what a torn header looks like.
    copy = new Uint8Array(HEADER_SIZE);
    copy.set(bytes);
  }
  if (sameLine(copy, plan.identity)) {
    const life = readLife(copy);
    if (life.state === STATE.ready && life.generation !== 0) {
      const extent = extentOfHeader(plan, life, fileSize);
      if (typeof extent !== "string") return { kind: "ready", plan, extent, generation: life.generation };
    }
  }
  const header = readHeader(copy);
  const { generation } = header;
  const prefix = MAGIC.findIndex((byte, index) => copy[index] !== byte);
  if (prefix !== -1) return judgeWithoutMagic(copy, prefix, header);
  const mismatch = mismatchOf(generation, header);
  const view = new DataView(copy.buffer);
  const mark = view.getUint16(AT.byteOrderMark, true);
  if (mark === 0xfffe) return byteOrder(generation);
  if (header.state === STATE.blank || header.state === STATE.initialising) {
    return { kind: "torn", zeros: false, generation };
  }
  const damaged = (field: string, expected: unknown, found: unknown): Mismatch =>
    mismatch("FORMAT", "has a damaged header", field, expected, found);
  const crc = view.getUint32(AT.crc, true);
  const computed = crc32c(copy.subarray(0, CRC_COVERS));
  if (crc !== computed) return damaged("crc", hex(computed), hex(crc));
  if (mark !== BYTE_ORDER_MARK) return damaged("byteOrderMark", hex(BYTE_ORDER_MARK), hex(mark));
  const headerSize = view.getUint16(AT.headerSize, true);
  if (headerSize !== HEADER_SIZE) return damaged("headerSize", HEADER_SIZE, headerSize);
  if (header.flags !== 0) {
    return mismatch("FORMAT", "needs a newer runtime", "flags", 0, header.flags, false);
  }
  const other = judgeIdentity(header, plan, mismatch);
  if (other !== undefined) return other;
  if (header.state !== STATE.ready) return damaged("state", STATE.ready, header.state);
  if (generation === 0) return damaged("generation", "at least 1", 0);
  const extent = extentOfHeader(plan, header, fileSize);
  if (typeof extent === "string") return damaged(extent, `inside the file of ${fileSize} bytes`, header[extent]);
  return { kind: "ready", plan, extent, generation };
}

/** The case that has to be quick: line 0 byte for byte as planned, which says more than its checksum. */
function sameLine(copy: Uint8Array, identity: Uint8Array): boolean {
  for (let at = 0; at < identity.length; at += 1) if (copy[at] !== identity[at]) return false;
  return true;
}

type MakeMismatch = ReturnType<typeof mismatchOf>;

function mismatchOf(generation: number, header?: RegionHeader) {
  return (
    code: "FORMAT" | "VERSION" | "LAYOUT",
    what: string,
    field: string,
    expected: unknown,
    found: unknown,
    replaceable = true,
  ): Mismatch => ({
    kind: "mismatch",
    code: `ERR_SHM_${code}`,
    what: `the region ${what}`,
    field,
    expected,
    found,
    replaceable,
    generation,
    ...(header && { header }),
  });
}

const OTHER_TYPE = "is of another type";
const OTHER_VERSION = "was written with another schema version";

function judgeIdentity(header: RegionHeader, plan: Plan, mismatch: MakeMismatch): Mismatch | undefined {
  if (header.typeId !== plan.typeId) {
    return mismatch("FORMAT", OTHER_TYPE, "type", hex(plan.typeId), hex(header.typeId), false);
  }
  if (header.version !== plan.version) {
    return mismatch("VERSION", OTHER_VERSION, "version", plan.version, header.version);
  }
  const layout = "was written with another layout under the same version";
  for (const field of ["fingerprint", "payloadSize", "tailStride"] as const) {
    if (header[field] !== plan[field]) return mismatch("LAYOUT", layout, field, plan[field], header[field]);
  }
  return undefined;
}

/**
 * `prefix` is the number of bytes that agree with the magic. The magic is stored after state and generation; until then, or
 * in a file that was copied half, everything but these two words is zero.
 */
function judgeWithoutMagic(copy: Uint8Array, prefix: number, header: RegionHeader): HeaderVerdict {
  const { state, generation } = header;
  if (MAGIC.every((byte, index) => copy[7 - index] === byte)) return byteOrder(generation);
  const rest = copy.findIndex((byte, index) => index >= prefix && byte !== 0 && !(index >= AT.state && index < 72));
  if (rest === -1 && (state === STATE.blank || state === STATE.initialising)) {
    if (prefix === 0 && state === STATE.blank && generation === 0) return { kind: "blank", zeros: true, generation: 0 };
    return { kind: "torn", zeros: true, generation };
  }
  if (prefix !== MAGIC.length - 1) return { kind: "foreign" };
  const what = "has another format than this runtime knows";
  return mismatchOf(generation)("FORMAT", what, "format", FORMAT, copy[MAGIC.length - 1], false);
}

function byteOrder(generation: number): Mismatch {
  const what = "was written on a machine with another byte order";
  return mismatchOf(generation)("FORMAT", what, "byteOrderMark", hex(BYTE_ORDER_MARK), hex(0xfffe), false);
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
  const size = Math.ceil(end / PAGE_SIZE) * PAGE_SIZE;
  if (type === 0 && version === 0) {
    // No magic tells ours from others here, but the size does: a half-made region of this plan has exactly this one.
    return fileSize === size ? { kind: "torn", zeros: false, generation: 0 } : { kind: "foreign" };
  }
  const mismatch = mismatchOf(0);
  if (type !== plan.typeId) return mismatch("FORMAT", OTHER_TYPE, "type", hex(plan.typeId), hex(type), false);
  if (version !== plan.version) return mismatch("VERSION", OTHER_VERSION, "version", plan.version, version);
  if (fileSize < end) return mismatch("FORMAT", "has a file that is too short", "size", `at least ${end}`, fileSize);
  return { kind: "ready", plan, extent: { tailLength: 0, descriptorOffset: end, size }, generation: 0 };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
