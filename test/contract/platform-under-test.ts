/** The platform that os/index.ts has chosen, as the contract tests ask it, and what they need of files. */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import type { Platform } from "../../runtime/dist/runtime/os/contract.js";
import * as chosen from "../../runtime/dist/runtime/os/index.js";
import { contractDirectory } from "./peers.js";

/** For the processes that are to call it as well. */
export const url = new URL("../../runtime/dist/runtime/os/index.js", import.meta.url).href;
export const platform: Platform = chosen;
export const directory = contractDirectory();
export const rights = platform.rightsOf({}, false, false);
let count = 0;

/** A path that no other test has. */
export function freshPath(): string {
  return join(directory, `file-${(count += 1)}`);
}

/** A new file with bytes in it, open for reading and writing. */
export function newFile(size = 4096, value = 0): { readonly fd: number; readonly path: string } {
  const path = freshPath();
  const fd = platform.createFile(path, path);
  platform.allocate(fd, size, path);
  if (value !== 0) platform.writeAt(fd, 0, new Uint8Array(size).fill(value), path);
  return { fd, path };
}

export function codeOf(call: () => unknown): string | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { readonly code?: string }).code;
  }
}

/** Waits for something that another process, or the kernel on its behalf, does. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(2);
}
