/** Why a region is refused, as precisely as the region itself allows: it carries a description of its own layout. */
import * as fs from "node:fs";
import { inflateRawSync } from "node:zlib";
import { DESCRIPTOR_HEADER_SIZE, DESCRIPTOR_JSON_MAX, HEADER_SIZE } from "../../schema/region-format.js";
import { type ShmError, refusal } from "../errors.js";
import { crc32c } from "./crc32c.js";
import { firstDifference } from "./difference.js";
import type { Plan } from "./plan.js";
import { foreign, neverReady } from "./refusals.js";
import type { HeaderVerdict, Mismatch } from "./verdict.js";

const REMEDIES: Readonly<Record<Mismatch["code"], string>> = {
  ERR_SHM_FORMAT: "it is left untouched; use the software that wrote it, or choose another name",
  ERR_SHM_VERSION: "run one version of the schema everywhere, or end the processes that use the other one",
  ERR_SHM_LAYOUT: "give the changed schema a new version, or generate and deploy all programs from the same one",
};

/** The error for a verdict that is not "ready". */
export function mismatchError(verdict: HeaderVerdict, fd: number, plan: Plan, path: string): ShmError {
  if (verdict.kind === "foreign") return foreign(path);
  if (verdict.kind !== "mismatch") return neverReady(path, undefined);
  const { code, what, expected, found, header } = verdict;
  let { field } = verdict;
  const numbers: Record<string, unknown> = { struct: plan.name };
  if (code !== "ERR_SHM_FORMAT" && header !== undefined) {
    const theirs = descriptorText(readDescriptor(fd, header.descriptorOffset, header.descriptorSize));
    const difference = firstDifference(descriptorText(plan.descriptor), theirs);
    if (difference !== undefined) {
      numbers["difference"] = difference.text;
      if (code === "ERR_SHM_LAYOUT") field = difference.field;
    }
  }
  return refusal(code, what, { field, expected, found, path }, REMEDIES[code], numbers);
}

/** Bounded, whatever the header says. Undefined when the file has no such bytes. */
function readDescriptor(fd: number, offset: number, size: number): Uint8Array | undefined {
  if (!Number.isSafeInteger(offset) || size > DESCRIPTOR_HEADER_SIZE + DESCRIPTOR_JSON_MAX) return undefined;
  const bytes = new Uint8Array(size);
  try {
    return fs.readSync(fd, bytes, 0, size, offset) === size ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** The JSON in a descriptor; undefined when it is damaged. */
function descriptorText(bytes: Uint8Array | undefined): string | undefined {
  if (bytes === undefined || bytes.length < DESCRIPTOR_HEADER_SIZE) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (view.getUint32(0, true) !== crc32c(bytes.subarray(4))) return undefined;
  try {
    const text = inflateRawSync(bytes.subarray(DESCRIPTOR_HEADER_SIZE), { maxOutputLength: DESCRIPTOR_JSON_MAX });
    return text.toString("utf8");
  } catch {
    return undefined;
  }
}

/** The first bytes of a file, as many as a standard header has. */
export function readHead(fd: number, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.min(HEADER_SIZE, size));
  return bytes.subarray(0, fs.readSync(fd, bytes, 0, bytes.length, 0));
}

/** Whether a file holds nothing but zeros behind the 128 bytes that were judged already. */
export function restIsZero(fd: number, size: number): boolean {
  const block = Buffer.alloc(Math.min(size, 1 << 18));
  for (let offset = 128; offset < size;) {
    const length = fs.readSync(fd, block, 0, Math.min(block.length, size - offset), offset);
    if (length === 0) return true;
    if (block.subarray(0, length).some((byte) => byte !== 0)) return false;
    offset += length;
  }
  return true;
}
