/** What a racing game tells of its session, consistently: see game.c, which writes it. */
import { nameOf, stable, type Snapshot } from "@shmgen/runtime";
import { RacePage, type RacePageReader, RaceStatus } from "./generated/race-page.js";

/** The page as it was at one moment. @throws ShmError when the game was killed between two of its stores, or writes all the time */
export function readPage(path: string, timeoutMs = 100): Snapshot<RacePageReader> {
  using region = RacePage.attach(path);
  return stable(region, { begin: "updateBegin", end: "updateEnd" }, undefined, { timeoutMs });
}

/** Lines for people. */
export function* lines(path: string): Generator<string> {
  const { status, track, driver, lap, lastLapMs, speedKmh } = readPage(path);
  yield `${nameOf(RaceStatus, status) ?? status}: ${driver} on ${track}`;
  yield `lap ${lap}, last lap ${lastLapMs < 0 ? "-" : `${lastLapMs / 1000} s`}, ${speedKmh} km/h`;
}
