/** Handles of descriptors. Files are opened by node:fs, which closes with a worker what that has open; Windows wants handles. */
import { fs } from "../node.js";
import { callError } from "./calls.js";
import { kernel32 } from "./kernel32.js";

const INVALID = -1;
const MAX_PATH = 32_768;

/** @throws ShmError ERR_SHM_SYSCALL for a number of no open file */
export function handleOf(fd: number, path: string): number {
  const handle = Number(kernel32().osHandle(fd));
  if (handle < 0) throw callError("uv_get_osfhandle", "EBADF", path);
  return handle;
}

export function isHandle(handle: number | bigint): boolean {
  return Number(handle) !== INVALID && Number(handle) !== 0;
}

/** What has to be forgotten of a descriptor when it is closed: the number may be another file's a moment later. */
const atClose: ((fd: number) => void)[] = [];

export function whenClosed(forget: (fd: number) => void): void {
  atClose.push(forget);
}

/** What may be possible once something has been closed. */
const afterClose: (() => void)[] = [];

export function onceClosed(work: () => void): void {
  afterClose.push(work);
}

/** Windows closes a handle whatever CloseHandle says, so there is nothing to report and nothing to retry. */
export function closeQuietly(fd: number): void {
  for (const forget of atClose) forget(fd);
  try {
    fs.closeSync(fd);
  } catch {
    // See above.
  }
  for (const work of afterClose) work();
}

let text: Uint16Array | undefined;

/** Characters that a function has written. */
export function wideText(write: (text: Uint16Array, size: number) => number): string {
  text ??= new Uint16Array(MAX_PATH);
  const length = Math.min(write(text, MAX_PATH), MAX_PATH);
  return Buffer.from(text.buffer, 0, 2 * length).toString("utf16le");
}

/** Where an open file is now: `C:\...`, or undefined for one that has lost its name. @see GetFinalPathNameByHandleW */
export function pathOfHandle(handle: number): string | undefined {
  const found = wideText((characters, size) => kernel32().finalPath(handle, characters, size, 0));
  if (found === "") return undefined;
  return found.startsWith("\\\\?\\UNC\\") ? `\\\\${found.slice(8)}` : found.replace(/^\\\\\?\\/, "");
}
