/** C and Node in the containers of one region, stopped and killed at any moment, and replaced by others of either language. */
import { setTimeout as delay } from "node:timers/promises";
import { expect, it } from "vitest";
import { peerGroup, type PeerGroup } from "../support/c/containers/group.js";
import type { Peer } from "../support/c/containers/peers.js";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { resume, suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
/** That are pushed at least, and popped. */
const ELEMENTS = byDepth(5000, 10_000, 2_000_000);
/** Lives of each part, at least. */
const LIVES = byDepth(4, 10, 150);
/** Of elements and turns in one command. */
const CHUNK = 500;

class Storm {
  readonly deaths = { C: 0, Node: 0 };
  stops = 0;
  #isProducing = true;
  /** Nobody speaks any more. */
  isSilent = false;
  /** Nobody is killed any more. */
  isOver = false;
  readonly #group: PeerGroup;
  readonly #random: Random;
  /** Never killed, and takes no part. */
  readonly #observer: Peer;

  constructor(group: PeerGroup, random: Random, observer: Peer) {
    this.#group = group;
    this.#random = random;
    this.#observer = observer;
  }

  /** Elements that were pushed, and that were popped. */
  async ring(): Promise<{ tail: number; head: number }> {
    const [, tail, head] = (await this.#observer.ask("ring")).split(" ").map(Number);
    return { tail: tail ?? 0, head: head ?? 0 };
  }

  /** A process for a part: does one command after the other until it is killed. `command` gives the next one, or nothing for now. */
  async life(role: string, command: () => Promise<string | undefined>): Promise<number> {
    const language = this.#random.pick(["C", "Node"] as const);
    const peer = await this.#group.start(language);
    expect(await peer.ask("join")).toMatch(/^ok/);
    // Whoever recovers the one before may be stopped while it does, for longer than a role is waited for.
    let taken = role === "" ? "ok" : "busy";
    while (taken === "busy") taken = await peer.ask(role);
    expect(taken).toBe("ok");
    let hasBegun = (): void => undefined;
    const begun = new Promise<void>((resolve) => (hasBegun = resolve));
    const work = this.#work(peer, command, hasBegun);
    // Some die before they have done anything; were it most of them, as on a busy machine, nobody would come to an end.
    if (this.#random.chance(0.75)) await Promise.race([begun, work]);
    await delay(this.#random.integer(0, 100));
    if (this.#random.chance(0.3)) {
      suspend(peer);
      this.stops += 1;
      await delay(this.#random.integer(0, 120));
      resume(peer);
      await delay(this.#random.integer(0, 20));
    }
    await peer.kill();
    this.deaths[language] += 1;
    return work;
  }

  /** How many commands were done. */
  async #work(peer: Peer, command: () => Promise<string | undefined>, hasBegun: () => void): Promise<number> {
    for (let done = 0; ;) {
      const next = await command();
      const said = next === undefined ? await peer.ask("counted") : await peer.ask(next);
      if (said.startsWith("it ended")) return done;
      // On a busy machine the other side may take longer to start than anybody waits for it.
      if (said === "timeout") continue;
      expect(said).toMatch(/^ok/);
      hasBegun();
      if (next !== undefined) done += 1;
    }
  }

  async produce(): Promise<void> {
    for (let lives = 0; lives < LIVES || (await this.ring()).tail < ELEMENTS; lives += 1) {
      await this.life("produce", async () => `push ${(await this.ring()).tail} ${CHUNK}`);
    }
    this.#isProducing = false;
  }

  /** Each consumer proves that it is given what is next, in order and whole. Until the last producer is gone, and all is consumed. */
  async consume(): Promise<void> {
    const left = async (): Promise<number> => {
      const { tail, head } = await this.ring();
      return tail - head;
    };
    for (let lives = 0; this.#isProducing || lives < LIVES || (await left()) > 0; lives += 1) {
      await this.life("consume", async () => {
        const { tail, head } = await this.ring();
        return tail === head ? undefined : `pop ${head} ${Math.min(CHUNK, tail - head)}`;
      });
    }
  }

  /** Each life is one who speaks: how often it did for sure, by who. */
  async speak(first: number): Promise<Map<number, number>> {
    const said = new Map<number, number>();
    for (let who = first; who < first + LIVES; who += 1) {
      let at = -CHUNK / 10;
      const done = await this.life("", async () => `say ${who} ${(at += CHUNK / 10)} ${CHUNK / 10}`);
      said.set(who, (done * CHUNK) / 10);
    }
    return said;
  }

  /** Each proves that it hears what is next of who speaks, or what one before it has heard. Until nobody speaks, and all is heard. */
  async listen(): Promise<void> {
    while (!this.isSilent) await this.life("listen", async () => `hear ${CHUNK} 50`);
  }

  /** How often it was done for sure, and at most: by the command in which each died. */
  async repeat(command: string): Promise<{ least: number; most: number }> {
    let least = 0;
    for (let lives = 0; lives < LIVES; lives += 1)
      least += CHUNK * (await this.life("", async () => `${command} ${CHUNK}`));
    return { least, most: least + LIVES * CHUNK };
  }

  /** What the observer says of values, again and again. */
  async read(): Promise<Set<string>> {
    const said = new Set<string>();
    // One that is gone answers at once, and this would never let anybody else run.
    while (!this.isOver && ![...said].some((one) => one.startsWith("it ended"))) {
      said.add(await this.#observer.ask("read 10000"));
    }
    return said;
  }
}

const group = peerGroup(directory, COMPILERS[0] as Compiler, ["c", "js"]);

it.skipIf(withoutCompilers !== undefined)(
  `${ELEMENTS} elements and ${LIVES} deaths of each part: all in order, no value torn, no turn lost ${withoutCompilers ?? ""}`,
  { tags: ["soak"] },
  async () => {
    const random = new Random(runSeed("c-containers-storm"));
    const storm = new Storm(group, random, await group.start("C"));
    const steady = await group.start("C");
    expect(await steady.ask("join")).toMatch(/^ok/);
    const turns = storm.repeat("count");
    const values = storm.repeat("write");
    const said = storm.read();
    try {
      await Promise.all([storm.produce(), storm.consume(), turns, values]);
    } finally {
      storm.isOver = true;
    }
    expect([...(await said)]).toEqual(["ok torn 0 back 0"]);
    const { tail, head } = await storm.ring();
    expect(head).toBe(tail);
    expect(tail).toBeGreaterThanOrEqual(ELEMENTS);
    const number = async (command: string): Promise<number> => Number((await steady.ask(command)).split(" ")[1]);
    const done: Record<string, number> = {};
    for (const [what, { least, most }] of [
      ["counted", await turns],
      ["sequence", await values],
    ] as const) {
      const found = await number(what);
      expect(found, what).toBeGreaterThanOrEqual(least);
      expect(found, what).toBeLessThanOrEqual(most);
      done[what] = found;
    }
    expect(await steady.ask("count 1")).toBe("ok");
    expect(await steady.ask("write 1")).toBe("ok");
    // What the dead had is free.
    expect(await steady.ask("acquire 0")).toMatch(/^ok/);
    expect(await steady.ask("produce")).toBe("ok");
    expect(await steady.ask("consume")).toBe("ok");
    for (const language of ["C", "Node"] as const) expect(storm.deaths[language]).toBeGreaterThan(0);
    const { C: killsOfC, Node: killsOfNode } = storm.deaths;
    tally("C and Node", {
      operations: head,
      kills: killsOfC + killsOfNode,
      stops: storm.stops,
      turns: done["counted"] ?? 0,
      updates: done["sequence"] ?? 0,
      killsOfC,
      killsOfNode,
    });
  },
);

it.skipIf(withoutCompilers !== undefined)(
  `messages of ${2 * LIVES} who are killed come whole and in order to those who listen and are killed ${withoutCompilers ?? ""}`,
  { tags: ["soak"] },
  async () => {
    group.renew();
    const random = new Random(runSeed("c-messages-storm"));
    const steady = await group.start("C");
    const storm = new Storm(group, random, steady);
    expect(await steady.ask("join")).toMatch(/^ok/);
    const listened = storm.listen();
    const [first, second] = await Promise.all([storm.speak(0), storm.speak(512)]).finally(
      () => (storm.isSilent = true),
    );
    await listened;
    // What nobody has heard.
    let listens = "busy";
    while (listens === "busy") listens = await steady.ask("listen");
    expect(await steady.ask("hear 1000000 100")).toMatch(/^ok/);
    let messages = 0;
    for (const [who, least] of [...first, ...second]) {
      const heard = Number((await steady.ask(`heard ${who}`)).split(" ")[1]);
      expect([heard >= least, heard <= least + CHUNK / 10], `${who}: ${heard} of ${least}`).toEqual([true, true]);
      messages += heard;
    }
    expect(messages).toBeGreaterThan(0);
    const { C: killsOfC, Node: killsOfNode } = storm.deaths;
    const kills = killsOfC + killsOfNode;
    tally("messages of C and Node", { operations: messages, kills, stops: storm.stops, killsOfC, killsOfNode });
  },
);
