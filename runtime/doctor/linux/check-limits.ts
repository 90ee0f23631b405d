/** What this process may have: address space, descriptors, file sizes. @see getrlimit(2) */
import * as fs from "node:fs";
import { type Finding, bytesText } from "../check.js";
import { textOf } from "./texts.js";

const KIB = 1024;
const GIB = 1 << 30;
/** What Node 20 and 22 reserve for one Wasm memory; Node 24 and 26 take 8 GiB, or go without guards. */
const WASM_RESERVATION = 10 * GIB;
const MAP_COUNT = 65530;

/** The soft limit of this process, `Infinity` for none; undefined without /proc. */
export function limitOf(name: "Max address space" | "Max open files" | "Max file size"): number | undefined {
  const soft = new RegExp(`^${name}\\s+(\\S+)`, "m").exec(textOf("/proc/self/limits") ?? "")?.[1];
  return soft === undefined ? undefined : soft === "unlimited" ? Infinity : Number(soft);
}

export function addressSpace(): Finding<"address-space"> {
  const limit = limitOf("Max address space");
  const used = /^VmSize:\s+(\d+)/m.exec(textOf("/proc/self/status") ?? "")?.[1];
  if (limit === undefined || used === undefined) return { is: "skipped", found: "needs /proc" };
  const maps = Number(textOf("/proc/sys/vm/max_map_count") ?? MAP_COUNT);
  if (limit !== Infinity) {
    const fit = Math.max(0, Math.floor((limit - Number(used) * KIB) / WASM_RESERVATION));
    const found = `${bytesText(limit)}, room for ${fit} mappings "wasm"`;
    if (fit < 100) return { is: fit === 0 ? "none" : "few", found };
  }
  const found = `${limit === Infinity ? "unlimited" : bytesText(limit)}, ${maps} mappings`;
  return { is: maps < MAP_COUNT ? "maps" : "ok", found };
}

/** Node has raised the soft limit to the hard one when it started. */
export function openFiles(): Finding<"open-files"> {
  const limit = limitOf("Max open files");
  if (limit === undefined) return { is: "skipped", found: "needs /proc" };
  const open = fs.readdirSync("/proc/self/fd").length;
  const free = limit - open;
  return { is: free < 16 ? "none" : free < 256 ? "few" : "ok", found: `${open} of ${limit}` };
}

export function fileSize(): Finding<"file-size"> {
  const limit = limitOf("Max file size");
  if (limit === undefined) return { is: "skipped", found: "needs /proc" };
  if (limit === Infinity) return { is: "ok", found: "unlimited" };
  return { is: limit < 64 * KIB ? "tiny" : "limited", found: bytesText(limit), facts: { limit: bytesText(limit) } };
}
