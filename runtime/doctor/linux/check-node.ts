/** Node itself, and the machine that it runs on. */
import { endianness } from "node:os";
import { isShmError } from "../../errors.js";
import { FUTEX_PROCESSORS } from "../../os/linux/futex.js";
import { libc } from "../../os/posix/libc.js";
import type { Finding, Surroundings } from "../check.js";

export function platform(): Finding<"platform"> {
  return { is: process.platform === "linux" ? "ok" : "other", found: process.platform };
}

export function processor(): Finding<"processor"> {
  const order = endianness();
  const found = `${process.arch}, ${order === "LE" ? "little" : "big"}-endian`;
  if (!FUTEX_PROCESSORS.includes(process.arch)) {
    return { is: "unknown", found, facts: { known: FUTEX_PROCESSORS.join(", ") } };
  }
  return { is: order === "LE" ? "ok" : "bigEndian", found };
}

/** What of it the C library needs shows in the check of koffi, because Node 20 and 22 do not tell. */
export function permissionModel(surroundings: Surroundings): Finding<"permission-model"> {
  const { permission } = process;
  if (permission === undefined) return { is: "ok", found: "off" };
  const { directory } = surroundings;
  const needed = [
    ["fs.read", "/proc/self/fd"],
    ["fs.read", directory],
    ["fs.write", directory],
    ["fs.read", "/proc/self/fd/0/name"],
    ["fs.write", "/proc/self/fd/0/name"],
    ["worker", undefined],
  ] as const;
  const denied = needed.filter(([scope, path]) => !permission.has(scope, path)).map((words) => words.join(" ").trim());
  if (addonsForbidden()) denied.push("addons");
  if (denied.length > 0) return { is: "denied", found: `denied: ${denied.join(", ")}` };
  return { is: "ok", found: "on, and allows what is needed" };
}

function addonsForbidden(): boolean {
  try {
    libc();
    return false;
  } catch (error) {
    return String(isShmError(error) && "cause" in error ? error.cause : error).includes("addons");
  }
}
