/** Files of every kind that stat(2) tells apart, for what asks the system about files. */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";

/** Names of what is in the folder that {@link filesOfAllKinds} makes. */
export const KINDS = ["file", "second-name", "link", "dangling", "folder", "long", "fifo", "socket"];

/** A folder of them for one test file, there before its tests and removed after them. */
export function filesOfAllKinds(): string {
  const folder = mkdtempSync(join(tmpdir(), "shmgen-kinds-"));
  const at = (name: string): string => join(folder, name);
  const server = createServer();
  beforeAll(async () => {
    writeFileSync(at("file"), "twelve bytes", { mode: 0o640 });
    linkSync(at("file"), at("second-name"));
    symlinkSync("file", at("link"));
    symlinkSync("nowhere", at("dangling"));
    mkdirSync(at("folder"));
    // Longer than 32 bits tell, and without a block.
    writeFileSync(at("long"), "");
    truncateSync(at("long"), 5 * 2 ** 32 + 7);
    execFileSync("mkfifo", [at("fifo")]);
    await new Promise<void>((resolve) => server.listen(at("socket"), resolve));
  });
  afterAll(async () => {
    await new Promise((resolve) => server.close(resolve));
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}
