/** Broadcasts from C and Node to C and Node, and after the deaths of writers of either language. */
import { spawnSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { peerGroup } from "../support/c/containers/group.js";
import type { Peer } from "../support/c/containers/peers.js";
import { type Compiler, COMPILERS, withoutCompilers } from "../support/c/gcc.js";
import { regionDirectory } from "../support/processes/processes.js";
import { byDepth } from "../support/run/depth.js";
import { Random, runSeed } from "../support/run/random.js";
import { tally } from "../support/run/tally.js";
import { suspend } from "../support/processes/stops.js";

const directory = regionDirectory();
const ELEMENTS = byDepth(50_000, 200_000, 1_000_000);
/** One in so many instructions. */
const STRIDE = byDepth(7, 3, 1);

/** What a reader says that was to follow so many elements. */
function counted(said: string): { readonly read: number; readonly missed: number } {
  expect(said).toMatch(/^ok read \d+ missed \d+ torn 0$/);
  const [, , read, , missed] = said.split(" ").map(Number);
  return { read: read ?? 0, missed: missed ?? 0 };
}

describe.skipIf(withoutCompilers !== undefined).each(COMPILERS)(
  `a broadcast in $name ${withoutCompilers ?? ""}`,
  (compiler) => {
    const group = peerGroup(directory, compiler);

    it("has one writer, and readers that know what they missed; a dead writer's role is taken over", async () => {
      const [a, b, c] = await Promise.all([group.start("C"), group.start("C"), group.start("C")]);
      for (const peer of [a, b]) expect(await peer.ask("join")).toMatch(/^ok/);
      // A reader takes no part.
      expect(await c.ask("tune")).toBe("ok");
      expect(await c.ask("follow 1 20")).toBe("timeout read 0 missed 0 torn 0");
      expect(await a.ask("publish 1")).toBe("not-owner");
      expect(await a.ask("broadcast")).toBe("ok");
      expect(await a.ask("broadcast")).toBe("owned");
      expect(await b.ask("broadcast")).toBe("busy");
      expect(await a.ask("publish 10")).toBe("ok");
      expect(await c.ask("follow 10 1000")).toBe("ok read 10 missed 0 torn 0");
      expect(await a.ask("publish 50")).toBe("ok");
      expect(await c.ask("follow 60 1000")).toBe("ok read 16 missed 34 torn 0");
      await a.kill();
      expect(await b.ask("broadcast")).toBe("ok");
      const follows = c.ask("follow 62 20000");
      expect(await b.ask("publish 2")).toBe("ok");
      expect(await follows).toBe("ok read 2 missed 0 torn 0");
      expect(await c.ask("published")).toBe("ok 62");
      expect(await b.ask("close-writer")).toBe("ok");
      expect(await b.ask("close-writer")).toBe("not-owner");
    });
  },
);

describe.skipIf(withoutCompilers !== undefined)(`a broadcast of C and Node ${withoutCompilers ?? ""}`, () => {
  const group = peerGroup(directory, COMPILERS[0] as Compiler, ["c", "js"]);
  async function joined(language: "C" | "Node"): Promise<Peer> {
    const peer = await group.start(language);
    expect(await peer.ask("join")).toMatch(/^ok/);
    return peer;
  }

  it.each([
    ["C", "Node"],
    ["Node", "C"],
  ] as const)("from %s is read by both, whole and in order, and goes on in %s", async (from, to) => {
    group.renew();
    const [writer, next] = [await joined(from), await joined(to)];
    const readers = await Promise.all([group.start("C"), group.start("Node")]);
    for (const reader of readers) expect(await reader.ask("tune")).toBe("ok");
    expect(await writer.ask("broadcast")).toBe("ok");
    expect(await next.ask("broadcast")).toBe("busy");
    const follows = readers.map((reader) => reader.ask(`follow ${ELEMENTS} 20000`));
    expect(await writer.ask(`publish ${ELEMENTS}`)).toBe("ok");
    for (const said of await Promise.all(follows)) {
      const { read, missed } = counted(said);
      expect(read + missed).toBe(ELEMENTS);
      expect(read).toBeGreaterThan(0);
    }
    await writer.kill();
    expect(await next.ask("broadcast")).toBe("ok");
    expect(await next.ask("publish 10")).toBe("ok");
    for (const reader of readers)
      expect(await reader.ask(`follow ${ELEMENTS + 10} 20000`)).toBe("ok read 10 missed 0 torn 0");
    expect(await readers[1]?.ask("rewind")).toBe("ok");
    expect(await readers[1]?.ask(`follow ${ELEMENTS + 10} 20000`)).toBe("ok read 16 missed 0 torn 0");
  });

  it("is read by Node after C died at any instruction of a publication", async () => {
    group.renew();
    const [node, kills] = [await joined("Node"), group.built.program("kills", COMPILERS[0] as Compiler)];
    expect(await node.ask("broadcast")).toBe("ok");
    expect(await node.ask("publish 20")).toBe("ok");
    expect(await node.ask("close-writer")).toBe("ok");
    expect(await node.ask("tune")).toBe("ok");
    const published = async (): Promise<number> => Number((await node.ask("published")).split(" ")[1]);
    let deaths = 0;
    for (let steps = 1, first = 20; ; steps += STRIDE) {
      const env = { ...process.env, SHMGEN_DIR: directory };
      const argv = [group.region, "publish", `${first}`, `${steps}`];
      const { stdout, status } = spawnSync(kills, argv, { env, encoding: "utf8" });
      expect([status, stdout]).toEqual([0, expect.stringMatching(/^(killed|ended)\n$/)]);
      if (stdout === "ended\n") break;
      deaths += 1;
      const after = await published();
      expect([first, first + 1]).toContain(after);
      expect(await node.ask("broadcast")).toBe("ok");
      expect(await node.ask("publish 1")).toBe("ok");
      expect(await node.ask("close-writer")).toBe("ok");
      expect(await node.ask(`follow ${after + 1} 20000`)).toBe(`ok read ${after + 1 - first} missed 0 torn 0`);
      first = after + 1;
    }
    console.log(`broadcast: C died ${deaths} times`);
    expect(deaths).toBeGreaterThan(20);
  });

  it("goes on while its writers, now in C and now in Node, are stopped and killed", { tags: ["soak"] }, async () => {
    group.renew();
    const random = new Random(runSeed("c-broadcast"));
    const lives = byDepth(10, 40, 500);
    let stops = 0;
    const readers = await Promise.all([group.start("C"), group.start("Node")]);
    for (const reader of readers) expect(await reader.ask("tune")).toBe("ok");
    for (let life = 0; life < lives; life += 1) {
      const writer = await joined(random.pick(["C", "Node"] as const));
      // Whoever recovers the one before may be stopped while it does.
      let taken = "busy";
      while (taken === "busy") taken = await writer.ask("broadcast");
      expect(taken).toBe("ok");
      const publishes = writer.ask("publish 100000000");
      await delay(random.integer(0, 60));
      if (random.chance(0.3)) {
        suspend(writer);
        stops += 1;
        await delay(random.integer(0, 120));
      }
      await writer.kill();
      expect(await publishes).toBe("it ended with SIGKILL");
      const [, published = ""] = ((await readers[0]?.ask("published")) ?? "").split(" ");
      const said = await Promise.all(readers.map((reader) => reader.ask(`follow ${published} 20000`)));
      for (const one of said) counted(one);
    }
    const [, published] = ((await readers[0]?.ask("published")) ?? "").split(" ").map(Number);
    tally("broadcasts of C and Node", { operations: published ?? 0, kills: lives, stops });
  });
});
