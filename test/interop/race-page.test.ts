/** examples/foreign/race-page beside a game in C that writes it: text of Windows, packing, and reads that belong together. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { RacePage } from "../../examples/dist/foreign/generated/race-page.js";
import { lines, readPage } from "../../examples/dist/foreign/race-page.js";
import { withoutCompilers } from "../support/c/gcc.js";

/** A game that the system has put aside in the middle of a write goes on, whenever that is. */
const PATIENCE_MS = 60_000;
const examples = join(import.meta.dirname, "../../examples/foreign");
let folder = "";
beforeAll(() => {
  folder = fs.mkdtempSync(join(tmpdir(), "shmgen-race-"));
  if (withoutCompilers === undefined) {
    execFileSync("gcc", ["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-o", join(folder, "game"), "game.c"], {
      cwd: examples,
    });
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** A game at its start line. */
async function race(laps: number): Promise<{ readonly game: ChildProcess; readonly path: string }> {
  const path = join(folder, `page-${laps}`);
  const game = spawn(join(folder, "game"), [path, String(laps)], { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void game.kill("SIGKILL"));
  await new Promise((ready) => game.stdout?.once("data", ready));
  return { game, path };
}

describe.skipIf(withoutCompilers !== undefined)("a racing game's page", () => {
  it("shows what the game has written, with text in UTF-16 of more than 16 bits", async () => {
    const { path } = await race(3);
    while (readPage(path, PATIENCE_MS).lap < 3) await new Promise((done) => setTimeout(done, 2));
    expect([...lines(path)]).toEqual(["live: Zoë🏎 on Nordschleife", "lap 3, last lap 400.003 s, 3 km/h"]);
    expect(readPage(path)).toMatchObject({ tyrePressure: [3, 3, 3, 3], isInPit: true, updateBegin: 3, updateEnd: 3 });
  });

  it("is never half of one lap and half of another, read while the game writes", async () => {
    const { path, game } = await race(2_000_000_000);
    let reads = 0;
    let last = 0;
    for (; reads < 3000; reads += 1) {
      const { lap, lastLapMs, speedKmh, tyrePressure, isInPit, updateBegin, updateEnd } = readPage(path, PATIENCE_MS);
      const whole = Math.fround(lap);
      expect({ lastLapMs, speedKmh, tyrePressure, isInPit, updateBegin, updateEnd }).toEqual({
        lastLapMs: lap === 0 ? -1 : 400_000 + lap,
        speedKmh: whole,
        tyrePressure: [whole, whole, whole, whole],
        isInPit: lap % 2 === 1,
        updateBegin: lap,
        updateEnd: lap,
      });
      expect(lap).toBeGreaterThanOrEqual(last);
      last = lap;
    }
    expect(last).toBeGreaterThan(0);
    game.kill("SIGKILL");
  });

  it("of a game that was killed between two stores is refused, with what its counters say", () => {
    const path = join(folder, "page-dead");
    const page = Buffer.alloc(RacePage.layout.size);
    page.writeUInt32LE(8, 0);
    page.writeUInt32LE(7, RacePage.layout.size - 4);
    fs.writeFileSync(path, page);
    expect(() => readPage(path)).toThrow(
      expect.objectContaining({ code: "ERR_SHM_BUSY", message: expect.stringMatching(/8.*7/) as unknown }),
    );
  });
});
