/** What this process has mapped and open, as the system tells it. */
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname } from "node:path";

const MEM_MAPPED = 0x40000;
const OWN_PROCESS = -1;

let functions;
/** Of Windows. @see https://learn.microsoft.com/windows/win32/api/psapi/nf-psapi-getmappedfilenamew */
function kernel32() {
  if (functions !== undefined) return functions;
  const library = createRequire(import.meta.url)("koffi").load("kernel32.dll");
  functions = {
    virtualQuery: library.func("size_t VirtualQuery(uintptr_t address, _Out_ uint8_t *information, size_t length)"),
    mappedName: library.func(
      "uint32_t K32GetMappedFileNameW(intptr_t process, uintptr_t address, _Out_ uint16_t *name, uint32_t size)",
    ),
    handleCount: library.func("int GetProcessHandleCount(intptr_t process, _Out_ uint32_t *count)"),
  };
  return functions;
}

/** PAGE_READONLY, PAGE_READWRITE and PAGE_WRITECOPY. */
const PROTECTIONS = { 2: "r--s", 4: "rw-s", 8: "rw-p" };

/** Regions of addresses that are of one kind, as lines of Linux: protection, and the file that it shows, as Windows calls it. */
function windowsMaps() {
  const { virtualQuery, mappedName } = kernel32();
  const information = new Uint8Array(48);
  const view = new DataView(information.buffer);
  const found = [];
  for (let address = 0n; virtualQuery(address, information, 48) > 0;) {
    const [base, size] = [view.getBigUint64(0, true), view.getBigUint64(24, true)];
    let file = "";
    if (view.getUint32(40, true) === MEM_MAPPED) {
      const name = new Uint16Array(1024);
      const length = mappedName(OWN_PROCESS, base, name, name.length);
      file = Buffer.from(name.buffer, 0, length * 2).toString("utf16le");
    }
    found.push(`${base.toString(16)} ${PROTECTIONS[view.getUint32(36, true)] ?? "?"} ${file}`);
    address = base + size;
  }
  return found;
}

/** Mappings of a process; on Windows of this one alone. */
export function mapsOf(pid = "self") {
  return process.platform === "win32" ? windowsMaps() : readFileSync(`/proc/${pid}/maps`, "utf8").split("\n");
}

/** Those that show files of a directory, or the one that is at a path. */
function linesOf(path, pid) {
  if (process.platform !== "win32") return mapsOf(pid).filter((line) => line.includes(path));
  // Windows calls volumes by names of its own.
  const end = `\\${basename(dirname(path))}\\${basename(path)}\\`.toLowerCase();
  return mapsOf().filter((line) => `${line.toLowerCase()}\\`.includes(end));
}

/** Names of the files that are mapped from a directory, or of the one that is at a path. */
export function mappedFrom(path, pid = "self") {
  const name = process.platform === "win32" ? basename(path) : path;
  return linesOf(path, pid).map((line) => line.slice(line.lastIndexOf(name)));
}

/** "r--s", "rw-p" and the like of the mappings of a file. */
export const protectionsOf = (path) => linesOf(path).map((line) => line.split(" ")[1]);

/** How many descriptors, or handles, this process has. */
export function descriptorCount() {
  if (process.platform !== "win32") return readdirSync("/proc/self/fd").length;
  const count = new Uint32Array(1);
  kernel32().handleCount(OWN_PROCESS, count);
  return count[0];
}

const targetOf = (fd) => {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return "";
  }
};
/** Descriptors of a directory and its files. */
export const descriptorsIn = (directory) =>
  readdirSync("/proc/self/fd").filter((fd) => targetOf(fd).startsWith(directory)).length;
