/** A short soak, and what it is worth: peers with one mistake each have to be caught by it. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { withoutGcc } from "../support/c/peer/peers.mjs";
import { runSeed } from "../support/run/random.js";
import { byDepth } from "../support/run/depth.js";

const seed = runSeed("soak");
const why = withoutGcc === undefined ? "" : ` (${withoutGcc})`;

function soak(...args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const script = join(import.meta.dirname, "regions.mjs");
    execFile(process.execPath, [script, "--seed", String(seed), ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr });
    });
  });
}

it.skipIf(withoutGcc !== undefined)(
  `random SIGKILL and SIGSTOP of Node and C peers: nothing lost, stolen, owned twice or hanging${why} [faults 8 14 24 61, figure 3]`,
  async () => {
    const { code, output } = await soak("--minutes", byDepth("0.1", "0.25"));
    console.log(output.trim());
    expect(code, output).toBe(0);
    expect(Number(/"kills":(\d+)/.exec(output)?.[1])).toBeGreaterThan(byDepth(20, 100));
    expect(Number(/"nodeKills":(\d+)/.exec(output)?.[1])).toBeGreaterThan(byDepth(0, 3));
  },
);

const library = readFileSync(join(import.meta.dirname, "../../generator/c-runtime/shm-region.h"), "utf8");

/** Mistakes of docs/PROTOCOL.md, "What goes wrong otherwise", as changes of the C peer's text. */
const MISTAKES: readonly (readonly [mistake: string, from: string, to: string])[] = [
  [
    "EX to SH outside the lifecycle lock",
    'SHM_REGION_STEP("share.takeShared");',
    'flock(directory, LOCK_UN); flock(region->fd, LOCK_UN); SHM_REGION_STEP("share.takeShared");',
  ],
  ["an opener does not wait for the initialiser", "step = SHM_WAIT;", "step = SHM_JOIN;"],
  [
    "ready stored before the payload",
    'SHM_REGION_STEP("initialise.payload");',
    "__atomic_store_n(&((shmgen_header *)region->memory)->state, SHMGEN_STATE_READY, __ATOMIC_SEQ_CST);\n" +
      'SHM_REGION_STEP("initialise.payload");',
  ],
  ["unlink without EX", "if (shm_region_take(region, SHM_EXCLUSIVE) == 1) {", "if (region->fd >= 0) {"],
  [
    "reinitialising without EX",
    "if (shm_region_take(region, SHM_EXCLUSIVE) == 1) return SHM_EXCLUSIVE;",
    // The first open of the program is the ledger's.
    "static int opened; if (opened++ > 0 || shm_region_take(region, SHM_EXCLUSIVE) == 1) return SHM_EXCLUSIVE;",
  ],
  ["the generation does not grow", "found->generation == UINT32_MAX ? 1 : found->generation + 1", "1"],
];

it.skipIf(withoutGcc !== undefined).each(MISTAKES)(
  `the soak catches a C peer that makes this mistake: %s${why}`,
  async (_mistake, from, to) => {
    const folder = mkdtempSync(join(tmpdir(), "shmgen-mistake-"));
    try {
      const changed = library.replaceAll(from, to);
      expect(changed).not.toBe(library);
      writeFileSync(join(folder, "shm-region.h"), changed);
      const { code, output } = await soak("--library", folder, "--node-workers", "0", "--minutes", "0.5");
      expect(code, output).toBe(1);
      expect(output).toMatch(/pid \d+: /);
      console.log(output.split("\n").find((line) => line.startsWith("pid ")));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
);
