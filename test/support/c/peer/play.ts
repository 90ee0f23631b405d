/**
 * A seeded play of peers in C and in Node on some regions: rounds of opening, adding, closing, dying before any step, waiting for who
 * initialises, and all that they say compared with a model of what must be.
 */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Peer } from "./peers.mjs";
import { Random, runSeed } from "../../run/random.js";

const NAMES = ["a", "b", "c"] as const;
/** How many of each language there are at most. */
const MOST = { C: 4, Node: 2 } as const;

/** What a region's file must be. "blank": empty or all zeros. "torn": begun and not finished. "whole": complete. */
interface Model {
  file: "absent" | "blank" | "torn" | "whole";
  generation: number;
  stamp: number;
  counter: number;
  holders: Set<Peer>;
}

type Language = Peer["language"];
type Mode = "createOrOpen" | "create" | "open";
type Stale = "reinitialise" | "keep" | "throw";

const steps = (part: string, names: string): string[] => names.split(" ").map((name) => `${part}.${name}`);
/** Those of the lock of changes, which is Windows' alone. */
const CHANGES = new Set([...steps("open", "lockChange unlockChange"), "close.lockChange"]);
const on = (isWindows: boolean, all: readonly string[]): string[] =>
  all.filter((step) => isWindows || !CHANGES.has(step));
/** Steps of C in order: up to the decision to make a region, and from there. */
const MAKING = steps(
  "open",
  "lockLifecycle openFile createFile lockChange tryShared tryExclusive checkName readHeader unlockChange unlockLifecycle",
);
const MADE = [
  ...steps("initialise", "allocate announceState announceGeneration announceMagic zero fillHeader payload markReady"),
  ...steps("share", "lockLifecycle takeShared unlockLifecycle"),
];
/** Of opening what others have open. */
const JOINING = steps(
  "open",
  "lockLifecycle openFile lockChange tryShared tryExclusive takeShared checkName readHeader unlockChange unlockLifecycle",
);

/** Of closing: before it is known who else is there, and with the file's name gone if nobody is. */
const LOOKING = steps("close", "unmap lockLifecycle lockChange tryExclusive");
const LEAVING = steps("close", "closeFile unlockLifecycle");

/** What the death of somebody leaves who was just before `step` of making `model` anew. */
function afterDeath(model: Model, step: string, stamp: number): void {
  const made = MADE.indexOf(step);
  const opening = MAKING.indexOf(step);
  const isBlank = model.file === "absent" || model.file === "blank";
  if (made === -1) {
    if (model.file === "absent" && opening > MAKING.indexOf("open.createFile")) model.file = "blank";
  } else if (made >= MADE.indexOf("share.lockLifecycle")) {
    Object.assign(model, { file: "whole", generation: isBlank ? 1 : model.generation + 1, stamp, counter: 0 });
  } else if (made <= MADE.indexOf("initialise.announceState")) {
    if (isBlank) model.file = "blank";
  } else {
    const stored = step === "initialise.announceGeneration" ? 0 : 1;
    model.generation = (isBlank ? 0 : model.generation) + stored;
    model.file = "torn";
  }
}

/** The answer to an open, and what it makes of the model. */
function opens(model: Model, peer: Peer, mode: Mode, onStale: Stale, stamp: number): string {
  const seen = (outcome: string): string => {
    model.holders.add(peer);
    return `${outcome} ${model.generation} ${model.stamp} ${model.counter} whole current`;
  };
  const make = (outcome: "created" | "reinitialised"): string => {
    const generation = outcome === "created" ? 1 : model.generation + 1;
    Object.assign(model, { file: "whole", generation, stamp, counter: 0 });
    return seen(outcome);
  };
  if (model.holders.size > 0) return mode === "create" ? "ERR_SHM_EXISTS" : seen("opened");
  if (model.file === "absent") return mode === "open" ? "ERR_SHM_NOT_FOUND" : make("created");
  if (mode === "open") return "ERR_SHM_STALE";
  if (model.file === "blank") return make("created");
  if (onStale === "throw") return "ERR_SHM_STALE";
  return model.file === "whole" && onStale === "keep" ? seen("opened") : make("reinitialised");
}

/** Regions by name, peers that have them open, and what must be true of them. */
class World {
  readonly models = new Map<string, Model>(
    NAMES.map((name) => [name, { file: "absent", generation: 0, stamp: 0, counter: 0, holders: new Set() }]),
  );
  readonly counts: Record<string, number> = {};
  readonly peers = new Set<Peer>();
  readonly cleanups = new Map<Peer, string>();
  readonly log: string[] = [];
  #stamps = 1000;

  readonly random: Random;
  readonly #start: Partial<Record<Language, () => Promise<Peer>>>;
  readonly languages: readonly Language[];
  readonly isWindows: boolean;

  constructor(random: Random, start: Play["start"], isWindows: boolean) {
    this.random = random;
    this.isWindows = isWindows;
    this.#start = start;
    this.languages = (["C", "Node"] as const).filter((language) => start[language] !== undefined);
  }

  /** One of those that there are, which are two or one. */
  language(share = 0.5): Language {
    const [first = "C", second = first] = this.languages;
    return this.random.chance(share) ? first : second;
  }

  start(language: Language): Promise<Peer> {
    return this.#start[language]?.() ?? Promise.reject(new Error(`there are no peers in ${language}`));
  }

  has(language: Language): boolean {
    return this.languages.includes(language);
  }

  stamp(): number {
    return (this.#stamps += 1000);
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1;
  }

  /** A peer that has nothing open. */
  async free(language?: Language, besides?: Peer): Promise<Peer> {
    const wanted = language ?? this.language();
    const most = MOST[wanted];
    const all = [...this.peers].filter((peer) => peer.language === wanted);
    const idle = all.filter((peer) => peer !== besides && this.held(peer) === undefined);
    if (idle.length > 0) return this.random.pick(idle);
    if (all.length < most) {
      const peer = await this.start(wanted);
      this.peers.add(peer);
      return peer;
    }
    const peer = this.random.pick(all.filter((one) => one !== besides));
    await this.close(peer);
    return peer;
  }

  held(peer: Peer): Model | undefined {
    return [...this.models.values()].find(({ holders }) => holders.has(peer));
  }

  gone(peer: Peer): void {
    this.held(peer)?.holders.delete(peer);
    this.peers.delete(peer);
    this.count(`${peer.language} killed`);
  }

  async open(peer: Peer, name: string, mode: Mode, onStale: Stale): Promise<void> {
    const model = this.models.get(name) as Model;
    const stamp = this.stamp();
    const cleanup = this.random.chance(0.2) ? "keep" : "last-close";
    const before = JSON.stringify(model);
    const expected = opens(model, peer, mode, onStale, stamp);
    const command = `open ${name} ${mode} ${onStale} 20000 ${stamp} ${cleanup}`;
    this.log.push(`${peer.language}: ${command} on ${before}`);
    expect(await peer.ask(command)).toBe(expected);
    if (expected.includes("whole")) this.cleanups.set(peer, cleanup);
    this.count(`${peer.language} ${expected.split(" ")[0]}`);
  }

  async close(peer: Peer): Promise<void> {
    const model = this.held(peer) as Model;
    this.log.push(`${peer.language}: close`);
    expect(await peer.ask("close")).toBe("ok");
    model.holders.delete(peer);
    if (model.holders.size === 0 && this.cleanups.get(peer) !== "keep") {
      model.file = "absent";
      this.count(`${peer.language} removed`);
    }
  }
}

type Round = (world: World, name: string, model: Model) => Promise<void>;

const openRound: Round = async (world, name) => {
  const { random } = world;
  const mode = random.pick(["createOrOpen", "createOrOpen", "create", "open"] as const);
  const onStale = random.pick(["reinitialise", "keep", "throw"] as const);
  await world.open(await world.free(), name, mode, onStale);
};

const useRound: Round = async (world, _name, model) => {
  if (model.holders.size === 0) return openRound(world, _name, model);
  const writer = world.random.pick([...model.holders]);
  const value = world.random.integer(1, 1000);
  expect(await writer.ask(`add ${value}`)).toBe("ok");
  model.counter += value;
  for (const peer of model.holders) {
    expect(await peer.ask("see")).toBe(`seen ${model.generation} ${model.stamp} ${model.counter} whole current`);
  }
};

const closeRound: Round = async (world, name, model) => {
  if (model.holders.size === 0) return openRound(world, name, model);
  await world.close(world.random.pick([...model.holders]));
};

const killRound: Round = async (world, name, model) => {
  if (model.holders.size === 0) return openRound(world, name, model);
  const peer = world.random.pick([...model.holders]);
  // A new Node process takes a tenth of a second, a new one in C a thousandth.
  if (peer.language === "Node" && world.random.chance(0.6)) return closeRound(world, name, model);
  await peer.kill();
  world.gone(peer);
};

/** A peer dies just before one step of opening. */
const dieOpening: Round = async (world, name, model) => {
  const stamp = world.stamp();
  if (model.holders.size === 0 && world.has("Node") && world.random.chance(0.1)) {
    const peer = await world.free("Node");
    await peer.ask("at initialise.payload kill");
    void peer.ask(`open ${name} createOrOpen reinitialise 20000 ${stamp} keep`).catch(() => undefined);
    await peer.reap();
    world.gone(peer);
    afterDeath(model, "initialise.payload", stamp);
    return;
  }
  const peer = await world.free("C");
  // `free` may have closed it just now.
  const isLive = model.holders.size > 0;
  const all = on(world.isWindows, isLive ? JOINING : [...MAKING, ...MADE]);
  const step = world.random.pick(all.filter((one) => model.file === "absent" || one !== "open.createFile"));
  world.log.push(`C: dies at ${step} of ${name} ${JSON.stringify(model)}`);
  await peer.ask(`at ${step} kill`);
  void peer.ask(`open ${name} createOrOpen reinitialise 20000 ${stamp} keep`);
  await peer.reap();
  world.gone(peer);
  if (!isLive) afterDeath(model, step, stamp);
};

const dieClosing: Round = async (world, name, model) => {
  const peer = [...model.holders].find((one) => one.language === "C" && world.cleanups.get(one) !== "keep");
  if (peer === undefined) return openRound(world, name, model);
  const last = model.holders.size === 1;
  const alone = last ? ["close.checkName", "close.unlink"] : [];
  const step = world.random.pick(on(world.isWindows, [...LOOKING, ...alone, ...LEAVING]));
  world.log.push(`C: dies at ${step} of ${name}`);
  await peer.ask(`at ${step} kill`);
  void peer.ask("close");
  await peer.reap();
  world.gone(peer);
  if (last && LEAVING.includes(step)) model.file = "absent";
};

/** One initialises and does not come to an end, without the lifecycle lock; one of the other language waits for it, until it is killed. */
const waitRound: Round = async (world, name, model) => {
  for (const peer of model.holders) await world.close(peer);
  const language = world.language(0.7);
  const inC = language === "C";
  const other = world.languages.find((one) => one !== language) ?? language;
  const first = await world.free(language);
  const waiter = await world.free(other, first);
  const step = inC ? world.random.pick(MADE.slice(0, -2)) : "initialise.payload";
  const stamp = world.stamp();
  world.log.push(`${first.language}: hangs at ${step} of ${name} ${JSON.stringify(model)}`);
  await first.ask(`at ${step} hang`);
  expect(await first.ask(`open ${name} createOrOpen reinitialise 20000 ${stamp} keep`)).toBe(`at ${step}`);
  // Stopped or not: it is not dead, and what it makes is nobody else's.
  if (world.random.chance(0.5)) await first.ask("stop");
  for (const [mode, code] of [
    ["create", "ERR_SHM_EXISTS"],
    ["createOrOpen", "ERR_SHM_NOT_READY"],
    ["open", "ERR_SHM_NOT_READY"],
  ] as const) {
    expect(await waiter.ask(`open ${name} ${mode} reinitialise 5 ${world.stamp()} keep`)).toBe(code);
  }
  const stampOfWaiter = world.stamp();
  const waiting = waiter.ask(`open ${name} createOrOpen reinitialise 20000 ${stampOfWaiter} last-close`);
  await new Promise((resolve) => setTimeout(resolve, world.random.integer(0, 10)));
  await first.kill();
  world.gone(first);
  afterDeath(model, step, stamp);
  const expected = opens(model, waiter, "createOrOpen", "reinitialise", stampOfWaiter);
  expect(await waiting).toBe(expected);
  world.cleanups.set(waiter, "last-close");
  world.count(`${waiter.language} waited for ${first.language}`);
};

/** Both languages open and close one name as fast as they can, and are killed at any instant. */
const stormRound: Round = async (world, name, model) => {
  const peers = [await world.free("C"), await world.free(world.has("Node") && world.random.chance(0.3) ? "Node" : "C")];
  const storm = new Set(peers);
  if (storm.size < 2 && world.peers.size < MOST.C + MOST.Node) {
    const another = await world.start("C");
    storm.add(another);
    world.peers.add(another);
  }
  for (const peer of model.holders) if (!storm.has(peer)) await world.close(peer);
  world.log.push(`storm of ${[...storm].map(({ language }) => language).join(" and ")} on ${name}`);
  for (const peer of storm) expect(await peer.ask(`cycle ${name} ${world.stamp() * 1000}`)).toBe("ok");
  for (const peer of storm) {
    await new Promise((resolve) => setTimeout(resolve, world.random.bits() / 2 ** 30));
    await peer.kill();
    world.gone(peer);
  }
  const judge = await world.free();
  const stamp = world.stamp();
  const answer = await judge.ask(`open ${name} createOrOpen reinitialise 1000 ${stamp} last-close`);
  expect(answer).toMatch(new RegExp(`^(created 1|reinitialised \\d+) ${stamp} 0 whole current$`));
  Object.assign(model, { file: "whole", generation: Number(answer.split(" ")[1]), stamp, counter: 0 });
  model.holders.add(judge);
  world.cleanups.set(judge, "last-close");
};

const RECIPE: readonly (readonly [weight: number, round: Round])[] = [
  [24, openRound],
  [14, useRound],
  [18, closeRound],
  [14, killRound],
  [12, dieOpening],
  [8, dieClosing],
  [6, waitRound],
  [4, stormRound],
];
const rounds = RECIPE.flatMap(([weight, round]) => Array<Round>(weight).fill(round));

/** What has to have happened, by who did it. */
function wanted({ languages }: World): string[] {
  const things = ["created", "reinitialised", "opened", "killed", "removed"];
  const [first = "C", second = first] = languages;
  return [
    ...languages.flatMap((language) => things.map((what) => `${language} ${what}`)),
    `${first} waited for ${second}`,
    `${second} waited for ${first}`,
  ];
}

/**
 * A peer in C on Windows dies before each step of opening and of closing once, by itself on a region that is not there, that was left behind, and that
 * it has; another one finds what the model says. @throws AssertionError
 */
export async function dieAtEveryStep(start: () => Promise<Peer>): Promise<number> {
  let deaths = 0;
  let stamp = 1000;
  const judge = await start();
  const dies = async (step: string, command: string, before?: string): Promise<void> => {
    const peer = await start();
    if (before !== undefined) await peer.ask(before);
    await peer.ask(`at ${step} kill`);
    void peer.ask(command).catch(() => undefined);
    await peer.reap();
    deaths += 1;
  };
  const judged = async (model: Model, name: string, step: string, cleanup = "last-close"): Promise<void> => {
    const wanted = opens(model, judge, "createOrOpen", "reinitialise", (stamp += 1000));
    expect(await judge.ask(`open ${name} createOrOpen reinitialise 20000 ${stamp} ${cleanup}`), step).toBe(wanted);
    expect(await judge.ask("close"), step).toBe("ok");
  };
  const empty = (): Model => ({ file: "absent", generation: 0, stamp: 0, counter: 0, holders: new Set() });
  for (const step of [...MAKING, ...MADE]) {
    for (const isThere of [false, true]) {
      if (isThere && step === "open.createFile") continue;
      const name = `${step}-${isThere}`;
      const model = empty();
      if (isThere) await judged(model, name, step, "keep");
      model.holders.clear();
      await dies(step, `open ${name} createOrOpen reinitialise 20000 ${(stamp += 1000)} keep`);
      afterDeath(model, step, stamp);
      await judged(model, name, step);
    }
  }
  for (const step of [...LOOKING, ...steps("close", "checkName unlink"), ...LEAVING]) {
    const model = empty();
    const open = `open ${step} createOrOpen reinitialise 20000 ${(stamp += 1000)} last-close`;
    await dies(step, "close", open);
    if (!LEAVING.includes(step)) Object.assign(model, { file: "whole", generation: 1, stamp });
    await judged(model, step, step);
  }
  await judge.kill();
  return deaths;
}

/** Steps at which who opens or closes has some lock of a file only because it looks who else has it. */
const CHANGING = {
  left: steps("open", "tryShared tryExclusive checkName readHeader unlockChange"),
  used: steps("open", "tryShared tryExclusive takeShared checkName readHeader unlockChange"),
  closing: steps("close", "tryExclusive checkName unlink"),
};

/**
 * A peer in C on Windows loses its lifecycle lock before each step at which others must not take it for a user, of a region that was left
 * behind, that somebody has, and that it closes. `opener` waits until its other locks have gone as well, and makes the region anew.
 * @throws AssertionError
 */
export async function losesLifecycle(start: () => Promise<Peer>, opener: Peer): Promise<void> {
  let stamp = 1000;
  for (const [how, all] of Object.entries(CHANGING)) {
    for (const step of all) {
      const name = `${opener.language}-${how}-${step}`;
      const open = (mode: Mode, timeoutMs: number): string =>
        `open ${name} ${mode} reinitialise ${timeoutMs} ${(stamp += 1000)} last-close`;
      const [user, dying] = [await start(), await start()];
      const first = how === "closing" ? dying : user;
      expect(await first.ask(`open ${name} createOrOpen reinitialise 20000 1000 last-close`)).toMatch(/^created 1 /);
      if (how === "left") await user.kill();
      await dying.ask(`lose ${step}`);
      expect(await dying.ask(how === "closing" ? "close" : open("createOrOpen", 20_000))).toBe(`at ${step}`);
      // Who cannot look whether he is the last one leaves the file.
      if (how === "used") expect(await user.ask("close")).toBe("ok");
      for (const mode of ["createOrOpen", "open"] as const)
        expect(await opener.ask(open(mode, 5)), name).toBe("ERR_SHM_NOT_READY");
      expect(await opener.ask(open("create", 5)), name).toBe("ERR_SHM_EXISTS");
      const waiting = opener.ask(open("createOrOpen", 20_000));
      const seen = `reinitialised 2 ${stamp} 0 whole current`;
      await dying.kill();
      expect(await waiting, name).toBe(seen);
      expect(await opener.ask("close")).toBe("ok");
      if (how !== "left") await user.kill();
    }
  }
}

/** How peers are started, and where their regions are, as this process sees them. */
export interface Play {
  readonly name: string;
  readonly rounds: number;
  readonly directory: string;
  readonly start: Partial<Record<Language, () => Promise<Peer>>>;
  /** Whether the peers in C take the steps on Windows. */
  readonly isWindows: boolean;
}

/** At least so many rounds. @throws AssertionError after printing the seed and the last steps */
export async function play({ name, rounds: least, directory, start, isWindows }: Play): Promise<void> {
  const seed = runSeed(name);
  const world = new World(new Random(seed), start, isWindows);
  const all = wanted(world);
  try {
    // What comes to pass is up to chance, so a few more rounds may be needed until everything has.
    const unseen = (): string | undefined => all.find((what) => (world.counts[what] ?? 0) <= least / 200);
    for (let round = 0; round < least || (unseen() !== undefined && round < 10 * least); round += 1) {
      const region = world.random.pick(NAMES);
      const model = world.models.get(region) as Model;
      world.log.splice(0, world.log.length - 12);
      await world.random.pick(rounds)(world, region, model);
      expect(readdirSync(directory).includes(region), `round ${round}: file of ${region}`).toBe(
        model.file !== "absent",
      );
    }
    expect(unseen()).toBeUndefined();
  } catch (error) {
    console.log(`SHMGEN_SEED=${seed}, the last steps:\n${world.log.join("\n")}`);
    throw error;
  } finally {
    await Promise.all([...world.peers].map((peer) => peer.kill()));
    for (const region of NAMES) rmSync(join(directory, region), { force: true });
  }
  console.log(`${least} rounds: ${JSON.stringify(world.counts)}`);
}
