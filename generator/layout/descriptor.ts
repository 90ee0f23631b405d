/** The descriptor: a region's own description, stored in it. Byte form in schema/region-format.ts. */
import { crc32c } from "@shmgen/schema/descriptor";
import { DESCRIPTOR_HEADER_SIZE } from "@shmgen/schema/region-format";
import { deflateSync } from "fflate";
import { describeLayout } from "./fingerprint.js";
import { historyOf } from "./history.js";
import type { LayoutModel } from "./layout.js";

// Not zlib: its bytes differ between versions of Node and between processors, and generated files have to be the same
// everywhere. fflate is JavaScript; its version is pinned, because another one may find other matches.
// A small hash table: descriptions are short, and the default of 2 MB takes longer to clear than they to compress.
const COMPRESSION = { level: 9, mem: 2 } as const;

/** Version of the descriptor's JSON. */
export const DESCRIPTOR_FORMAT = 1;

/**
 * `{ format, region: { name, typeId, version, readableFrom, header }, layout: <canonical layout>, history? }` as compact JSON.
 * `history` is what `layoutHistory` gives, absent when it is empty.
 */
export function descriptorJson(model: LayoutModel, structId: string): string {
  const struct = model.structs.get(structId);
  if (struct === undefined || struct.role.kind !== "region") throw new Error(`"${structId}" is not a region`);
  const { typeId, version, readableFrom, header } = struct.role;
  const region = JSON.stringify({ name: struct.name, typeId, version, readableFrom, header });
  const { json, structs } = describeLayout(model, structId);
  const history = historyOf(model, structs);
  const last = history.length === 0 ? "" : `,"history":${JSON.stringify(history)}`;
  return `{"format":${DESCRIPTOR_FORMAT},"region":${region},"layout":${json}${last}}`;
}

/** The descriptor of a region as it stands in memory: 16 bytes of header, then raw deflate data. The same on every host. */
export function descriptorBytes(model: LayoutModel, structId: string): Uint8Array {
  const json = Buffer.from(descriptorJson(model, structId), "utf8");
  const data = deflateSync(json, COMPRESSION);
  const bytes = new Uint8Array(DESCRIPTOR_HEADER_SIZE + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(4, json.length, true);
  view.setUint32(8, data.length, true);
  bytes.set(data, DESCRIPTOR_HEADER_SIZE);
  view.setUint32(0, crc32c(bytes.subarray(4)), true);
  return bytes;
}
