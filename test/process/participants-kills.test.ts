/**
 * Those who take part in a region, killed before each of their steps: claims, releases, recoveries. What the living have stays theirs, and
 * what the dead had comes back.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { expect, it } from "vitest";
import { Board, CHAIRS } from "../support/containers/board.mjs";
import { regionDirectory, stateOf, until } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";

regionDirectory();
const SCRIPT = new URL("../support/containers/one-participation.mjs", import.meta.url).pathname;

function takePart(name: string, operation: string, step = 0): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [SCRIPT, name, operation, String(step)], { encoding: "utf8", timeout: 60_000 });
}

it.each(["claim", "recover", "release"])(
  "who is killed before any step of a %s takes nothing from anybody, and leaves nothing behind",
  (operation) => {
    let killed = 0;
    let ended: SpawnSyncReturns<string> | undefined;
    for (let step = 1; ended === undefined; step += byDepth(6, 1)) {
      const name = `${operation}-${step}`;
      const where = `${operation}, step ${step}`;
      using region = Board.createOrOpen(name);
      expect(region.data.sit(0)).toBe(1);
      // Whose chair the one under test finds, and has to give back before anything else.
      if (operation !== "release") expect(takePart(name, "die").signal).toBe("SIGKILL");
      const end = takePart(name, operation, step);
      expect([end.signal ?? end.status, end.stderr], where).toEqual([end.signal === null ? 0 : "SIGKILL", ""]);
      if (end.signal === null) ended = end;
      else killed += 1;
      region.recover();
      const chairs = Array.from({ length: CHAIRS }, (_, chair) => region.data.whoSits(chair));
      expect(chairs, where).toEqual([1, 0, 0, 0]);
      expect(
        region.participants().map(({ number, alive }) => [number, alive]),
        where,
      ).toEqual([[1, true]]);
      expect(takePart(name, "claim"), where).toMatchObject({ status: 0, stderr: "" });
    }
    expect(killed).toBeGreaterThan(1);
    console.log(`${operation}: ${ended.stdout.trim()} steps, killed before ${killed} of them`);
  },
  300_000,
);

it("who is stopped while he recovers holds up other recoveries, and neither claims of free numbers nor what comes after him", async () => {
  using region = Board.createOrOpen("stopped");
  expect(region.data.sit(0)).toBe(1);
  expect(takePart("stopped", "die").signal).toBe("SIGKILL");
  // In the middle of it: it has both locks.
  const recoverer = spawn(process.execPath, [SCRIPT, "stopped", "recover", "12", "SIGSTOP"], { stdio: "ignore" });
  const ended = new Promise((resolve) => recoverer.once("exit", resolve));
  try {
    await until(() => stateOf(recoverer.pid ?? 0) === "T", "the recoverer is stopped");
    expect([region.recover(), region.data.participants?.recover(2)]).toEqual([[], false]);
    expect(takePart("stopped", "claim")).toMatchObject({ status: 0, stderr: "" });
  } finally {
    recoverer.kill("SIGKILL");
  }
  await ended;
  region.recover();
  expect([region.participants().map(({ number }) => number), region.data.whoSits(2)]).toEqual([[1], 0]);
});
