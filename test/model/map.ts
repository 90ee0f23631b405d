/**
 * A map, schema/containers/map.ts: two buckets, keys "a" and "b" in the first one and "c" in the second, values of two words. A step is one
 * shared load or store; the names are those of runtime/containers/map/. What the lock's holder alone reads is part of the store that
 * follows. The lock's own steps are another model's: here it is taken, released and recovered. The order of the entries is one word, since
 * nobody but the holder looks at it.
 *
 * Each set publishes the next number, in both words. What a reader returns has to be whole, and to have been there at some moment between its
 * beginning and its end.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, step } from "./sleepers.js";

/** Seeded mistakes; all false is the map. */
export const MAP = {
  recyclesBeforeRaising: false,
  doesNotRaise: false,
  linksBeforeItIsFilled: false,
  linksBeforeItsNext: false,
  replacesInPlace: false,
  removesThenAdds: false,
  doesNotLookAgain: false,
  looksAgainBeforeCopying: false,
  repairDoesNotRaise: false,
  repairForgetsTheSpare: false,
  repairFreesWhatIsLinked: false,
  doesNotRepair: false,
  looksForLossesBeforeLocking: false,
  losesAfterFreeing: false,
  recoversTheLiving: false,
  // Harmless, and shown to be: who dies in a repair is another loss.
  isRepairedFirst: false,
};
export type MapRules = Readonly<typeof MAP>;

export type Key = "a" | "b" | "c";
export type Operation = readonly ["set" | "delete" | "get" | "clear", Key];

const BUCKET = { a: 0, b: 0, c: 1 } as const;

interface Entry {
  next: number;
  key: Key | "";
  first: number;
  second: number;
  ticket: number;
}

/** What names an entry: a bucket, or the entry before it in the chain. */
interface Link {
  readonly bucket: 0 | 1;
  readonly before: number;
}

interface MapWorld extends World {
  lock: number;
  losses: number;
  repaired: number;
  free: number;
  count: number;
  tickets: number;
  order: number[];
  readonly heads: [number, number];
  readonly stamps: [number, number];
  /** From 1 on. */
  readonly entries: Entry[];
  /** Not in memory: the number that each key has, 0 for none, and what readers at work may return. */
  readonly current: Record<Key, number>;
  readonly mayReturn: Record<number, { readonly key: Key; readonly numbers: number[] } | null>;
  published: number;
}

/** `capacity` entries that are free, and one. */
export function mapModel(
  programs: readonly (readonly Operation[])[],
  rules: MapRules,
  capacity: number,
  deaths: number,
): Model<MapWorld> {
  const blank = (_one: unknown, at: number): Entry => {
    const next = at === 0 || at > capacity ? 0 : at + 1;
    return { next, key: "", first: 0, second: 0, ticket: 0 };
  };
  return {
    parties: programs.length,
    deaths,
    world: () => ({
      ...emptyWorld(),
      lock: 0,
      losses: 0,
      repaired: 0,
      free: 1,
      count: 0,
      tickets: 0,
      order: [],
      heads: [0, 0],
      stamps: [0, 0],
      entries: Array.from({ length: capacity + 2 }, blank),
      current: { a: 0, b: 0, c: 0 },
      mayReturn: {},
      published: 0,
    }),
    run: (world, me) => new MapParty(world, me, rules, capacity).run(programs[me - 1] ?? []),
    dies(world, who) {
      world.mayReturn[who] = null;
    },
    wrongWith,
  };
}

/** What is in the chains, from their beginnings. Undefined for what is no chain. */
function linkedIn({ heads, entries }: MapWorld): number[] | undefined {
  const found: number[] = [];
  for (const head of heads) {
    for (let at = head; at !== 0; at = entries[at]!.next) {
      if (found.includes(at)) return undefined;
      found.push(at);
    }
  }
  return found;
}

/** At any moment chains are chains, of what was published. With nobody at work, every entry is in a chain or free. */
function wrongWith(world: MapWorld): string | undefined {
  const { entries, current, lock, losses, repaired, free, count, order } = world;
  const linked = linkedIn(world);
  if (linked === undefined) return "a chain has no end";
  for (const key of ["a", "b", "c"] as const) {
    const found = linked.filter((at) => entries[at]!.key === key);
    if (found.length > 1) return `${key} is there twice`;
    const number = found.length === 0 ? 0 : entries[found[0]!]!.first;
    if (number !== current[key]) return `${key} is ${number} instead of ${current[key]}`;
  }
  if (lock !== 0 || losses !== repaired) return undefined;
  const all = [...linked];
  for (let at = free; at !== 0; at = entries[at]!.next) {
    if (all.includes(at)) return "an entry is free and in use, or free twice";
    all.push(at);
  }
  if (all.length !== entries.length - 1) return "an entry is lost";
  if (count !== linked.length) return `${count} are counted, and ${linked.length} are there`;
  if ([...order].sort().join() !== [...linked].sort().join()) return "the order has others than the chains";
  const inOrder = order.every((at, index) => index === 0 || entries[order[index - 1]!]!.ticket < entries[at]!.ticket);
  return inOrder ? undefined : "the order is not that of the sets";
}

class MapParty {
  readonly world: MapWorld;
  readonly me: number;
  readonly rules: MapRules;
  readonly capacity: number;

  constructor(world: MapWorld, me: number, rules: MapRules, capacity: number) {
    this.world = world;
    this.me = me;
    this.rules = rules;
    this.capacity = capacity;
  }

  *run(program: readonly Operation[]): Steps {
    for (const [at, [what, key]] of program.entries()) {
      if (what === "get") yield* this.#get(key, at);
      else yield* this.#change(what, key, at);
    }
  }

  *#change(what: "set" | "delete" | "clear", key: Key, at: number): Steps {
    const { world, me, rules } = this;
    const seen = rules.looksForLossesBeforeLocking ? world.losses !== world.repaired : undefined;
    yield* this.#take(at, seen);
    yield step("change.losses", at, seen);
    if ((seen ?? world.losses !== world.repaired) && !rules.doesNotRepair) yield* this.#repair(at);
    const link = this.#find(key);
    if (what === "clear") yield* this.#clear(at);
    else if (what === "set") yield* this.#put(key, link, at);
    else if (link !== undefined) yield* this.#remove(link, key, at);
    yield step("lock.release", at);
    if (world.lock === me) world.lock = 0;
  }

  *#take(...locals: unknown[]): Steps {
    const { world, me, rules } = this;
    for (;;) {
      const can = (): boolean => world.lock === 0 || world.dead.has(world.lock) || rules.recoversTheLiving;
      yield { ...step("lock.take", ...locals), can };
      const owner = world.lock;
      if (owner === 0) {
        world.lock = me;
        return;
      }
      yield* recovering(world, me, owner, () => this.#recover(owner, ...locals), ...locals);
    }
  }

  *#recover(owner: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    if (world.lock !== owner) return;
    if (!rules.losesAfterFreeing) {
      yield step("recover.losses", owner, ...locals);
      world.losses += 1;
    }
    yield step("recover.free", owner, ...locals);
    world.lock = 0;
    if (!rules.losesAfterFreeing) return;
    yield step("recover.losses", owner, "late", ...locals);
    world.losses += 1;
  }

  /** What names the entry of a key: a bucket, or the entry before it. */
  #find(key: Key): Link | undefined {
    const { heads, entries } = this.world;
    const bucket = BUCKET[key];
    let before = 0;
    for (let at = heads[bucket]; at !== 0 && entries[at]!.key !== key; at = entries[at]!.next) before = at;
    const found = before === 0 ? heads[bucket] : entries[before]!.next;
    return found === 0 ? undefined : { bucket, before };
  }

  #named({ bucket, before }: Link): number {
    return before === 0 ? this.world.heads[bucket] : this.world.entries[before]!.next;
  }

  #publish(key: Key, number: number): void {
    const { world } = this;
    world.current[key] = number;
    for (const reader of Object.values(world.mayReturn)) if (reader?.key === key) reader.numbers.push(number);
  }

  *#put(key: Key, found: Link | undefined, at: number): Steps {
    const { world, rules } = this;
    if (rules.removesThenAdds && found !== undefined) {
      // A set takes nothing away, so that nobody may find it gone.
      yield* this.#remove(found, undefined, at);
      yield* this.#put(key, undefined, at);
      return;
    }
    const bucket = BUCKET[key];
    const old = found === undefined ? 0 : this.#named(found);
    if (rules.replacesInPlace && found !== undefined) {
      const number = (world.published += 1);
      yield step("put.fill", at, old, number, 1);
      world.entries[old]!.first = number;
      this.#publish(key, number);
      yield step("put.fill", at, old, number, 2);
      world.entries[old]!.second = number;
      return;
    }
    if (found === undefined && world.count >= this.capacity) return;
    const entry = world.free;
    const one = world.entries[entry];
    if (entry === 0 || one === undefined) {
      world.wrong ??= "there is no spare entry";
      return;
    }
    const locals = [at, entry, old, found?.before ?? -1];
    yield step("put.take", ...locals);
    world.free = one.next;
    yield step("put.ticket", ...locals);
    const ticket = (world.tickets += 1);
    const number = (world.published += 1);
    const fill = function* (): Steps {
      yield step("put.fill", ...locals, ticket, number, "key");
      Object.assign(one, { key, ticket });
      yield step("put.fill", ...locals, ticket, number, "first");
      one.first = number;
      yield step("put.fill", ...locals, ticket, number, "second");
      one.second = number;
    };
    const setNext = function* (): Steps {
      yield step("put.next", ...locals, number);
      one.next = old === 0 ? world.heads[bucket] : world.entries[old]!.next;
    };
    if (!rules.linksBeforeItIsFilled) yield* fill();
    // As it is to be: the mistake must not make a circle of its own.
    const next = old === 0 ? world.heads[bucket] : world.entries[old]!.next;
    if (!rules.linksBeforeItsNext) yield* setNext();
    yield step("put.link", ...locals, number);
    if (found === undefined || found.before === 0) world.heads[bucket] = entry;
    else world.entries[found.before]!.next = entry;
    this.#publish(key, number);
    if (rules.linksBeforeItIsFilled) yield* fill();
    if (rules.linksBeforeItsNext) {
      yield step("put.next", ...locals, number, next);
      one.next = next;
    }
    if (old !== 0) yield* this.#release(old, bucket, at, entry);
    else {
      yield step("put.count", ...locals);
      world.count += 1;
    }
    yield step("order.append", ...locals);
    world.order.push(entry);
  }

  *#remove(found: Link, key: Key | undefined, at: number): Steps {
    const { world } = this;
    const entry = this.#named(found);
    yield step("remove.unlink", at, entry, found.before);
    const { next } = world.entries[entry]!;
    if (found.before === 0) world.heads[found.bucket] = next;
    else world.entries[found.before]!.next = next;
    if (key !== undefined) this.#publish(key, 0);
    yield* this.#release(entry, found.bucket, at, entry);
    yield step("remove.count", at, entry);
    world.count -= 1;
  }

  *#clear(at: number): Steps {
    const { world } = this;
    for (const bucket of [0, 1] as const) {
      yield step("clear.unlink", at, bucket);
      world.heads[bucket] = 0;
      for (const key of ["a", "b", "c"] as const) if (BUCKET[key] === bucket) this.#publish(key, 0);
    }
    yield* this.#repair(at);
  }

  *#release(entry: number, bucket: 0 | 1, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    const raise = function* (): Steps {
      yield step("remove.raise", entry, ...locals);
      world.stamps[bucket] += 1;
    };
    if (!rules.recyclesBeforeRaising && !rules.doesNotRaise) yield* raise();
    yield step("order.join", entry, ...locals);
    world.order = world.order.filter((one) => one !== entry);
    yield step("remove.recycle", entry, ...locals);
    world.entries[entry]!.next = world.free;
    yield step("remove.free", entry, ...locals);
    world.free = entry;
    if (rules.recyclesBeforeRaising) yield* raise();
  }

  *#repair(at: number): Steps {
    const { world, rules } = this;
    const { losses } = world;
    if (rules.isRepairedFirst) {
      yield step("repair.done", at, "first", losses);
      world.repaired = losses;
    }
    const linked: number[] = [];
    for (const bucket of [0, 1] as const) {
      yield step("repair.look", at, bucket, losses, ...linked);
      for (let one = world.heads[bucket]; one !== 0; one = world.entries[one]!.next) linked.push(one);
      if (rules.repairDoesNotRaise) continue;
      yield step("repair.raise", at, bucket, losses, ...linked);
      world.stamps[bucket] += 1;
    }
    yield step("repair.order", at, losses, ...linked);
    world.order = [...linked].sort((one, other) => world.entries[one]!.ticket - world.entries[other]!.ticket);
    let free = 0;
    for (let entry = world.entries.length - 1; entry >= 1; entry -= 1) {
      if (linked.includes(entry) && !(rules.repairFreesWhatIsLinked && entry === linked.at(-1))) continue;
      yield step("repair.free", at, losses, entry, free, ...linked);
      world.entries[entry]!.next = free;
      free = entry;
    }
    yield step("repair.free", at, losses, "head", free, ...linked);
    world.free = rules.repairForgetsTheSpare ? world.entries[free]!.next : free;
    yield step("repair.count", at, losses, ...linked);
    world.count = linked.length;
    if (rules.isRepairedFirst) return;
    yield step("repair.done", at, losses);
    world.repaired = losses;
  }

  *#get(key: Key, at: number): Steps {
    const { world, me, rules } = this;
    const bucket = BUCKET[key];
    let isFirst = true;
    for (;;) {
      yield step("read.stamp", at, isFirst);
      if (isFirst) world.mayReturn[me] = { key, numbers: [world.current[key]] };
      isFirst = false;
      const stamp = world.stamps[bucket];
      yield step("read.head", at, stamp);
      let entry = world.heads[bucket];
      let left = world.entries.length;
      let found: readonly [number, number] = [0, 0];
      while (entry !== 0 && left > 0) {
        left -= 1;
        const one = world.entries[entry]!;
        yield step("read.key", at, stamp, entry, left);
        if (one.key === key) {
          if (rules.looksAgainBeforeCopying) {
            yield step("read.stampAgain", at, stamp, entry, "early");
            if (world.stamps[bucket] !== stamp) break;
          }
          yield step("read.copy", at, stamp, entry, "first");
          const { first } = one;
          yield step("read.copy", at, stamp, entry, first, "second");
          found = [first, one.second];
          break;
        }
        yield step("read.next", at, stamp, entry, left);
        entry = one.next;
      }
      if (!rules.doesNotLookAgain && !rules.looksAgainBeforeCopying) {
        yield step("read.stampAgain", at, stamp, left, ...found);
        if (world.stamps[bucket] !== stamp) continue;
      }
      this.#returns(key, found, left);
      return;
    }
  }

  #returns(key: Key, [first, second]: readonly [number, number], left: number): void {
    const { world, me } = this;
    const numbers = world.mayReturn[me]?.numbers ?? [];
    world.mayReturn[me] = null;
    if (left === 0) world.wrong ??= "a reader met a chain without an end";
    else if (first !== second) world.wrong ??= `a reader returned a mixture of ${first} and ${second}`;
    else if (!numbers.includes(first)) {
      world.wrong ??= `a reader returned ${first} of ${key}, which was ${numbers.join(", ")} meanwhile`;
    }
  }
}
