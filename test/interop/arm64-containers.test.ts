/**
 * Containers between processes of arm64 and of this machine's processor, in C and in Node, and each after the other's SIGKILL. See arm64.test.ts.
 */
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Built, build, type Peer, startPeer } from "../support/c/containers/peers.js";
import { ARM64, COMPILERS, type Compiler, withoutArm64, withoutCompilers } from "../support/c/gcc.js";
import { givenEngines } from "../support/environments/given-engines.js";
import { regionDirectory } from "../support/processes/processes.js";

const NODE_PEER = join(import.meta.dirname, "../support/c/containers/peer.mjs");
const directory = regionDirectory();
const arm64 = givenEngines.get("arm64");
const withoutC = withoutCompilers ?? withoutArm64;
const withoutNode = arm64 === undefined ? "SHMGEN_TEST_ENGINES names no arm64" : withoutC;
const COUNT = 2000;

/** The last one has pages of 64 KiB, which the emulator cuts out of the machine's own. */
type Who = "C" | "Node" | "C on arm64" | "Node on arm64" | "C on arm64 with large pages";
const PAIRS: readonly (readonly [one: Who, other: Who, without: string | undefined])[] = [
  ["C on arm64", "Node", withoutC],
  ["Node on arm64", "Node", withoutNode],
  ["Node on arm64", "C", withoutNode],
  ["C on arm64 with large pages", "Node", withoutC],
];

let built: Built;
let programs: Readonly<Record<Who, readonly string[]>>;
beforeAll(async () => {
  if (withoutC !== undefined) return;
  built = await build(["c", "js"]);
  const [gcc] = COMPILERS;
  const arm64Peer = built.program("peer", ARM64);
  programs = {
    C: [built.program("peer", gcc as Compiler)],
    Node: [process.execPath, NODE_PEER, built.module],
    "C on arm64": [arm64Peer],
    "C on arm64 with large pages": ["env", "QEMU_PAGESIZE=65536", arm64Peer],
    "Node on arm64": [arm64 ?? "", NODE_PEER, built.module],
  };
}, 300_000);
afterAll(() => built?.remove());

const peers = new Set<Peer>();
afterEach(async () => {
  await Promise.all([...peers].map((peer) => peer.kill()));
  peers.clear();
});

/** Both in one region, which the other makes: of a file that is mapped before it is as long, the emulator of larger pages has a copy. */
async function startBoth(one: Who, other: Who, region: string): Promise<readonly [Peer, Peer]> {
  if (other.includes("arm64")) return [await start(one, region), await start(other, region)];
  const second = await start(other, region);
  return [await start(one, region), second];
}

/** One more in the region, who takes part in it. */
async function start(who: Who, region: string): Promise<Peer> {
  const peer = await startPeer([...programs[who], region], directory);
  peers.add(peer);
  expect(await peer.ask("join")).toMatch(/^ok/);
  return peer;
}

for (const [one, other, without] of PAIRS) {
  const skipped = without === undefined ? "" : ` (skipped: ${without})`;
  describe.skipIf(without !== undefined)(`${one} and ${other}${skipped}`, () => {
    it("count under one mutex, read each other's values whole, and hand on in rings", async () => {
      const region = randomUUID();
      const both = await startBoth(one, other, region);
      const [first, second] = both;
      const all = (command: string): Promise<string[]> => Promise.all(both.map((peer) => peer.ask(command)));
      expect(await all(`count ${COUNT}`)).toEqual(["ok", "ok"]);
      expect(await all("counted")).toEqual([`ok ${2 * COUNT}`, `ok ${2 * COUNT}`]);
      const [written, read] = await Promise.all([first.ask(`write ${COUNT}`), second.ask(`read ${COUNT}`)]);
      expect([written, read]).toEqual(["ok", "ok torn 0 back 0"]);
      for (const [from, to] of [
        [first, second],
        [second, first],
      ] as const) {
        expect([await from.ask("produce"), await to.ask("consume")]).toEqual(["ok", "ok"]);
        expect(await to.ask("produce")).toBe("busy");
        const moved = await Promise.all([from.ask(`push 0 ${COUNT}`), to.ask(`pop 0 ${COUNT}`)]);
        expect(moved).toEqual(["ok", `ok ${COUNT}`]);
        expect([await from.ask("close-producer"), await to.ask("close-consumer")]).toEqual(["ok", "ok"]);
        const changed = to.ask(`changed ${(await to.ask("sequence")).split(" ")[1]} 20000`);
        expect([await from.ask("write 1"), await changed]).toEqual(["ok", "ok"]);
      }
    });

    it.each([
      [one, other],
      [other, one],
    ])("%s dies with what it has, and %s goes on", async (dying, heir) => {
      const region = randomUUID();
      const [first, second] = await startBoth(dying, heir, region);
      for (const command of ["lock 0", "acquire 0", "produce", "push 0 10", "write 5"]) {
        expect(await first.ask(command), command).toMatch(/^ok/);
      }
      expect(await second.ask("lock 20")).toBe("busy");
      const waits = second.ask("lock 20000");
      if (dying.startsWith("Node")) expect(await first.ask("die-writing")).toBe("it ended with SIGKILL");
      else await first.kill();
      expect(await waits).toBe("abandoned");
      expect(await second.ask("take")).toBe("ok");
      expect(await second.ask("unlock")).toBe("ok");
      expect(await second.ask("free")).toBe("ok 2");
      expect(await second.ask("read 1")).toBe("ok torn 0 back 0");
      expect(await second.ask("write 1")).toBe("ok");
      expect(await second.ask("sequence")).toBe("ok 6");
      for (const command of ["produce", "consume", "push 10 5"]) expect(await second.ask(command), command).toBe("ok");
      expect(await second.ask("pop 0 15")).toBe("ok 15");
      // The number of who died is somebody else's now.
      const third = await start(dying, region);
      expect(await third.ask("lock 0")).toBe("ok");
      expect(await second.ask("lock 20")).toBe("busy");
    });
  });
}
