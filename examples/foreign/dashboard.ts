/**
 * `node dashboard.js PAGE`: shows a racing game's session, whenever the game runs. PAGE is what game.c was given: a file, or on Windows a name, `Local\shmgen-race`.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { isShmError } from "@shmgen/runtime";
import { RacePage } from "./generated/race-page.js";
import { linesOf, placeOf, readAttached } from "./race-page.js";

const [given] = process.argv.slice(2);
if (given === undefined) {
  console.error("usage: node dashboard.js PAGE");
  process.exit(2);
}

for (;;) {
  console.log("waiting for the game");
  using page = await RacePage.whenAttached(placeOf(given), { timeoutMs: Infinity });
  const ended = new AbortController();
  page.onRemoved(() => ended.abort());
  while (!ended.signal.aborted) {
    try {
      for (const line of linesOf(readAttached(page))) console.log(line);
    } catch (error) {
      // Killed in the middle of a write, which is about to be told.
      if (!isShmError(error) || error.code !== "ERR_SHM_BUSY") throw error;
    }
    await sleep(1000, undefined, { signal: ended.signal }).catch(() => undefined);
  }
  console.log("the game has ended");
}
