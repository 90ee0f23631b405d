/** Processes that work in one depot, of which one after the other is killed or stopped at any moment, and replaced. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { expect } from "vitest";
import type { DepotData } from "./depot.js";
import type { Depots } from "./depots.js";
import { byDepth } from "../run/depth.js";
import { Random, runSeed } from "../run/random.js";
import { tally } from "../run/tally.js";

const CHILD = join(import.meta.dirname, "depot-child.mjs");
const PUSHED = 0x10000;
/** Deaths of a storm, and elements of a round, at least. */
const KILLS = byDepth(4, 20, 200);
const LEAST = 5000;

interface Storm {
  /** For the tally. */
  readonly what: string;
  readonly field: string;
  readonly producers: string;
  readonly consumers: string;
  readonly elements: number;
  /** Whether each element is to be there in the end, or may be gone with its taker. */
  readonly isAtLeastOnce: boolean;
  /** What has to be so when all are gone. */
  atEnd?(data: DepotData): void;
}

interface Worker {
  readonly role: string;
  readonly child: ChildProcess;
  readonly ended: Promise<NodeJS.Signals | number | null>;
  readonly atWork: Promise<unknown>;
}

class Weather {
  readonly #depots: Depots;
  readonly #storm: Storm;
  readonly #random: Random;
  #running: Worker[] = [];
  readonly kills = { producers: 0, consumers: 0 };

  constructor(depots: Depots, storm: Storm, random: Random) {
    this.#depots = depots;
    this.#storm = storm;
    this.#random = random;
  }

  start(role: string, most: number): Worker {
    const { field } = this.#storm;
    const argv = [this.#depots.url, this.#depots.name(), role, field, `${most}`];
    const child = fork(CHILD, argv, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    const ended = new Promise<NodeJS.Signals | number | null>((resolve) => {
      child.once("exit", (code, signal) => resolve(signal ?? code));
    });
    const atWork = Promise.race([new Promise((resolve) => child.once("message", resolve)), ended]);
    const worker = { role, child, ended, atWork };
    this.#running.push(worker);
    return worker;
  }

  /** Lives of one worker after the other, until one ends by itself. */
  async lives(role: string, most: number): Promise<void> {
    for (;;) {
      const worker = this.start(role, most);
      const end = await worker.ended;
      this.#running = this.#running.filter((one) => one !== worker);
      if (end === "SIGKILL") continue;
      expect(end).toBe(0);
      return;
    }
  }

  /** Kills or stops somebody, as long as `isOn`. */
  async blow(isOn: () => boolean): Promise<void> {
    while (isOn()) {
      await new Promise((resolve) => setTimeout(resolve, this.#random.integer(1, 25)));
      if (this.#running.length === 0) continue;
      const { child, role, atWork } = this.#random.pick(this.#running);
      await atWork;
      if (!isOn()) return;
      if (this.#random.chance(0.3)) {
        child.kill("SIGSTOP");
        await new Promise((resolve) => setTimeout(resolve, this.#random.integer(1, 120)));
        child.kill("SIGCONT");
      } else if (child.kill("SIGKILL")) this.kills[role === this.#storm.producers ? "producers" : "consumers"] += 1;
    }
  }

  end(): void {
    for (const { child } of this.#running) child.kill("SIGKILL");
  }
}

/** Rounds of as many elements as the ledger has, until all are done. */
export async function storm(depots: Depots, given: Storm): Promise<void> {
  const random = new Random(runSeed(`${given.what} storm ${given.field}`));
  const counts = { elements: 0, kills: 0, lost: 0, again: 0 };
  while (counts.elements < given.elements || counts.kills < KILLS) {
    const data = depots.depot();
    const most = Math.min(Math.max(given.elements - counts.elements, LEAST), data.ledger.length);
    const weather = new Weather(depots, given, random);
    try {
      await round(weather, data, given, most);
    } finally {
      weather.end();
    }
    const { lost, again } = judged(data, most, given, weather);
    counts.elements += most;
    counts.kills += weather.kills.producers + weather.kills.consumers;
    counts.lost += lost;
    counts.again += again;
    given.atEnd?.(data);
    depots.close();
  }
  tally(given.what, counts);
}

async function round(weather: Weather, data: DepotData, { producers, consumers }: Storm, most: number): Promise<void> {
  let isOn = true;
  const blowing = weather.blow(() => isOn);
  const consuming = Promise.all([weather.lives(consumers, most), weather.lives(consumers, most)]);
  await Promise.race([Promise.all([weather.lives(producers, most), weather.lives(producers, most)]), consuming]);
  // Whoever is killed now has what others have to find.
  data.isOver = 1;
  isOn = false;
  await blowing;
  await consuming;
}

function judged(
  { ledger }: DepotData,
  most: number,
  { isAtLeastOnce }: Storm,
  { kills }: Weather,
): { readonly lost: number; readonly again: number } {
  let [lost, again, unknown] = [0, 0, 0];
  for (let id = 0; id < most; id += 1) {
    const entry = ledger.at(id);
    const taken = entry % PUSHED;
    const isPushed = entry >= PUSHED;
    if (taken > 1) again += taken - 1;
    if (taken === 0 && isPushed) lost += 1;
    if (taken === 0 && !isPushed) unknown += 1;
  }
  // A producer that was killed had one that was pushed, or was not.
  expect(unknown).toBeLessThanOrEqual(kills.producers);
  expect(lost).toBeLessThanOrEqual(isAtLeastOnce ? 0 : kills.consumers);
  expect(again).toBeLessThanOrEqual(isAtLeastOnce ? kills.consumers : 0);
  return { lost, again };
}
