/** Processes or threads that work in one depot, of which one after the other is killed or stopped at any moment, and replaced. */
import { expect } from "vitest";
import type { DepotData } from "./depot.js";
import { type Depots } from "./depots.js";
import { type Kind, type Life, startLife } from "./depot-workers.js";
import { byDepth } from "../run/depth.js";
import { Random, runSeed } from "../run/random.js";
import { tally } from "../run/tally.js";
import { KINDS } from "../run/system.js";
import { resume, STOPS, suspend } from "../processes/stops.js";

const TAKEN_MAX = 0x10000;
const PUSHED = 0x10000;
const CROSSED = 0x20000;
/** Deaths of a storm, and elements of a round, at least. */
const KILLS = byDepth(4, 10, 200);
const LEAST = 5000;
/** Deaths and stops of a round, at most: where starting takes longer than working, nothing but deaths would come of it. */
const BLOWS_MAX = 60;

interface Storm {
  /** For the tally. */
  readonly what: string;
  readonly field: string;
  readonly producers: string;
  readonly consumers: string;
  /** What others do beside them, until all is done. */
  readonly beside?: readonly string[];
  readonly elements: number;
  /** Whether each element is to be there in the end, or may be gone with its taker. */
  readonly isAtLeastOnce: boolean;
  /** Who works there, one of these each time. Default: processes in Node. */
  readonly kinds?: readonly Kind[];
  /** Of those in C. */
  readonly program?: string;
  /** What has to be so when all are gone. */
  atEnd?(data: DepotData): void;
}

class Weather {
  readonly #depots: Depots;
  readonly #storm: Storm;
  readonly #random: Random;
  #running: Life[] = [];
  /** Of what was killed: by what it did, and where. */
  readonly kills = { producers: 0, consumers: 0, others: 0 };
  readonly deaths: Record<Kind, number> = { Node: 0, C: 0, thread: 0 };
  stops = 0;

  constructor(depots: Depots, storm: Storm, random: Random) {
    this.#depots = depots;
    this.#storm = storm;
    this.#random = random;
  }

  /** Lives of one worker after the other, until one ends by itself. The first one is of the kind `first`. */
  async lives(role: string, first: number, most: number): Promise<void> {
    const { field, kinds = ["Node"], program } = this.#storm;
    for (let kind = kinds[first % kinds.length] as Kind; ; kind = this.#random.pick(kinds)) {
      // What a terminated thread has mapped as a view stays mapped until its process ends.
      const mapping = kind === "thread" ? "wasm" : this.#random.pick(KINDS);
      const work = { role, field, most, mapping };
      const life = startLife(kind, this.#depots, work, program);
      this.#running.push(life);
      const end = await life.ended;
      this.#running = this.#running.filter((one) => one !== life);
      if (end === "killed") continue;
      expect(end).toBe(0);
      return;
    }
  }

  /** All who were started are at work. */
  async isReady(): Promise<void> {
    await Promise.all(this.#running.map(({ atWork }) => atWork));
  }

  /** Kills or stops somebody, as long as `isOn`. */
  async blow(data: DepotData, isOn: () => boolean): Promise<void> {
    for (let blows = 0; blows < BLOWS_MAX && isOn(); blows += 1) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.integer(1, 25)));
      if (this.#running.length === 0) continue;
      const life = this.#random.pick(this.#running);
      await life.atWork;
      if (!isOn()) return;
      if (life.process !== undefined && this.#random.chance(STOPS)) {
        data.$stops.add(1);
        suspend(life.process);
        this.stops += 1;
        await new Promise((resolve) => setTimeout(resolve, this.#random.integer(1, 120)));
        resume(life.process);
        data.$stops.add(1);
      } else {
        data.$deaths.add(1);
        if (life.kill()) {
          this.kills[this.#sideOf(life.role)] += 1;
          this.deaths[life.kind] += 1;
        }
        data.$deaths.add(1);
      }
    }
  }

  #sideOf(role: string): keyof Weather["kills"] {
    if (role === this.#storm.producers) return "producers";
    return role === this.#storm.consumers ? "consumers" : "others";
  }

  end(): void {
    for (const life of this.#running) life.kill();
  }
}

/** Rounds of as many elements as the ledger has, until all are done. */
export async function storm(depots: Depots, given: Storm): Promise<void> {
  const random = new Random(runSeed(`${given.what} storm ${given.field}`));
  const { kinds = [] } = given;
  const isMixed = kinds.includes("C") && kinds.includes("Node");
  const counts = { operations: 0, kills: 0, stops: 0, lost: 0, twice: 0, slow: 0, longestMs: 0 };
  const deaths = new Map(kinds.map((kind) => [kind, 0]));
  let crossings = 0;
  const isDone = (): boolean =>
    counts.kills >= KILLS && ![...deaths.values()].includes(0) && (!isMixed || crossings > 0);
  while (counts.operations < given.elements || !isDone()) {
    const data = depots.depot();
    const most = Math.min(Math.max(given.elements - counts.operations, LEAST), data.ledger.length);
    const weather = new Weather(depots, given, random);
    try {
      await round(weather, data, given, most);
    } finally {
      weather.end();
    }
    const { lost, again, crossed } = judged(data, most, given, weather);
    counts.operations += most;
    counts.kills += weather.kills.producers + weather.kills.consumers + weather.kills.others;
    counts.stops += weather.stops;
    counts.slow += data.slow;
    counts.longestMs = Math.max(counts.longestMs, Math.ceil(data.longest / 1000));
    counts.lost += lost;
    counts.twice += again;
    crossings += crossed;
    for (const [kind, count] of deaths) deaths.set(kind, count + weather.deaths[kind]);
    given.atEnd?.(data);
    depots.close();
  }
  const { C: killsOfC = 0, Node: killsOfNode = 0 } = Object.fromEntries(deaths);
  tally(given.what, { ...counts, ...(isMixed && { crossings, killsOfC, killsOfNode }) });
}

async function round(weather: Weather, data: DepotData, given: Storm, most: number): Promise<void> {
  const { producers, consumers, beside = [] } = given;
  let isOn = true;
  const lives = async (role: string): Promise<unknown> =>
    Promise.all([0, 1].map((first) => weather.lives(role, first, most)));
  const [producing, consuming] = [lives(producers), lives(consumers)];
  const others = Promise.all(beside.map((role) => weather.lives(role, 0, most)));
  // Awaited below, after those whose end it is.
  others.catch(() => undefined);
  await weather.isReady();
  data.isOn = 1;
  const blowing = weather.blow(data, () => isOn);
  await Promise.race([producing, consuming]);
  // Whoever is killed now has what others have to find.
  data.isOver = 1;
  isOn = false;
  await blowing;
  await Promise.all([consuming, others]);
}

function judged(
  { ledger }: DepotData,
  most: number,
  { isAtLeastOnce }: Storm,
  { kills }: Weather,
): Readonly<Record<"lost" | "again" | "crossed", number>> {
  let [lost, again, unknown, crossed] = [0, 0, 0, 0];
  for (let id = 0; id < most; id += 1) {
    const entry = ledger.at(id);
    const taken = entry % TAKEN_MAX;
    const isPushed = (entry & PUSHED) !== 0;
    if ((entry & CROSSED) !== 0) crossed += 1;
    if (taken > 1) again += taken - 1;
    if (taken === 0 && isPushed) lost += 1;
    if (taken === 0 && !isPushed) unknown += 1;
  }
  // A producer that was killed had one that was pushed, or was not.
  expect(unknown).toBeLessThanOrEqual(kills.producers);
  expect(lost).toBeLessThanOrEqual(isAtLeastOnce ? 0 : kills.consumers);
  expect(again).toBeLessThanOrEqual(isAtLeastOnce ? kills.consumers : 0);
  return { lost, again, crossed };
}
