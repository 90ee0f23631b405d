/**
 * A buffer of bytes as programs of its producers and consumers over seven words and a few bytes: schema/containers/bip-buffer.ts. The names
 * of the steps are those of runtime/containers/bip-buffer/ and of the parts that it shares with rings. Each byte holds its place in the
 * stream, so that one that is not there yet, or not any more, can be told.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, step } from "./sleepers.js";

/** Seeded mistakes; all false is the protocol. */
export const BIP_BUFFER = {
  readsWatermarkFirst: false,
  publishesBeforeWatermark: false,
  storesWatermarkWithoutRoom: false,
  forgetsTheWatermarkOfAFullLap: false,
  publishesBeforeFilling: false,
  releasesBeforeReading: false,
  ignoresTheConsumer: false,
  neverLeavesALap: false,
  leavesALapTooEarly: false,
  showsNothingAndKeepsTheLap: false,
  leavesALapWithoutWaking: false,
  readsWriteBeforeRole: false,
  rechecksBeforeFlag: false,
};
export type BipBufferRules = Readonly<typeof BIP_BUFFER>;

export type Side = "producer" | "consumer";
const OTHER = { producer: "consumer", consumer: "producer" } as const;

interface BipWorld extends World {
  write: number;
  watermark: number;
  producer: number;
  consumerSleeps: number;
  read: number;
  consumer: number;
  producerSleeps: number;
  bytes: number[];
  /** Not in memory: pieces that were published, their bytes, and bytes that were released. */
  pieces: number;
  published: number;
  released: number;
}

/** What is put, by whom, and who takes it. */
export interface BipScenario {
  readonly length: number;
  readonly sides: readonly Side[];
  /** Sizes. Who becomes the producer goes on where the one before ended. */
  readonly pieces: readonly number[];
  readonly deaths: number;
  /** Bytes that a consumer releases at a time; 0: all that it is shown. */
  readonly bite: number;
}

/** What a party knows. */
interface Registers {
  write: number;
  read: number;
  seen: number;
  /** Bytes that were shown, and that are left out behind them. */
  available: number;
  gap: number;
  watermark: number;
}

export function bipModel(scenario: BipScenario, rules: BipBufferRules): Model<BipWorld> {
  const total = scenario.pieces.reduce((sum, size) => sum + size, 0);
  return {
    parties: scenario.sides.length,
    deaths: scenario.deaths,
    world: () => ({
      ...emptyWorld(),
      write: 0,
      watermark: 0,
      producer: 0,
      consumerSleeps: 0,
      read: 0,
      consumer: 0,
      producerSleeps: 0,
      bytes: Array<number>(scenario.length).fill(0),
      pieces: 0,
      published: 0,
      released: 0,
    }),
    run: (world, me) => new BipParty(world, me, scenario, rules).run(),
    wrongWith({ write, read, released, published }) {
      const used = (write - read + 2 * scenario.length) % (2 * scenario.length);
      if (used > scenario.length) return `${used} bytes in ${scenario.length}`;
      return released > published ? `${released} bytes were released of ${published}` : undefined;
    },
    wrongAtEnd({ released, pieces, dead }) {
      if (dead.size > 0 && !hasSuccessors(scenario, dead)) return undefined;
      if (pieces !== scenario.pieces.length) return `${pieces} pieces were published`;
      return released === total ? undefined : `${released} of ${total} bytes were taken`;
    },
    // Nobody comes in the place of who died last.
    mayStay: ({ dead }) => dead.size > 0 && !hasSuccessors(scenario, dead),
  };
}

function hasSuccessors({ sides }: BipScenario, dead: ReadonlySet<number>): boolean {
  const lives = (side: Side): boolean => sides.some((one, at) => one === side && !dead.has(at + 1));
  return lives("producer") && lives("consumer");
}

class BipParty {
  readonly world: BipWorld;
  readonly me: number;
  readonly side: Side;
  readonly scenario: BipScenario;
  readonly rules: BipBufferRules;
  readonly own: Registers = { write: 0, read: 0, seen: 0, available: 0, gap: 0, watermark: 0 };

  constructor(world: BipWorld, me: number, scenario: BipScenario, rules: BipBufferRules) {
    this.world = world;
    this.me = me;
    this.side = scenario.sides[me - 1] as Side;
    this.scenario = scenario;
    this.rules = rules;
  }

  get length(): number {
    return this.scenario.length;
  }

  #step(name: string, ...locals: unknown[]) {
    return step(name, this.own, ...locals);
  }

  #place(counter: number): number {
    return counter % this.length;
  }

  #advanced(counter: number, by: number): number {
    return (counter + by) % (2 * this.length);
  }

  #used(write: number, read: number): number {
    return (write - read + 2 * this.length) % (2 * this.length);
  }

  *run(): Steps {
    const { world, me, side, rules, own } = this;
    const early = rules.readsWriteBeforeRole && side === "producer";
    if (early) {
      yield this.#step("put.readWrite");
      own.write = world.write;
    }
    yield* this.#take();
    if (side === "producer") yield* this.#produce(early);
    else yield* this.#consume();
    yield this.#step("role.free");
    if (world[side] === me) world[side] = 0;
    yield* this.#wakeFlag(side);
  }

  *#take(): Steps {
    const { world, side, me } = this;
    for (;;) {
      yield { ...this.#step("role.take"), can: () => world[side] === 0 || world.dead.has(world[side]) };
      const found = world[side];
      if (found === 0) {
        world[side] = me;
        return;
      }
      yield* this.#recover(found);
    }
  }

  *#recover(dead: number, ...locals: unknown[]): Steps {
    const { world, me, own } = this;
    yield* recovering(world, me, dead, () => this.#free(dead, ...locals), own, ...locals);
  }

  *#free(dead: number, ...locals: unknown[]): Steps {
    const { world } = this;
    for (const role of ["producer", "consumer"] as const) {
      yield this.#step("recover.look", role, dead, ...locals);
      if (world[role] !== dead) continue;
      yield this.#step("recover.clear", role, dead, ...locals);
      world[`${OTHER[role]}Sleeps`] = 0;
      yield this.#step("recover.wake", role, dead, ...locals);
      this.#wakeAll(OTHER[role]);
      yield this.#step("recover.free", role, dead, ...locals);
      if (world[role] === dead) world[role] = 0;
    }
  }

  #wakeAll(side: Side): void {
    const { asleep } = this.world;
    const others = asleep.filter((who) => this.scenario.sides[who - 1] !== side);
    asleep.splice(0, asleep.length, ...others);
  }

  *#wakeFlag(side: Side, ...locals: unknown[]): Steps {
    yield this.#step("wake.clear", side, ...locals);
    this.world[`${side}Sleeps`] = 0;
    yield this.#step("wake.notify", side, ...locals);
    this.#wakeAll(side);
  }

  /** After a counter was stored. */
  *#wake(...locals: unknown[]): Steps {
    const other = OTHER[this.side];
    yield this.#step("wake.look", ...locals);
    if (this.world[`${other}Sleeps`] !== 0) yield* this.#wakeFlag(other, ...locals);
  }

  /** Sleeps until there may be something to do. */
  *#sleep(look: () => Steps<boolean>, ...locals: unknown[]): Steps {
    const { world, me, side, rules, own } = this;
    const flag = `${side}Sleeps` as const;
    const setFlag = function* (this: BipParty): Steps {
      yield this.#step("wait.flag", ...locals);
      world[flag] = 1;
    }.bind(this);
    if (!rules.rechecksBeforeFlag) yield* setFlag();
    yield this.#step("wait.recheck", ...locals);
    if (yield* look()) {
      if (rules.rechecksBeforeFlag) return;
      yield this.#step("wait.unflag", ...locals);
      world[flag] = 0;
      return;
    }
    if (rules.rechecksBeforeFlag) yield* setFlag();
    yield this.#step("wait.sleep", ...locals);
    if (world[flag] !== 1) return;
    world.asleep.push(me);
    const isAwake = (): boolean => !world.asleep.includes(me);
    // As long as nobody has died, only a wake-up ends it: one that is lost is found.
    yield { ...this.#step("wait.asleep", ...locals), can: () => isAwake() || world.dead.size > 0 };
    if (isAwake()) return;
    world.asleep.splice(world.asleep.indexOf(me), 1);
    yield this.#step("wait.ask", ...locals);
    const other = world[OTHER[side]];
    if (other !== 0 && world.dead.has(other)) yield* this.#recover(other, "ask", ...locals);
    own.seen = 0;
  }

  *#produce(hasWrite: boolean): Steps {
    const { world, own, scenario } = this;
    if (!hasWrite) {
      yield this.#step("put.readWrite");
      own.write = world.write;
    }
    yield this.#step("put.readRead");
    own.read = world.read;
    while (world.pieces < scenario.pieces.length) {
      const size = scenario.pieces[world.pieces] as number;
      const at = yield* this.#find(size, "put");
      if (at < 0) {
        yield* this.#sleep(() => this.#looks(size), size);
        continue;
      }
      yield* this.#put(at, size);
    }
  }

  *#looks(size: number): Steps<boolean> {
    return (yield* this.#find(size, "recheck")) >= 0;
  }

  #fit(size: number): number {
    const place = this.#place(this.own.write);
    const free = this.rules.ignoresTheConsumer ? 99 : this.length - this.#used(this.own.write, this.own.read);
    const atEnd = this.length - place;
    if (size <= atEnd) return size <= free ? place : -1;
    return size <= free - atEnd ? 0 : -1;
  }

  *#find(size: number, where: "put" | "recheck"): Steps<number> {
    const { world, own, rules, length } = this;
    const known = this.#fit(size);
    if (known >= 0) return known;
    yield this.#step("put.rereadRead", size, where);
    own.read = world.read;
    const at = this.#fit(size);
    if (at >= 0) return at;
    const place = this.#place(own.write);
    if (rules.storesWatermarkWithoutRoom && size > length - place) yield* this.#mark(place, size, where, "early");
    const isInSameLap = this.#used(own.write, own.read) <= place;
    if (rules.neverLeavesALap || size <= place || size <= length - place) return -1;
    if (!isInSameLap && !rules.leavesALapTooEarly) return -1;
    yield* this.#mark(place, size, where);
    yield this.#step("put.leaveLap", size, where);
    own.write = world.write = this.#advanced(own.write, length - place);
    yield* this.#wake(size, where);
    return -1;
  }

  *#mark(place: number, ...locals: unknown[]): Steps {
    yield this.#step("put.watermark", place, ...locals);
    this.world.watermark = place;
  }

  *#put(at: number, size: number): Steps {
    const { world, own, rules, length } = this;
    const { published } = world;
    const fill = function* (this: BipParty): Steps {
      for (let index = 0; index < size; index += 1) {
        yield this.#step("put.fill", at, size, index, published);
        world.bytes[at + index] = published + index + 1;
      }
    }.bind(this);
    const place = this.#place(own.write);
    const isLeaving = at !== place || (at + size === length && !rules.forgetsTheWatermarkOfAFullLap);
    const end = at === place ? length : place;
    if (!rules.publishesBeforeFilling) yield* fill();
    if (isLeaving && !rules.publishesBeforeWatermark) yield* this.#mark(end, at, size);
    yield this.#step("put.publish", at, size);
    own.write = world.write = this.#advanced(own.write, at === place ? size : length - place + size);
    world.pieces += 1;
    world.published += size;
    if (isLeaving && rules.publishesBeforeWatermark) yield* this.#mark(end, at, size, published);
    yield* this.#wake(at, size, published);
    if (rules.publishesBeforeFilling) yield* fill();
  }

  *#consume(): Steps {
    const { world, own, scenario, rules } = this;
    const total = scenario.pieces.reduce((sum, size) => sum + size, 0);
    yield this.#step("get.readRead");
    own.read = world.read;
    while (world.released < total) {
      yield* this.#look("get");
      if (own.available === 0) {
        yield* this.#sleep(() => this.#available());
        continue;
      }
      const count = scenario.bite === 0 ? own.available : Math.min(own.available, scenario.bite);
      const from = this.#place(own.read);
      const before = world.released;
      if (rules.releasesBeforeReading) yield* this.#release(count, from, before);
      for (let index = 0; index < count; index += 1) {
        yield this.#step("get.byte", from, count, index, before);
        const found = world.bytes[from + index];
        if (found !== before + index + 1) world.wrong = `byte ${before + index} was shown as ${found}`;
      }
      if (!rules.releasesBeforeReading) yield* this.#release(count);
    }
  }

  *#available(): Steps<boolean> {
    yield* this.#look("recheck");
    return this.own.available > 0;
  }

  *#release(count: number, ...locals: unknown[]): Steps {
    const { own, world } = this;
    own.available -= count;
    const gap = own.available === 0 ? own.gap : 0;
    if (own.available === 0) own.gap = 0;
    yield this.#step("get.release", count, gap, ...locals);
    world.released += count;
    own.read = world.read = this.#advanced(own.read, count + gap);
    yield* this.#wake("get", count, ...locals);
  }

  *#look(where: "get" | "recheck"): Steps {
    const { world, own, rules, length } = this;
    if (rules.readsWatermarkFirst) yield* this.#readWatermark(where);
    yield this.#step("get.readWrite", where);
    own.seen = world.write;
    const used = this.#used(own.seen, own.read);
    const toEnd = length - this.#place(own.read);
    own.available = used;
    own.gap = 0;
    if (used < toEnd) return;
    if (!rules.readsWatermarkFirst) yield* this.#readWatermark(where);
    const count = own.watermark - this.#place(own.read);
    if (count < 0 || count > toEnd) {
      world.wrong = `${count} bytes before the watermark, of ${toEnd}`;
      return;
    }
    own.available = count;
    own.gap = toEnd - count;
    if (count > 0) return;
    own.gap = 0;
    if (rules.showsNothingAndKeepsTheLap) return;
    own.available = used - toEnd;
    yield this.#step("get.leaveLap", toEnd, where);
    own.read = world.read = this.#advanced(own.read, toEnd);
    if (!rules.leavesALapWithoutWaking) yield* this.#wake(where);
  }

  *#readWatermark(where: "get" | "recheck"): Steps {
    yield this.#step("get.readWatermark", where);
    this.own.watermark = this.world.watermark;
  }
}
