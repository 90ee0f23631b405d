/** What a racing game tells of its session, consistently: see game.c, which writes it. */
import { type NamedMapping, nameOf, stable, type Snapshot } from "@shmgen/runtime";
import { RacePage, type RacePageReader, RaceStatus } from "./generated/race-page.js";

/** Where the page is: games of Windows give their memory a name, `Local\shmgen-race`, which is no path. */
export function placeOf(page: string): string | NamedMapping {
  return /^(?:Local|Global)\\/.test(page) ? { mapping: page } : page;
}

/** An attached page as it was at one moment. @throws ShmError when the game was killed between two of its stores, or writes all the time */
export function readAttached(page: { readonly data: RacePageReader }, timeoutMs = 100): Snapshot<RacePageReader> {
  return stable(page, { begin: "updateBegin", end: "updateEnd" }, undefined, { timeoutMs });
}

/** The page of a file or name as it is now. @throws as {@link readAttached}, and where there is none */
export function readPage(page: string, timeoutMs = 100): Snapshot<RacePageReader> {
  using region = RacePage.attach(placeOf(page));
  return readAttached(region, timeoutMs);
}

/** Lines for people. */
export function* linesOf(page: Snapshot<RacePageReader>): Generator<string> {
  const { status, track, driver, lap, lastLapMs, speedKmh } = page;
  yield `${nameOf(RaceStatus, status) ?? status}: ${driver} on ${track}`;
  yield `lap ${lap}, last lap ${lastLapMs < 0 ? "-" : `${lastLapMs / 1000} s`}, ${speedKmh} km/h`;
}

export function* lines(page: string): Generator<string> {
  yield* linesOf(readPage(page));
}
