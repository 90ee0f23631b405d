/**
 * Series of counters, schema/containers/counters.ts: asked for, counted, observed, read without the lock, removed, kept and dropped. The names of
 * the steps are those of runtime/containers/counters/ and of lists.ts. A text is two words here, which belong together when they are alike.
 */
import {
  isQuiet,
  ListParty,
  LISTS,
  type ListWorld,
  listWorld,
  NOBODY,
  wrongWithFree,
  wrongWithNumbers,
} from "./lists.js";
import { type Model, type Steps, step } from "./sleepers.js";

/** Seeded mistakes; all false is the container. */
export const COUNTERS = {
  ...LISTS,
  publishesFirst: false,
  zerosNothing: false,
  stampsAfterwards: false,
  stampsNothing: false,
  readsTheStateFirst: false,
  dropsWhatIsKept: false,
  keepsWhatIsDropped: false,
  takesWhatTheLivingHave: false,
  sumsFirst: false,
};
export type CountersRules = Readonly<typeof COUNTERS>;

/** What a party does with the series of a key: keeps it or drops it at its end by death. "read" has none. */
export interface Turn {
  readonly does: "count" | "observe" | "remove" | "read";
  readonly key: number;
  readonly drops?: boolean;
}

interface CountersWorld extends ListWorld {
  readonly stamps: number[];
  readonly kept: boolean[];
  /** Whether who had it last wants it dropped. Whoever dies before it has it has changed `kept` for nobody: the next one says it anew. */
  readonly dropped: boolean[];
  readonly texts: [number, number][];
  readonly values: number[];
  readonly buckets: number[];
  /** What was counted for sure, by keys, without what was removed or dropped. */
  readonly counted: number[];
  /** Who knows of each place that its series is its own. */
  readonly had: number[][];
}

export function countersModel(
  programs: readonly (readonly Turn[])[],
  rules: CountersRules,
  {
    places,
    deaths,
    dead = [],
  }: { readonly places: number; readonly deaths: number; readonly dead?: readonly number[] },
): Model<CountersWorld> {
  const each = <T>(make: () => T): T[] => Array.from({ length: places }, make);
  return {
    parties: programs.length,
    deaths: deaths + dead.length,
    world: () => ({
      ...listWorld(places, dead),
      stamps: each(() => 0),
      kept: each(() => false),
      dropped: Array.from({ length: places }, (_, index) => index < dead.length),
      texts: each((): [number, number] => [0, 0]),
      values: each(() => 0),
      buckets: each(() => 0),
      counted: [0, 0, 0],
      had: each(() => []),
    }),
    run: (world, me) => new CountersParty(world, me, rules).run(programs[me - 1] ?? []),
    dies(world, who) {
      for (const have of world.had) if (have.includes(who)) have.splice(have.indexOf(who), 1);
    },
    wrongWith: (world) =>
      wrongWithSeries(world) ?? wrongWithNumbers(world) ?? (isQuiet(world) ? wrongWithFree(world) : undefined),
    wrongAtEnd: ({ states, dropped }) =>
      states.some((state, index) => state === NOBODY && dropped[index] === true)
        ? "a series was kept that was to be dropped"
        : undefined,
  };
}

function wrongWithSeries({ had, states, texts, values, buckets, counted }: CountersWorld): string | undefined {
  if (had.some((have) => have.length > 1)) return "two have the same series";
  if (
    values.some((value, index) => states[index] !== 0 && (buckets[index] ?? 0) > 0 && value > (buckets[index] ?? 0))
  ) {
    return "a sum has what no bucket has";
  }
  for (const [key, sum] of counted.entries()) {
    const own = states.map((state, index) =>
      state !== 0 && texts[index]?.[0] === key && buckets[index] === 0 ? (values[index] ?? 0) : 0,
    );
    if (key > 0 && own.reduce((all, one) => all + one, 0) !== sum)
      return `counted are ${sum}, and the series say ${own.join(" and ")}`;
  }
  return undefined;
}

class CountersParty extends ListParty<CountersWorld> {
  declare readonly rules: CountersRules;

  *run(program: readonly Turn[]): Steps {
    for (const [at, turn] of program.entries()) {
      if (turn.does === "read") yield* this.#read(at);
      else yield* this.#use(turn, at);
    }
  }

  *#use(turn: Turn, at: number): Steps {
    const { world, rules } = this;
    const index = yield* this.#ask(turn, at);
    if (index === undefined) return;
    if (turn.does === "observe") {
      const steps = ["series.count", "series.sum"];
      for (const name of rules.sumsFirst ? steps.reverse() : steps) {
        yield step(name, at, index);
        const to = name === "series.count" ? world.buckets : world.values;
        // A bucket that is there before tells histograms from counters in what is looked at.
        to[index] = (to[index] ?? 0) + 1;
      }
      return;
    }
    for (const time of [1, 2]) {
      const value = world.values[index] ?? 0;
      yield step("series.add", at, index, value, time);
      world.values[index] = value + 1;
      world.counted[turn.key] = (world.counted[turn.key] ?? 0) + 1;
    }
    if (turn.does === "remove") yield* this.#remove(index, at);
  }

  *#ask(turn: Turn, at: number): Steps<number | undefined> {
    const asked: number[] = [];
    let hasAsked = false;
    for (;;) {
      const locals = [at, asked.join(), hasAsked];
      yield* this.lock(...locals);
      yield* this.mend(...locals);
      const found = yield* this.#find(turn, asked, ...locals);
      if (found.index >= 0) {
        yield* this.unlock(found.index, ...locals);
        return found.index;
      }
      const index = found.owner === 0 ? yield* this.takeFree(...locals) : -1;
      if (index >= 0) yield* this.#allot(turn, index, ...locals);
      yield* this.unlock(index, found.owner, ...locals);
      if (index >= 0) return index;
      if (found.owner !== 0) {
        asked.push(found.owner);
        yield step("series.isAlive", found.owner, ...locals);
        yield* this.recoversDead(found.owner, ...locals);
      } else if (hasAsked) return undefined;
      else {
        yield* this.askOwners(...locals);
        hasAsked = true;
      }
    }
  }

  *#find(
    turn: Turn,
    asked: readonly number[],
    ...locals: unknown[]
  ): Steps<{ readonly index: number; readonly owner: number }> {
    const { world, me, rules } = this;
    let kept = -1;
    let owner = 0;
    for (let index = 0; index < world.states.length; index += 1) {
      yield step("series.look", index, kept, owner, ...locals);
      const state = world.states[index] ?? 0;
      if (state === 0 || world.texts[index]?.[0] !== turn.key) continue;
      if (state === me) return { index, owner: 0 };
      if (state === NOBODY || rules.takesWhatTheLivingHave) kept = index;
      else if (!asked.includes(state)) owner = state;
    }
    if (kept < 0) return { index: -1, owner };
    yield step("series.again", kept, ...locals);
    world.kept[kept] = turn.drops !== true;
    yield step("series.own", kept, ...locals);
    world.states[kept] = me;
    world.dropped[kept] = turn.drops === true;
    world.had[kept]?.push(me);
    return { index: kept, owner: 0 };
  }

  *#allot(turn: Turn, index: number, ...locals: unknown[]): Steps {
    const { world, me, rules } = this;
    const publish = function* (): Steps {
      yield step("series.publish", index, ...locals);
      world.states[index] = me;
      world.dropped[index] = turn.drops === true;
      world.had[index]?.push(me);
    };
    const stamp = function* (): Steps {
      yield step("series.stamp", index, ...locals);
      if (!rules.stampsNothing) world.stamps[index] = (world.stamps[index] ?? 0) + 1;
    };
    if (!rules.stampsAfterwards) yield* stamp();
    yield step("series.kind", index, ...locals);
    world.kept[index] = turn.drops !== true;
    if (rules.publishesFirst) yield* publish();
    for (const word of [0, 1] as const) {
      yield step("series.text", word, index, ...locals);
      (world.texts[index] as [number, number])[word] = turn.key;
    }
    yield step("series.zero", index, ...locals);
    if (!rules.zerosNothing) [world.values[index], world.buckets[index]] = [0, 0];
    if (rules.stampsAfterwards) yield* stamp();
    if (!rules.publishesFirst) yield* publish();
  }

  *#remove(index: number, at: number): Steps {
    const { world, me } = this;
    yield* this.lock(at, index, "remove");
    yield* this.mend(at, index, "remove");
    yield step("remove.publish", at, index);
    if (world.states[index] === me) {
      this.#gone(index);
      world.states[index] = 0;
      world.had[index]?.splice(0);
      yield* this.give(index, at, "remove");
    }
    yield* this.unlock(at, index, "remove");
  }

  /** A series and what it has counted. */
  #gone(index: number): void {
    const { counted, texts, values, buckets } = this.world;
    const key = texts[index]?.[0] ?? 0;
    if (buckets[index] === 0) counted[key] = (counted[key] ?? 0) - (values[index] ?? 0);
  }

  *#read(at: number): Steps {
    const { world, rules } = this;
    for (let index = 0; index < world.states.length; index += 1) {
      let [stamp, state] = [-1, -1];
      const looks = ["read.stamp", "read.state"];
      for (const name of rules.readsTheStateFirst ? looks.reverse() : looks) {
        yield step(name, at, index, stamp, state);
        if (name === "read.stamp") stamp = world.stamps[index] ?? 0;
        else state = world.states[index] ?? 0;
      }
      if (state === 0) continue;
      yield step("read.copy", at, index, stamp, "first");
      const first = world.texts[index]?.[0] ?? 0;
      yield step("read.copy", at, index, stamp, first);
      const second = world.texts[index]?.[1] ?? 0;
      yield step("read.again", at, index, stamp, first, second);
      if (world.stamps[index] !== stamp) continue;
      if (first !== second || first === 0) world.wrong = `a text was read as ${first} ${second}`;
    }
  }

  protected leftOf(index: number): number {
    const { world, rules } = this;
    if (world.kept[index] === true ? !rules.dropsWhatIsKept : rules.keepsWhatIsDropped) return NOBODY;
    if (!rules.dropsWhatIsKept || world.kept[index] !== true) this.#gone(index);
    return 0;
  }

  protected *rebuildOthers(): Steps {
    // There is one list.
  }
}
