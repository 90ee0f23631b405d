/**
 * Messages as programs of their producers and consumers over six words and a few cells of 8 bytes: schema/containers/messages.ts. A cell is
 * the head of a frame, or a part of a message. The names of the steps are those of runtime/containers/messages/ and of the parts that it
 * shares. The lock is one step each way here; test/model/owner-word.ts has those of its own.
 */
import { type Model, type Steps, type World, emptyWorld, recovering, step } from "./sleepers.js";

/** Seeded mistakes; all false is the protocol. */
export const MESSAGES = {
  publishesBeforeWriting: false,
  publishesBeforeTheHead: false,
  publishesWithoutPadding: false,
  padsAfterPublishing: false,
  unlocksBeforePublishing: false,
  readsPlacesBeforeLocking: false,
  takesNoLock: false,
  ignoresTheConsumer: false,
  releasesBeforeReading: false,
  neverLeavesALap: false,
  leavesALapTooEarly: false,
  keepsTheLapOfPadding: false,
  looksForRoomAlone: false,
  unflagsForOthers: false,
  wakesOneProducer: false,
  looksForSleepersFirst: false,
  recoversNoLock: false,
};
export type MessagesRules = Readonly<typeof MESSAGES>;

/** Cells of each message of a producer; a consumer. */
export type Party = readonly number[] | "consumer";

export interface MessagesScenario {
  /** Cells. */
  readonly length: number;
  readonly parties: readonly Party[];
  readonly deaths: number;
}

type Cell =
  readonly [what: "head", size: number] | readonly [what: "padding"] | readonly [what: "part", of: string] | null;

interface MessagesWorld extends World {
  write: number;
  producer: number;
  consumerSleeps: number;
  read: number;
  consumer: number;
  producerSleeps: number;
  cells: Cell[];
  /** Not in memory: what was published, by name and cells; how much of it was released; whose programs have ended. */
  published: string[];
  released: number;
  ended: number[];
}

const SIDES = ["producer", "consumer"] as const;
type Side = (typeof SIDES)[number];
const OTHER = { producer: "consumer", consumer: "producer" } as const;

export function messagesModel(scenario: MessagesScenario, rules: MessagesRules): Model<MessagesWorld> {
  return {
    parties: scenario.parties.length,
    deaths: scenario.deaths,
    world: () => ({
      ...emptyWorld(),
      write: 0,
      producer: 0,
      consumerSleeps: 0,
      read: 0,
      consumer: 0,
      producerSleeps: 0,
      cells: Array<Cell>(scenario.length).fill(null),
      published: [],
      released: 0,
      ended: [],
    }),
    run: (world, me) => new MessagesParty(world, me, scenario, rules).run(),
    wrongWith({ write, read }) {
      const used = (write - read + 2 * scenario.length) % (2 * scenario.length);
      return used > scenario.length ? `${used} cells in ${scenario.length}` : undefined;
    },
    wrongAtEnd({ published, released, dead }) {
      const names = scenario.parties.flatMap((party, at) =>
        party === "consumer" || dead.has(at + 1) ? [] : party.map((size, index) => nameOf(at + 1, index, size)),
      );
      if (names.some((name) => !published.includes(name))) return `published: ${published.join(" ")}`;
      return released === published.length || dead.size > 0
        ? undefined
        : `${released} of ${published.length} were taken`;
    },
    mayStay: (world) => isOver(world, scenario),
  };
}

const nameOf = (who: number, index: number, size: number): string => `${who}.${index}x${size}`;

/** Whether nobody has to do anything any more. */
function isOver({ published, released, dead, ended }: MessagesWorld, { parties }: MessagesScenario): boolean {
  const consumers = parties.flatMap((party, at) => (party === "consumer" ? [at + 1] : []));
  if (consumers.every((who) => dead.has(who))) return true;
  const areDone = parties.every((party, at) => party === "consumer" || dead.has(at + 1) || ended.includes(at + 1));
  return areDone && released === published.length;
}

class MessagesParty {
  readonly world: MessagesWorld;
  readonly me: number;
  readonly side: Side;
  readonly scenario: MessagesScenario;
  readonly rules: MessagesRules;
  readonly own = { write: 0, read: 0, next: 0, sleeps: 0, index: 0 };

  constructor(world: MessagesWorld, me: number, scenario: MessagesScenario, rules: MessagesRules) {
    this.world = world;
    this.me = me;
    this.side = scenario.parties[me - 1] === "consumer" ? "consumer" : "producer";
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
    const party = this.scenario.parties[this.me - 1];
    if (party === "consumer" || party === undefined) yield* this.#consume();
    else {
      for (const size of party) {
        yield* this.#push(size);
        this.own.index += 1;
      }
    }
    this.world.ended.push(this.me);
  }

  /** The lock, or the role. */
  *#take(name: string, ...locals: unknown[]): Steps {
    const { world, side, me } = this;
    for (;;) {
      const isFree = (): boolean => world[side] === 0 || world.dead.has(world[side]);
      yield { ...this.#step(name, ...locals), can: isFree };
      const found = world[side];
      if (found === 0) {
        world[side] = me;
        return;
      }
      yield* this.#recover(found, ...locals);
    }
  }

  *#recover(dead: number, ...locals: unknown[]): Steps {
    const { world, me } = this;
    yield* recovering(world, me, dead, () => this.#free(dead, ...locals), this.own, ...locals);
  }

  *#free(dead: number, ...locals: unknown[]): Steps {
    const { world, rules } = this;
    for (const role of SIDES) {
      yield this.#step("recover.look", role, dead, ...locals);
      if (world[role] !== dead || (rules.recoversNoLock && role === "producer")) continue;
      yield this.#step("recover.clear", role, dead, ...locals);
      world[`${OTHER[role]}Sleeps`] = 0;
      yield this.#step("recover.wake", role, dead, ...locals);
      this.#wakeAll(OTHER[role]);
      yield this.#step("recover.free", role, dead, ...locals);
      if (world[role] === dead) world[role] = 0;
    }
  }

  #isOf(who: number, side: Side): boolean {
    return (this.scenario.parties[who - 1] === "consumer") === (side === "consumer");
  }

  #wakeAll(side: Side): void {
    const { asleep } = this.world;
    let woken = 0;
    const stay = asleep.filter((who) => {
      const isMeant = this.#isOf(who, side) && !(this.rules.wakesOneProducer && side === "producer" && woken > 0);
      if (isMeant) woken += 1;
      return !isMeant;
    });
    asleep.splice(0, asleep.length, ...stay);
  }

  *#wakeFlag(side: Side, ...locals: unknown[]): Steps {
    yield this.#step("wake.clear", side, ...locals);
    this.world[`${side}Sleeps`] = 0;
    yield this.#step("wake.notify", side, ...locals);
    this.#wakeAll(side);
  }

  *#sleep(look: () => Steps<boolean>, ...locals: unknown[]): Steps {
    const { world, me, side, rules } = this;
    const flag = `${side}Sleeps` as const;
    yield this.#step("wait.flag", ...locals);
    world[flag] = 1;
    yield this.#step("wait.recheck", ...locals);
    if (yield* look()) {
      if (side === "producer" && !rules.unflagsForOthers) return;
      yield this.#step("wait.unflag", ...locals);
      world[flag] = 0;
      return;
    }
    yield this.#step("wait.sleep", ...locals);
    if (world[flag] !== 1) return;
    world.asleep.push(me);
    const isAwake = (): boolean => !world.asleep.includes(me);
    yield { ...this.#step("wait.asleep", ...locals), can: () => isAwake() || world.dead.size > 0 };
    if (isAwake()) return;
    world.asleep.splice(world.asleep.indexOf(me), 1);
    yield this.#step("wait.ask", ...locals);
    const other = world[OTHER[side]];
    if (other !== 0 && world.dead.has(other)) yield* this.#recover(other, "ask", ...locals);
  }

  *#push(size: number): Steps {
    const { world, own, rules, me } = this;
    const frame = size + 1;
    for (;;) {
      if (rules.readsPlacesBeforeLocking) yield* this.#readPlaces(size);
      if (!rules.takesNoLock) yield* this.#take("lock.take", size);
      if (!rules.readsPlacesBeforeLocking) yield* this.#readPlaces(size);
      const at = this.#find(frame);
      own.sleeps = 0;
      if (at >= 0) yield* this.#put(at, size);
      else if (this.#needsNextLap(own.write, own.read, frame) && !rules.neverLeavesALap) yield* this.#leaveLap(size);
      if (world.producer === me) yield* this.#unlock(size);
      const { sleeps } = own;
      own.write = own.read = own.sleeps = 0;
      if (sleeps !== 0) yield* this.#wakeFlag("consumer", size, at >= 0);
      if (at >= 0) return;
      yield* this.#sleep(() => this.#wouldFit(frame), size);
    }
  }

  *#unlock(size: number): Steps {
    yield this.#step("lock.release", size);
    this.world.producer = 0;
  }

  *#readPlaces(size: number): Steps {
    const { world, own } = this;
    yield this.#step("put.readWrite", size);
    own.write = world.write;
    yield this.#step("put.readRead", size);
    own.read = world.read;
  }

  #find(frame: number): number {
    const { own, length } = this;
    const place = this.#place(own.write);
    const free = this.rules.ignoresTheConsumer ? 99 : length - this.#used(own.write, own.read);
    if (frame <= length - place) return frame <= free ? place : -1;
    return frame <= free - (length - place) ? 0 : -1;
  }

  #needsNextLap(write: number, read: number, frame: number): boolean {
    const place = this.#place(write);
    const isInSameLap = this.#used(write, read) <= place || this.rules.leavesALapTooEarly;
    return frame > place && frame > this.length - place && isInSameLap;
  }

  *#wouldFit(frame: number): Steps<boolean> {
    const { world, length, rules } = this;
    yield this.#step("wait.readWrite", frame);
    const { write } = world;
    yield this.#step("wait.readRead", frame, write);
    const { read } = world;
    const used = this.#used(write, read);
    if (used > length) return true;
    const toEnd = length - this.#place(write);
    if (frame <= toEnd ? frame <= length - used : frame <= length - used - toEnd) return true;
    return this.#needsNextLap(write, read, frame) && !rules.looksForRoomAlone;
  }

  *#store(name: string, write: number, published: string | undefined, ...locals: unknown[]): Steps {
    const { world, own, rules } = this;
    const look = function* (this: MessagesParty): Steps {
      yield this.#step("wake.look", name, write, ...locals);
      own.sleeps = world.consumerSleeps;
    }.bind(this);
    if (rules.looksForSleepersFirst) yield* look();
    yield this.#step(name, write, ...locals);
    own.write = world.write = write;
    if (published !== undefined) world.published.push(published);
    if (!rules.looksForSleepersFirst) yield* look();
  }

  *#leaveLap(size: number): Steps {
    const place = this.#place(this.own.write);
    yield* this.#pad(place, size);
    yield* this.#store("put.leaveLap", this.#advanced(this.own.write, this.length - place), undefined, size);
  }

  *#pad(place: number, ...locals: unknown[]): Steps {
    yield this.#step("put.padding", place, ...locals);
    this.world.cells[place] = ["padding"];
  }

  *#put(at: number, size: number): Steps {
    const { world, own, rules, length, me } = this;
    const name = nameOf(me, own.index, size);
    const place = this.#place(own.write);
    const fill = function* (this: MessagesParty): Steps {
      for (let part = 1; part <= size; part += 1) {
        yield this.#step("put.fill", at, size, part);
        world.cells[at + part] = ["part", `${name} ${part}`];
      }
    }.bind(this);
    const head = function* (this: MessagesParty): Steps {
      yield this.#step("put.head", at, size);
      world.cells[at] = ["head", size];
    }.bind(this);
    const pads = at !== place && !rules.publishesWithoutPadding;
    if (!rules.publishesBeforeWriting) yield* fill();
    if (!rules.publishesBeforeTheHead) yield* head();
    if (pads && !rules.padsAfterPublishing) yield* this.#pad(place, at, size);
    if (rules.unlocksBeforePublishing) yield* this.#unlock(size);
    const by = size + 1 + (at === place ? 0 : length - place);
    yield* this.#store("put.publish", this.#advanced(own.write, by), name, at, size);
    if (pads && rules.padsAfterPublishing) yield* this.#pad(place, at, size);
    if (rules.publishesBeforeTheHead) yield* head();
    if (rules.publishesBeforeWriting) yield* fill();
  }

  *#consume(): Steps {
    const { world, own, rules, me } = this;
    yield* this.#take("role.take");
    yield this.#step("get.readRead");
    own.read = own.write = world.read;
    while (!isOver(world, this.scenario)) {
      const size = yield* this.#head("get");
      if (world.wrong !== undefined) return;
      if (size < 0) {
        yield* this.#sleep(() => this.#isThere());
        continue;
      }
      const place = this.#place(own.read);
      const index = world.released;
      const { next } = own;
      if (rules.releasesBeforeReading) yield* this.#advance("get.release", next, 1, place, size, index);
      for (let part = 1; part <= size; part += 1) {
        yield this.#step("get.copy", place, size, part, next, index);
        const cell = world.cells[place + part];
        const name = world.published[index];
        if (cell?.[0] !== "part" || cell[1] !== `${name} ${part}`) {
          world.wrong = `message ${index}, ${name}, was delivered as ${cell?.join(" ")}`;
        }
      }
      if (world.published[index]?.endsWith(`x${size}`) !== true)
        world.wrong = `${size} cells of ${world.published[index]}`;
      if (!rules.releasesBeforeReading) yield* this.#advance("get.release", next, 1);
    }
    yield this.#step("role.free");
    if (world.consumer === me) world.consumer = 0;
    yield* this.#wakeFlag("consumer");
  }

  *#isThere(): Steps<boolean> {
    return (yield* this.#head("recheck")) >= 0;
  }

  /** Cells of the first message, or -1. */
  *#head(where: "get" | "recheck"): Steps<number> {
    const { world, own, length, rules } = this;
    for (;;) {
      if (own.read === own.write) {
        yield this.#step("get.readWrite", where);
        own.write = world.write;
      }
      const used = this.#used(own.write, own.read);
      if (used === 0) return -1;
      const place = this.#place(own.read);
      yield this.#step("get.head", where);
      const cell = world.cells[place];
      if (cell?.[0] === "padding" && length - place <= used) {
        if (rules.keepsTheLapOfPadding && used === length - place) return -1;
        yield* this.#advance("get.leaveLap", this.#advanced(own.read, length - place), 0, where);
        continue;
      }
      if (cell?.[0] !== "head" || cell[1] + 1 > used || cell[1] + 1 > length - place) {
        world.wrong = `a frame of ${cell?.join(" ")} at ${place}`;
        return -1;
      }
      own.next = this.#advanced(own.read, cell[1] + 1);
      return cell[1];
    }
  }

  *#advance(name: string, read: number, messages: number, ...locals: unknown[]): Steps {
    const { world, own } = this;
    yield this.#step(name, read, ...locals);
    own.read = world.read = read;
    world.released += messages;
    yield this.#step("wake.look", name, ...locals);
    if (world.producerSleeps !== 0) yield* this.#wakeFlag("producer", name, ...locals);
  }
}
