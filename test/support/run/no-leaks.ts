/** For the soak: when a test file is done, its process has no descriptor and no mapping of a region left, and no directory of regions. */
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, expect } from "vitest";
import { exposedGc } from "./gc.js";
import { tally } from "./tally.js";

/** Also of files that have no name any more. */
const isOfRegions = (text: string): boolean => text.includes("/dev/shm/shmgen-");

function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      // The one that lists them.
      return [];
    }
  });
}

const mappings = (): string[] => readFileSync("/proc/self/maps", "utf8").split("\n").filter(isOfRegions);

/** Mappings of threads that were terminated go as their memory is collected. */
async function mappingsThatStay(): Promise<string[]> {
  const collect = exposedGc();
  for (let round = 0; round < 100 && mappings().length > 0; round += 1) {
    collect();
    await delay(20);
  }
  return mappings();
}

// Registered before those of the test file, and so the last one of all.
afterAll(async () => {
  const mapped = await mappingsThatStay();
  const open = descriptors().filter(isOfRegions);
  const directories = [process.env["SHMGEN_DIR"] ?? ""].filter((path) => isOfRegions(path) && existsSync(path));
  expect({ open, mapped, directories }).toEqual({ open: [], mapped: [], directories: [] });
  tally("leaks", {
    operations: 1,
    kills: 0,
    descriptors: open.length,
    mappings: mapped.length,
    directories: directories.length,
  });
});
