/**
 * Commands for a peer in Node, a line each: from standard input, or from the file SHMGEN_COMMANDS, which grows by them. The file is for wine, whose
 * consoles and pipes to this machine a Node for Windows waits at for ever. No more come when it is removed.
 */
import { existsSync, openSync, readSync } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";

const LONGEST_REST_MS = 4;

export async function* commands() {
  const path = process.env["SHMGEN_COMMANDS"];
  if (path === undefined) {
    yield* createInterface({ input: process.stdin });
    return;
  }
  const file = openSync(path, "r");
  const bytes = Buffer.alloc(4096);
  let text = "";
  for (let rest = 1; ; rest = Math.min(LONGEST_REST_MS, rest + 1)) {
    const length = readSync(file, bytes, 0, bytes.length, null);
    const lines = (text + bytes.toString("utf8", 0, length)).split("\n");
    text = lines.pop() ?? "";
    if (lines.length > 0) rest = 0;
    else if (!existsSync(path)) return;
    yield* lines;
    await delay(rest);
  }
}
